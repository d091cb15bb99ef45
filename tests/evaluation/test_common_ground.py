"""Languages that agree as dice do have no vote; whether they do is told without labels."""

import random

import pytest

from calm.evaluation.common_ground import common_ground
from calm.intervals import LEAST
from calm.records import Vote

CODES = ("en", "fr", "de", "zh")


def voted(*answers: dict[str, int | None]) -> list[Vote]:
    return [
        Vote(f"q{n}", "plurality", (), (), 0, None, 0.0, 0.0, 0.0, given)
        for n, given in enumerate(answers)
    ]


def agreeing(share: float, questions: int = 80, alone: str = "") -> list[Vote]:
    """Languages that know the same answer to a share of the questions and guess the others."""
    chance = random.Random(0)
    rows: list[dict[str, int | None]] = []
    for _ in range(questions):
        known = chance.randrange(4)
        rows.append(
            {
                code: known if code != alone and chance.random() < share else chance.randrange(4)
                for code in CODES
            }
        )
    return voted(*rows)


def test_languages_that_guess_agree_no_more_than_chance() -> None:
    found = common_ground(agreeing(0.0))
    assert found is not None and found.is_slight
    assert abs(found.value) < 0.1 and found.high < 0.1


@pytest.mark.parametrize("share", [0.8, 1.0])
def test_languages_that_know_the_same_agree(share: float) -> None:
    found = common_ground(agreeing(share))
    assert found is not None and not found.is_slight and not found.alone
    assert found.low <= found.value <= found.high
    assert found.value > share**2 - 0.15


def test_a_language_that_guesses_among_others_that_know_is_named() -> None:
    found = common_ground(agreeing(0.9, alone="zh"))
    assert found is not None and not found.is_slight and found.alone == ("zh",)


def test_an_answer_that_all_prefer_is_no_agreement() -> None:
    """Position bias looks like consensus: all say the first choice, whatever is asked."""
    chance = random.Random(1)
    rows: list[dict[str, int | None]] = [
        {code: 0 if chance.random() < 0.8 else chance.randrange(4) for code in CODES}
        for _ in range(80)
    ]
    found = common_ground(voted(*rows))
    assert found is not None and found.is_slight


def test_unreadable_answers_agree_with_nobody() -> None:
    rows: list[dict[str, int | None]] = [{"en": n % 4, "fr": None} for n in range(40)]
    found = common_ground(voted(*rows))
    assert found is not None and found.value == 0 and found.is_slight


@pytest.mark.parametrize("votes", [agreeing(1.0, LEAST - 1), voted(*[{"en": 1}] * 40), []])
def test_too_few_questions_or_one_language_tell_nothing(votes: list[Vote]) -> None:
    assert common_ground(votes) is None
