"""Counting answers across languages, by examples worked by hand."""

import pytest

from calm.records import Response
from calm.vote import count_votes, plurality, vote


def responses(question_id: str = "q", **answers: list[int | None]) -> list[Response]:
    """Responses by language: `en=[0, None]` is two English ones, the second unreadable."""
    return [
        Response(question_id, code, n, "fake", "...", (0, 1, 2), answer)
        for code, given in answers.items()
        for n, answer in enumerate(given)
    ]


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
    assert counted.unreadable == 3
    assert (counted.winner, counted.share, counted.margin) == (None, 0.0, 0.0)


def test_each_languages_own_plurality_is_kept_beside_the_vote() -> None:
    counted = count_votes("q", responses(en=[0, 0, 1], fr=[1, 2], ja=[None, None, 2]), 3)
    assert counted.by_language == {"en": 0, "fr": None, "ja": 2}


def test_votes_come_in_the_order_of_the_questions_one_each() -> None:
    mixed = [*responses("b", en=[1]), *responses("a", en=[0]), *responses("b", fr=[1])]
    counted = list(vote(mixed, {"a": 3, "b": 2, "c": 4}))
    assert [row.question_id for row in counted] == ["a", "b", "c"]
    assert [row.counts for row in counted] == [(1, 0, 0), (0, 2), (0, 0, 0, 0)]
