"""Votes become preference pairs that say one thing: prefer what the languages agree on."""

from collections import Counter

import pytest

from calm.config import PairsConfig
from calm.pairs import balanced, pairs
from calm.records import PreferencePair, Question, Response
from calm.vote import vote

CHOICES = {
    "en": ("ant", "bee", "cow"),
    "fr": ("fourmi", "abeille", "vache"),
    "ja": ("アリ", "ハチ", "ウシ"),
}
ALWAYS = PairsConfig(min_vote_share=0.0)

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


def explained(
    language: str, n: int, text: str, order: tuple[int, ...], answer: int | None, stated: str = ""
) -> Response:
    span = (text.index(stated), text.index(stated) + len(stated)) if stated else None
    return Response("q", language, n, "fake", text, order, answer, span)


def chat_pairs(language: str, own: list[Response]) -> list[PreferencePair]:
    """Pairs of one language of a chat model, where English has settled the vote for choice 1."""
    settled = [explained("en", n, "Answer: B", (0, 1, 2), 1, "B") for n in range(9)]
    codes = ("en", language)
    groups = {"q": {code: Question("q", code, "?", CHOICES[code]) for code in codes}}
    responses = [*settled, *own]
    rows = pairs(
        vote(responses, {"q": 3}, "plurality")[0],
        responses,
        groups,
        PairsConfig(min_vote_share=0.0, max_pairs_per_language=9),
        lambda q, order: f"shown {order}",
        explains=True,
    )
    return [row for row in rows if row.language == language]


def test_a_chat_model_is_trained_on_what_it_said_itself_in_that_language() -> None:
    yes = explained("fr", 0, "Elle vole. Réponse : B. abeille", (0, 1, 2), 1, "B. abeille")
    no = explained("fr", 1, "Elle marche. Réponse : A", (0, 1, 2), 0, "A")
    (row,) = chat_pairs("fr", [yes, no])
    assert row.chosen == "Elle vole. Réponse : B. abeille"
    assert row.rejected == "Elle marche. Réponse : A. fourmi"
    assert row.chosen_language == "fr"


def test_both_sides_use_the_letters_of_the_order_that_the_prompt_shows() -> None:
    yes = explained("fr", 0, "Réponse : C", (2, 0, 1), 1, "C")
    no = explained("fr", 1, "Réponse : C. fourmi", (1, 2, 0), 0, "C. fourmi")
    (row,) = chat_pairs("fr", [yes, no])
    assert row.prompt == "shown (2, 0, 1)"
    assert row.chosen == "Réponse : C. abeille"
    assert row.rejected == "Réponse : B. fourmi"


def test_letters_are_the_languages_own() -> None:
    yes = explained("ja", 0, "答え：B", (0, 1, 2), 1, "B")
    no = explained("ja", 1, "答え：ウです", (0, 1, 2), 2, "ウ")
    (row,) = chat_pairs("ja", [yes, no])
    assert (row.chosen, row.rejected) == ("答え：イ. ハチ", "答え：ウ. ウシです")


def test_a_rejected_response_is_set_against_the_chosen_one_nearest_in_length() -> None:
    short = explained("fr", 0, "Réponse : B", (0, 1, 2), 1, "B")
    long = explained("fr", 1, "Parce qu'elle vole. Réponse : B", (0, 1, 2), 1, "B")
    no = explained("fr", 2, "Parce qu'elle broute. Réponse : C", (0, 1, 2), 2, "C")
    (row,) = chat_pairs("fr", [short, long, no])
    assert row.chosen == "Parce qu'elle vole. Réponse : B. abeille"


def test_a_language_in_which_no_response_agrees_has_no_pair() -> None:
    assert chat_pairs("fr", [explained("fr", 0, "Réponse : A", (0, 1, 2), 0, "A")]) == []


def test_a_response_without_an_answer_is_rejected_as_it_stands() -> None:
    yes = explained("fr", 0, "Réponse : B", (0, 1, 2), 1, "B")
    (row,) = chat_pairs("fr", [yes, explained("fr", 1, "Je ne sais pas.", (0, 1, 2), None)])
    assert row.rejected == "Je ne sais pas."


def test_two_responses_that_come_out_the_same_make_no_pair() -> None:
    yes = explained("fr", 0, "Réponse : B", (0, 1, 2), 1, "B")
    same = Response("q", "fr", 1, "fake", "Réponse : B. abeille", (0, 1, 2), None, None)
    assert chat_pairs("fr", [yes, same]) == []
