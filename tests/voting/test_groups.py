"""Answers of all languages come into groups that say the same; the rest is kept apart, and said."""

import pytest

from calm.voting.groups import NotCompared, Pivoted, distance, is_same_name, read_all, untranslated
from tests.free_makers import compared, pivot, responses, versions


def labels(said: dict[str, list[str]], **more: dict[tuple[str, str], Pivoted]) -> list[str]:
    return [group.label for group in compared(said, more.get("pivoted")).groups]


def test_answers_that_differ_in_writing_alone_are_one_group() -> None:
    assert labels({"en": ["Bees.", "the bees", "a bee"]}) == ["Bees"]


def test_numbers_are_the_same_in_all_languages_and_scripts_without_translation() -> None:
    said = {"en": ["8", "eight legs"], "zh": ["八条"], "ar": ["٨"], "de": ["acht Beine"]}
    found = compared(said)
    assert [group.count for group in found.groups] == [5]
    assert found.groups[0].languages == ("en", "zh", "ar", "de")
    assert untranslated(versions(list(said)), responses(said), read_all(responses(said))) == []


def test_a_translation_brings_words_of_two_languages_together() -> None:
    found = compared({"en": ["bees"], "zh": ["蜜蜂"]}, pivot("zh", "蜜蜂", "the bee"))
    assert [group.count for group in found.groups] == [2]
    assert found.groups[0].label == "bees"


def test_a_name_in_two_spellings_is_one() -> None:
    assert labels({"en": ["Tokyo"], "es": ["Tokio"]}) == ["Tokyo"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Tokyo", "Tokio", True),
        ("México", "Mexico", True),
        ("Shakespeare", "Shakspere", True),
        ("horse", "house", False),
        ("Austria", "Australia", False),
        ("Iran", "Iraq", False),
        ("Gambia", "Zambia", False),
        ("Apollo 11", "Apollo 12", False),
    ],
)
def test_names_may_differ_by_a_letter_and_words_may_not(one: str, other: str, same: bool) -> None:
    assert is_same_name(one, other) == same


def test_distance_counts_letters_put_in_taken_out_or_changed() -> None:
    assert [distance("kitten", w) for w in ("kitten", "sitten", "sitting", "kit", "")] == [
        *(0, 1, 3, 3),
        6,
    ]


def test_only_what_english_does_not_say_in_the_same_letters_needs_a_translation() -> None:
    said = {"en": ["Paris", "gold"], "fr": ["Paris", "or"], "es": ["oro", "Sí", "5"]}
    wanted = untranslated(versions(list(said)), responses(said), read_all(responses(said)))
    assert wanted == [("fr", "or"), ("es", "oro")]


def test_one_language_alone_needs_no_translation() -> None:
    said = {"fr": ["or", "cuivre"]}
    assert untranslated(versions(["fr"]), responses(said), read_all(responses(said))) == []
    assert labels(said) == ["cuivre", "or"]


def test_what_could_not_be_compared_is_said_with_its_reason_and_counts_for_nothing() -> None:
    said = {
        "en": ["bees", "I don't know", "", "a text that goes on and on and never says a thing"],
        "de": ["Quux", "Quux"],
    }
    tried = ("quack", "Quak")
    found = compared(said, {("de", "Quux"): Pivoted(None, None, "no way back", tried)})
    assert [(row.language, row.count, row.reason) for row in found.not_compared] == [
        ("en", 1, "refusal"),
        ("en", 1, "empty"),
        ("en", 1, "long"),
        ("de", 2, "no way back"),
    ]
    assert found.not_compared[-1] == NotCompared("de", "Quux", 2, "no way back", tried)
    assert (sum(found.vote.counts), found.vote.unreadable) == (1, 5)
    assert found.vote.by_language == {"en": 0, "de": None}


def test_every_response_is_in_a_group_or_among_those_that_could_not_be_compared() -> None:
    said = {"en": ["bees", "?"], "de": ["Bienen", "die Bienen", "Hund"], "fr": ["abeilles"]}
    pivoted = {
        ("de", "Bienen"): Pivoted(None, None, "unchanged"),
        **pivot("de", "die Bienen", "bees"),
        ("de", "Hund"): Pivoted(None, None),
        **pivot("fr", "abeilles", "bees"),
    }
    found = compared(said, pivoted)
    grouped = sum(group.count for group in found.groups)
    assert grouped + sum(row.count for row in found.not_compared) == 6
    assert [group.count for group in found.groups] == [4]


def test_two_languages_that_write_the_same_compare_even_if_nobody_can_translate_it() -> None:
    failed = {("it", "oro"): Pivoted(None, None), ("es", "oro"): Pivoted(None, None)}
    found = compared({"es": ["oro"], "fr": ["oro"]}, failed)
    assert [group.languages for group in found.groups] == [("es", "fr")]


def test_the_largest_group_wins_with_its_share_and_a_tie_has_no_winner() -> None:
    found = compared({"en": ["7", "8", "8"], "de": ["8"]})
    assert (found.vote.winner, found.vote.share) == (0, 0.75)
    assert found.groups[0].label == "8"
    assert compared({"en": ["7"], "de": ["8"]}).vote.winner is None


def test_with_nothing_to_compare_there_is_no_group_and_no_winner() -> None:
    found = compared({"en": ["", ""]})
    assert (found.groups, found.vote.winner, found.vote.unreadable) == ((), None, 2)


def test_each_response_keeps_where_its_answer_stands() -> None:
    found = compared({"en": ["It is 8. I counted."]})
    start, end = found.responses[0].answer_span or (0, 0)
    assert "It is 8. I counted."[start:end].endswith("8")


def test_a_group_of_numbers_is_called_by_its_digits() -> None:
    said = {"en": ["1000000000000000000"], "de": ["1.000.000.000.000.000.000"], "fr": ["0,0000005"]}
    assert {group.label for group in compared(said).groups} == {"1000000000000000000", "0.0000005"}


@pytest.mark.parametrize(("one", "other"), [("1" * 255, "1" * 254 + "2"), ("9" * 400, "8" * 400)])
def test_numbers_too_long_to_be_told_apart_are_compared_as_they_are_written(
    one: str, other: str
) -> None:
    groups = compared({"en": [one, other], "de": [one]}).groups
    assert [(group.label, group.count) for group in groups] == [(one, 2), (other, 1)]
