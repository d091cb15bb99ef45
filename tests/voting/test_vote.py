"""Counting answers across languages, by examples worked by hand."""

import pytest

from calm.records import Response, Vote
from calm.voting.vote import plurality, vote


def responses(question_id: str = "q", **answers: list[int | None]) -> list[Response]:
    """Responses by language: `en=[0, None]` is two English ones, the second unreadable."""
    return [
        Response(question_id, code, n, "fake", "...", (0, 1, 2), answer)
        for code, given in answers.items()
        for n, answer in enumerate(given)
    ]


def count_votes(question_id: str, given: list[Response], choices: int) -> Vote:
    """The plurality vote on one question."""
    return vote(given, {question_id: choices}, "plurality")[0][0]


@pytest.mark.parametrize(
    ("answers", "winner"),
    [
        ([1], 1),
        ([0, 1, 1], 1),
        ([0, 0, 1, 1, 1, 2], 1),
        ([0, 1], None),
        ([2, 2, 0, 0, 1], None),
        ([None, None, None, 0], 0),
        ([None, None], None),
        ([], None),
    ],
)
def test_the_most_frequent_answer_wins_and_a_tie_has_no_winner(
    answers: list[int | None], winner: int | None
) -> None:
    assert plurality(answers) == winner


def test_every_readable_response_counts_once_whatever_its_language() -> None:
    counted = count_votes("q", responses(en=[0, 0], fr=[1, 1], ja=[1, None]), 3)
    assert counted.counts == (2, 3, 0)
    assert counted.unreadable == 1
    assert counted.winner == 1


def test_the_share_is_the_winners_part_of_the_readable_votes() -> None:
    counted = count_votes("q", responses(en=[0, 0], fr=[1, 1], ja=[1, None]), 3)
    assert counted.share == pytest.approx(3 / 5)


def test_the_margin_is_the_share_less_that_of_the_runner_up() -> None:
    counted = count_votes("q", responses(en=[0, 0], fr=[1, 1], ja=[1, None]), 3)
    assert counted.margin == pytest.approx(1 / 5)


def test_a_winner_without_rivals_has_the_whole_share_and_margin() -> None:
    counted = count_votes("q", responses(en=[2, 2], fr=[2]), 3)
    assert (counted.winner, counted.share, counted.margin) == (2, 1.0, 1.0)


def test_a_tie_has_no_winner_and_no_margin_but_a_share() -> None:
    counted = count_votes("q", responses(en=[0, 0], fr=[1, 1]), 3)
    assert (counted.winner, counted.share, counted.margin) == (None, 0.5, 0.0)


def test_where_nothing_can_be_read_there_is_no_winner_and_no_share() -> None:
    counted = count_votes("q", responses(en=[None], fr=[None, None]), 3)
    assert counted.counts == (0, 0, 0)
    assert counted.support == (0.0, 0.0, 0.0)
    assert counted.unreadable == 3
    assert (counted.winner, counted.share, counted.margin) == (None, 0.0, 0.0)


def test_each_languages_own_plurality_is_kept_beside_the_vote() -> None:
    counted = count_votes("q", responses(en=[0, 0, 1], fr=[1, 2], ja=[None, None, 2]), 3)
    assert counted.by_language == {"en": 0, "fr": None, "ja": 2}


def test_votes_come_in_the_order_of_the_questions_one_each() -> None:
    mixed = [*responses("b", en=[1]), *responses("a", en=[0]), *responses("b", fr=[1])]
    counted = vote(mixed, {"a": 3, "b": 2, "c": 4}, "plurality")[0]
    assert [row.question_id for row in counted] == ["a", "b", "c"]
    assert [row.counts for row in counted] == [(1, 0, 0), (0, 2), (0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("answers", "bits"), [([1, 1], 0.0), ([0, 1], 1.0), ([0, 1, 2, 3], 2.0), ([None], 0.0)]
)
def test_the_entropy_is_in_bits(answers: list[int | None], bits: float) -> None:
    assert count_votes("q", responses(en=answers), 4).entropy == pytest.approx(bits)


def test_a_rule_is_named_on_every_vote_and_every_language_has_its_weight() -> None:
    given = [*responses("a", en=[1, 1], fr=[0, 1]), *responses("b", en=[0, 0], fr=[0, 2])]
    votes, weights = vote(given, {"a": 3, "b": 3})
    assert [row.rule for row in votes] == ["reliability"] * 2
    assert [row.language for row in weights] == ["en", "fr"]
    english, french = weights
    assert (english.weight, english.reliability, english.self_agreement) == (1.0, 1.0, 1.0)
    assert french.self_agreement == 0.0
    assert french.agreement == english.agreement == pytest.approx(0.5)
    assert (english.answers, french.answers) == (4, 4)


def test_without_any_response_every_vote_is_undecided() -> None:
    votes, weights = vote([], {"a": 2})
    assert (votes[0].winner, votes[0].share, votes[0].support, weights) == (None, 0, (0.0, 0.0), [])


def test_responses_to_other_questions_are_left_out() -> None:
    votes, _ = vote([*responses("a", en=[1]), *responses("held", en=[0])], {"a": 2}, "plurality")
    assert [row.question_id for row in votes] == ["a"]
