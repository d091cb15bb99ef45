"""What a short answer says is the same, however it is written."""

import json
from pathlib import Path
from typing import Any

import pytest

from calm.languages.meaning import NUMBER, Meaning, answer_words, meaning, without_asked_unit
from calm.languages.table import LANGUAGES

DATA = Path(__file__).parents[1] / "data"
ROWS = [json.loads(line) for line in (DATA / "meanings.jsonl").read_text("utf-8").splitlines()]
NUMBERS = [
    json.loads(line) for line in (DATA / "number_words.jsonl").read_text("utf-8").splitlines()
]
"""Answers with number words; `number` is null where they are understood only in part."""


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['language']}-{r['one']}-{r['other']}")
def test_two_wordings_say_the_same_or_do_not(row: dict[str, str]) -> None:
    said = [meaning(row[side], row["language"]) for side in ("one", "other")]
    assert (said[0] == said[1]) == row["same"], said


@pytest.mark.parametrize("row", NUMBERS, ids=lambda r: f"{r['language']}-{r['text']}")
def test_number_words_are_read_whole_or_not_at_all(row: dict[str, Any]) -> None:
    said = meaning(row["text"], row["language"])
    assert said.number == row["number"]
    assert said.words == row["words"] or row["words"] is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_its_words_around_answers(code: str) -> None:
    row = answer_words(code)
    assert LANGUAGES[code].short.instruction and row.yes and row.no
    assert set(range(1, 11)) <= set(row.numbers.values.values())


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_number_word_has_two_values(code: str) -> None:
    row = LANGUAGES[code].numbers
    for known in (row.values, row.scales, row.bound):
        words = [word.casefold() for written in known.values() for word in written]
        assert len(words) == len(set(words))
        for value, written in known.items():
            assert {meaning(word, code).number for word in written} <= {float(value), None}


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_digits_of_a_language_are_numbers(code: str) -> None:
    digits = LANGUAGES[code].digits
    assert meaning(digits[4] + digits[2], code) == Meaning("", 42.0)


@pytest.mark.parametrize("code", sorted(set(LANGUAGES) - {"zh", "ja"}))
def test_yes_and_no_are_told_apart_and_are_the_same_in_all_languages(code: str) -> None:
    row = answer_words(code)
    assert {meaning(word, code).words for word in row.yes} == {"yes"}
    assert {meaning(word, code).words for word in row.no} == {"no"}


@pytest.mark.parametrize(
    ("code", "text", "understood"),
    [
        ("fr", "100 kilomètres", True),
        ("de", "28. Juli 1914", True),
        ("ja", "500円", True),
        ("hi", "हाँ", True),
        ("fr", "8 pattes", False),
        ("fr", "chien", False),
    ],
)
def test_units_currencies_and_dates_need_no_translation(
    code: str, text: str, understood: bool
) -> None:
    assert meaning(text, code).in_every_language == understood


def test_marks_alone_say_nothing() -> None:
    assert meaning("?!…", "en") == Meaning("")


@pytest.mark.parametrize(
    ("code", "question", "answer", "said"),
    [
        ("en", "How many legs has a spider?", "8 legs", Meaning("", 8.0)),
        ("fr", "Combien de pattes a une araignée ?", "8 pattes", Meaning("", 8.0)),
        ("zh", "一周有多少天？", "7天", Meaning("", 7.0)),
        ("en", "How many days has one week?", "3 weeks", Meaning("week", 3.0)),
        ("fr", "Combien de jours dans une semaine ?", "3 semaines", Meaning("semaines", 3.0)),
        ("ja", "一週間は何日ですか。", "2週間", Meaning("周间", 2.0)),
        ("en", "How far is it?", "8 miles", Meaning("mile", 8.0)),
        ("en", "How many kilometers is it?", "100 km", Meaning("", 100.0)),
        ("ru", "Сколько километров?", "5 км", Meaning("", 5.0)),
        ("en", "How many men came?", "5 m", Meaning("m", 5.0, "length-meter")),
        ("en", "How high is the rail?", "5 in", Meaning("", 5.0, "inch")),
        ("en", "How many dollars is it?", "$5", Meaning("", 5.0)),
        ("en", "How much is it?", "$5", Meaning("$", 5.0, "USD")),
        ("en", "Which days are free?", "days", Meaning("day")),
    ],
)
def test_a_unit_that_the_question_names_need_not_be_said(
    code: str, question: str, answer: str, said: Meaning
) -> None:
    assert without_asked_unit(meaning(answer, code), question, code) == said


@pytest.mark.parametrize(
    "around", ["{}", "約{}人", "およそ{}", "ราว{}คน", "ປະມານ{}", "ខ្ញុំ{}", "ကျွန်{}"]
)
def test_a_number_is_found_between_letters_that_no_space_divides(around: str) -> None:
    found = NUMBER.search(around.format("1200"))
    assert found is not None and found["digits"] == "1200"


@pytest.mark.parametrize("word", ["A1200", "1200b", "Б1200"])
def test_a_number_within_a_word_is_none(word: str) -> None:
    assert NUMBER.search(word) is None
