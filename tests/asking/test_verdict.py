"""When an answer is called the winner, and when the languages do not agree."""

import pytest

from calm.asking.verdict import verdict, votes_in_all, winner_of
from tests.free_makers import found
from tests.ui.honey import asked, question

SIX = ("en", "de", "fr", "zh", "es", "ar")


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"en": [0, 0], "fr": [0, 0], "ar": [1, 1]}, "agreed"),
        ({"en": [0, 0], "fr": [0, 1], "ar": [0, None]}, "agreed"),
        # half of all votes is enough, those that state nothing counted
        ({"en": [0, 0], "fr": [0, None], "ar": [None, 1]}, "agreed"),
        ({"en": [0, 0], "fr": [0, None], "ar": [None, None, 1]}, "no agreement"),
        # one language alone makes no winner, whatever its share
        ({"en": [0] * 8, "fr": [1], "ar": [2]}, "no agreement"),
        ({"en": [0, 0], "fr": [1, 1], "ar": [2, 2]}, "tied"),
        ({"en": [0, 1]}, "tied"),
        ({"en": [0, 0]}, "alone"),
        ({"en": [None], "fr": [None]}, "unread"),
    ],
)
def test_a_winner_needs_half_of_all_votes_and_two_languages(
    answers: dict[str, list[int | None]], says: str
) -> None:
    seen = asked(answers)
    assert verdict(seen) == says
    assert (winner_of(seen) is not None) == (says in ("agreed", "alone"))
    assert votes_in_all(seen) == sum(map(len, answers.values()))


def test_one_language_in_six_that_says_something_else_than_the_others_does_not_win() -> None:
    seen = found({code: [str(n)] * (5 if n == 0 else 4) for n, code in enumerate(SIX)})
    assert seen.winner is not None
    assert (verdict(seen), winner_of(seen)) == ("no agreement", None)


def test_what_is_recorded_keeps_its_winner() -> None:
    seen = asked({"en": [0] * 8, "fr": [1], "ar": [2]})
    assert seen.vote is not None and seen.vote.winner == 0
    assert seen.winner is seen.options[0]


def test_before_the_vote_there_is_no_verdict() -> None:
    seen = asked({"en": [0]}, step="answering", versions=(question("en"),))
    assert (verdict(seen), votes_in_all(seen)) == ("unread", 0)
