"""Votes become preference pairs that say one thing: prefer what the languages agree on."""

from collections import Counter

import pytest

from calm.config import PairsConfig
from calm.pairs.build import Translated, balanced, pairs
from calm.records import PreferencePair, Question, Response
from calm.voting.vote import vote

CHOICES = {
    "en": ("ant", "bee", "cow"),
    "fr": ("fourmi", "abeille", "vache"),
    "ja": ("アリ", "ハチ", "ウシ"),
}
ALWAYS = PairsConfig(min_vote_share=0.0, max_pairs_per_language=2)

Answers = dict[str, list[int | None]]


def made(
    answered: dict[str, Answers], config: PairsConfig = ALWAYS, explains: bool = False
) -> list[PreferencePair]:
    """Return the pairs of some questions, given as id -> language -> answers."""
    groups = {
        identity: {code: Question(identity, code, f"{identity}?", CHOICES[code]) for code in given}
        for identity, given in answered.items()
    }
    responses = [
        Response(identity, code, n, "fake", f"Sample {n}. Answer: ?", (0, 1, 2), answer)
        for identity, given in answered.items()
        for code, answers in given.items()
        for n, answer in enumerate(answers)
    ]
    votes = vote(responses, dict.fromkeys(answered, 3), "plurality")[0]
    return list(
        pairs(votes, responses, groups, config, lambda q, order: f"{q.text}{order}", explains)
    )


def sides(rows: list[PreferencePair]) -> list[tuple[str, str, str]]:
    return [(row.language, row.chosen, row.rejected) for row in rows]


def test_chosen_states_the_winner_and_rejected_what_the_language_said_instead() -> None:
    config = PairsConfig(0.0, max_pairs_per_language=1)
    rows = made({"q": {"en": [1, 1], "fr": [1, 0], "ja": [2, 1]}}, config)
    assert sides(rows) == [
        ("en", " bee", " ant"),
        ("fr", " abeille", " fourmi"),
        ("ja", "ハチ", "ウシ"),
    ]


def test_a_pair_keeps_its_question_prompt_and_source() -> None:
    (row, *_) = made({"q": {"en": [1, 0], "fr": [1]}})
    assert (row.question_id, row.prompt, row.chosen_language, row.source) == (
        "q",
        "q?(0, 1, 2)",
        "en",
        "vote",
    )


@pytest.mark.parametrize(
    ("share", "used"), [(0.6, True), (0.74, True), (0.75, True), (0.76, False)]
)
def test_only_votes_with_the_wanted_share_are_used(share: float, used: bool) -> None:
    rows = made({"q": {"en": [1, 1], "fr": [1, 0]}}, PairsConfig(min_vote_share=share))
    assert bool(rows) == used


@pytest.mark.parametrize(
    "answers", [{"en": [1], "fr": [0]}, {"en": [None], "fr": [None]}], ids=["tie", "unreadable"]
)
def test_a_vote_without_a_winner_makes_no_pair(answers: Answers) -> None:
    assert made({"q": answers}) == []


def test_a_language_that_agrees_rejects_first_what_the_others_confuse_the_winner_with() -> None:
    rows = made({"q": {"en": [1, 1, 1], "fr": [1, 2, 2], "ja": [1, 1, 0]}})
    english = [side for side in sides(rows) if side[0] == "en"]
    assert english == [("en", " bee", " cow"), ("en", " bee", " ant")]


def test_a_languages_own_mistakes_come_before_the_other_wrong_choices() -> None:
    rows = made({"q": {"en": [1, 2, 2], "fr": [1, 1, 0]}})
    assert [row.rejected for row in rows if row.language == "fr"] == [" fourmi", " vache"]


def test_a_language_that_agrees_gets_nothing_where_that_is_not_wanted() -> None:
    config = PairsConfig(min_vote_share=0.0, agreeing_languages=False)
    rows = made({"q": {"en": [1, 1], "fr": [1, 2]}}, config)
    assert sides(rows) == [("fr", " abeille", " vache")]


def test_where_all_responses_agree_every_other_choice_is_rejected_unless_that_is_not_wanted() -> (
    None
):
    agreed: Answers = {"en": [1, 1], "fr": [1, 1]}
    assert [row.rejected for row in made({"q": agreed})] == [" ant", " cow", " fourmi", " vache"]
    assert made({"q": agreed}, PairsConfig(0.0, agreeing_languages=False)) == []


def test_unreadable_responses_are_rejected_by_no_pair_of_a_base_model() -> None:
    config = PairsConfig(0.0, agreeing_languages=False)
    assert made({"q": {"en": [1, 1], "fr": [1, None]}}, config) == []


def test_no_pair_has_two_equal_sides() -> None:
    question = Question("q", "en", "?", ("radical", "radical", "radical"))
    responses = [Response("q", "en", n, "fake", "", (0, 1, 2), a) for n, a in enumerate([0, 0, 1])]
    rows = pairs(
        vote(responses, {"q": 3}, "plurality")[0],
        responses,
        {"q": {"en": question}},
        ALWAYS,
        lambda q, o: "",
        False,
    )
    assert list(rows) == []


def test_a_question_and_language_has_at_most_so_many_pairs_the_commonest_mistake_first() -> None:
    answers: Answers = {"en": [1, 1, 1, 1, 1], "fr": [1, 0, 2, 2]}
    for most, rejected in ((1, [" vache"]), (2, [" vache", " fourmi"]), (9, [" vache", " fourmi"])):
        config = PairsConfig(0.0, max_pairs_per_language=most, agreeing_languages=False)
        assert [row.rejected for row in made({"q": answers}, config)] == rejected


def test_the_same_mistake_made_twice_is_one_pair() -> None:
    config = PairsConfig(0.0, agreeing_languages=False)
    rows = made({"q": {"en": [1, 1, 1], "fr": [1, 0, 0]}}, config)
    assert sides(rows) == [("fr", " abeille", " fourmi")]


def pair(language: str, question_id: str, rejected: str) -> PreferencePair:
    return PreferencePair(question_id, language, "?", "yes", rejected, language)


def test_every_language_gives_as_many_pairs_as_the_one_with_fewest() -> None:
    rows = {
        "en": [pair("en", "a", "1")],
        "fr": [pair("fr", "a", "1"), pair("fr", "b", "1"), pair("fr", "c", "1")],
        "ja": [pair("ja", "a", "1"), pair("ja", "b", "1")],
    }
    assert Counter(row.language for row in balanced(rows)) == {"en": 1, "fr": 1, "ja": 1}


def test_a_pair_that_is_there_twice_counts_once() -> None:
    twice = [pair("en", "a", "1"), pair("en", "a", "1")]
    rows = balanced({"en": twice, "fr": [pair("fr", "a", "1"), pair("fr", "b", "1")]})
    assert Counter(row.language for row in rows) == {"en": 1, "fr": 1}


def test_a_language_without_any_pair_does_not_keep_the_others_from_theirs() -> None:
    rows = balanced({"en": [], "fr": [pair("fr", "a", "1")]})
    assert [row.language for row in rows] == ["fr"]


def test_balancing_drops_second_pairs_of_a_question_before_first_ones() -> None:
    french = [pair("fr", "a", "1"), pair("fr", "a", "2"), pair("fr", "b", "1")]
    english = [pair("en", "a", "1"), pair("en", "b", "1")]
    rows = [row for row in balanced({"en": english, "fr": french}) if row.language == "fr"]
    assert [row.question_id for row in rows] == ["a", "b"]


def response(
    language: str, n: int, text: str, order: tuple[int, ...], answer: int | None, stated: str = ""
) -> Response:
    span = (text.rindex(stated), text.rindex(stated) + len(stated)) if stated else None
    return Response("q", language, n, "fake", text, order, answer, span)


def chat_pairs(
    language: str,
    own: list[Response],
    translated: Translated | None = None,
    config: PairsConfig | None = None,
    letters: str | None = None,
    elsewhere: str = "It buzzes. Answer: B",
) -> list[PreferencePair]:
    """Pairs of one language of a chat model, where English has settled the vote for choice 1."""
    settled = [response("en", n, elsewhere, (0, 1, 2), 1, "B") for n in range(9)]
    codes = ("en", language)
    groups = {"q": {code: Question("q", code, "?", CHOICES[code]) for code in codes}}
    responses = [*settled, *own]
    rows = pairs(
        vote(responses, {"q": 3}, "plurality")[0],
        responses,
        groups,
        config or PairsConfig(min_vote_share=0.0, max_pairs_per_language=9),
        lambda q, order: f"shown {order}",
        explains=True,
        letters=letters,
        translated=translated,
    )
    return [row for row in rows if row.language == language]


def into(text: str, from_code: str, to_code: str) -> str:
    return f"{text} ({from_code} in {to_code})"


def impossible(text: str, from_code: str, to_code: str) -> str | None:
    raise AssertionError("nothing is to be translated here")


def test_both_sides_are_what_the_language_said_itself_in_one_form() -> None:
    yes = response("fr", 0, "**Explication:**\n\nElle vole.\n\n**Réponse: B**", (0, 1, 2), 1, "B")
    no = response("fr", 1, "Elle marche. Réponse : A\n\nNote : voilà.", (0, 1, 2), 0, "A")
    (row,) = chat_pairs("fr", [yes, no])
    assert row.chosen == "Explication : Elle vole.\nRéponse : B. abeille"
    assert row.rejected == "Explication : Elle marche.\nRéponse : A. fourmi"
    assert row.chosen_language == "fr"


def test_both_sides_use_the_letters_of_the_order_that_the_prompt_shows() -> None:
    yes = response("fr", 0, "Réponse : C", (2, 0, 1), 1, "C")
    no = response("fr", 1, "Réponse : C. fourmi", (1, 2, 0), 0, "C. fourmi")
    (row,) = chat_pairs("fr", [yes, no])
    assert row.prompt == "shown (2, 0, 1)"
    assert row.chosen == "Réponse : C. abeille"
    assert row.rejected == "Réponse : B. fourmi"


@pytest.mark.parametrize(
    ("letters", "chosen", "rejected"),
    [(None, "答え：イ. ハチ", "答え：ウ. ウシ"), ("ABCDEFGH", "答え：B. ハチ", "答え：C. ウシ")],
)
def test_letters_are_the_languages_own_or_those_that_the_prompt_shows(
    letters: str | None, chosen: str, rejected: str
) -> None:
    yes = response("ja", 0, "答え：B", (0, 1, 2), 1, "B")
    no = response("ja", 1, "答え：ウです", (0, 1, 2), 2, "ウ")
    (row,) = chat_pairs("ja", [yes, no], letters=letters)
    assert (row.chosen, row.rejected) == (chosen, rejected)


def test_a_rejected_response_is_set_against_the_chosen_one_nearest_in_length() -> None:
    short = response("fr", 0, "Oui. Réponse : B", (0, 1, 2), 1, "B")
    long = response("fr", 1, "Parce qu'elle vole. Réponse : B", (0, 1, 2), 1, "B")
    no = response("fr", 2, "Parce qu'elle broute. Réponse : C", (0, 1, 2), 2, "C")
    (row,) = chat_pairs("fr", [short, long, no])
    assert row.chosen == "Explication : Parce qu'elle vole.\nRéponse : B. abeille"


def test_an_explained_answer_is_not_set_against_a_bare_one() -> None:
    yes = response("fr", 0, "Elle vole. Réponse : B", (0, 1, 2), 1, "B")
    bare = response("fr", 1, "Réponse : A", (0, 1, 2), 0, "A")
    assert chat_pairs("fr", [yes, bare]) == []


def test_a_response_without_an_answer_is_in_no_pair() -> None:
    yes = response("fr", 0, "Elle vole. Réponse : B", (0, 1, 2), 1, "B")
    assert chat_pairs("fr", [yes, response("fr", 1, "Je ne sais pas.", (0, 1, 2), None)]) == []


def test_choices_with_the_same_words_make_no_pair() -> None:
    question = Question("q", "en", "?", ("radical", "Radical", "cow"))
    texts = [("So. Answer: A", 0, "A"), ("So. Answer: A", 0, "A"), ("Thus. Answer: B", 1, "B")]
    responses = [
        response("en", n, text, (0, 1, 2), answer, stated)
        for n, (text, answer, stated) in enumerate(texts)
    ]
    groups = {"q": {"en": question}}
    made_of = vote(responses, {"q": 3}, "plurality")[0]
    assert list(pairs(made_of, responses, groups, ALWAYS, lambda q, o: "", True)) == []


NO = response("fr", 0, "Elle marche. Réponse : A", (0, 1, 2), 0, "A")


def test_a_language_in_which_no_response_agrees_has_no_pair_without_a_translator() -> None:
    assert chat_pairs("fr", [NO]) == []


def test_a_language_in_which_no_response_agrees_gets_a_translated_chosen_marked_as_such() -> None:
    (row,) = chat_pairs("fr", [NO], into)
    assert row.chosen == "Explication : It buzzes. (en in fr)\nRéponse : B. abeille"
    assert row.rejected == "Explication : Elle marche.\nRéponse : A. fourmi"
    assert (row.language, row.chosen_language) == ("fr", "en")


def test_a_response_of_the_language_itself_goes_before_any_translation() -> None:
    yes = response("fr", 1, "Elle vole. Réponse : B", (0, 1, 2), 1, "B")
    (row,) = chat_pairs("fr", [NO, yes], impossible)
    assert row.chosen_language == "fr"


def test_a_bare_answer_of_the_language_itself_keeps_a_translation_out_too() -> None:
    bare = response("fr", 1, "Réponse : B", (0, 1, 2), 1, "B")
    assert chat_pairs("fr", [NO, bare], impossible) == []


def test_translated_chosen_sides_can_be_left_out() -> None:
    config = PairsConfig(min_vote_share=0.0, translated_chosen=False)
    assert chat_pairs("fr", [NO], impossible, config) == []


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_cannot_be_translated_makes_no_pair(nothing: str | None) -> None:
    assert chat_pairs("fr", [NO], lambda text, here, there: nothing) == []


@pytest.mark.parametrize("bare", ["Answer: B", "B"])
def test_an_answer_without_an_explanation_has_nothing_to_translate(bare: str) -> None:
    assert chat_pairs("fr", [NO], impossible, elsewhere=bare) == []


def test_translations_come_from_the_language_that_agrees_most() -> None:
    given = {
        "en": ["It walks. Answer: B", "It walks. Answer: B"],
        "fr": ["Elle vole. Réponse : B"] * 3,
        "ja": ["歩く。答え：A"],
    }
    responses = [
        response(code, n, text, (0, 1, 2), "AB".index(text[-1]), text[-1])
        for code, texts in given.items()
        for n, text in enumerate(texts)
    ]
    groups = {"q": {code: Question("q", code, "?", CHOICES[code]) for code in given}}
    made_of = vote(responses, {"q": 3}, "plurality")[0]
    (row,) = pairs(made_of, responses, groups, ALWAYS, lambda q, o: "", True, translated=into)
    assert (row.language, row.chosen_language) == ("ja", "fr")
    assert row.chosen == "解説：Elle vole. (fr in ja)\n答え：イ. ハチ"


def test_the_same_responses_make_the_same_pairs() -> None:
    own = [response("fr", n, f"Non {n}. Réponse : A", (0, 1, 2), 0, "A") for n in range(3)]
    assert chat_pairs("fr", own, into) == chat_pairs("fr", own, into) != []
