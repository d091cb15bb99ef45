"""The smallest change that a set can show: what is promised is held."""

import math

import numpy as np
import pytest

from calm.evaluation.evaluate import interval_of
from calm.evaluation.power import (
    KEPT,
    Smallest,
    assumed_deviation,
    deviations,
    of_change,
    smallest,
    smallest_change,
)


def test_the_smallest_change_by_hand() -> None:
    """(1.96 + 0.84) standard errors: of 100 questions that deviate by .3 it is 8.4 points."""
    assert smallest_change(0.3, 100) == pytest.approx((1.959964 + 0.841621) * 0.3 / 10, abs=1e-6)


def test_a_change_of_that_size_is_shown_in_four_of_five_runs() -> None:
    """By the interval that the evaluation gives, of answers in four languages that change."""
    random, count, languages, tries = np.random.default_rng(7), 150, 4, 250
    hard = np.array([0.0, 0.15, 0.3])  # how likely an answer is fixed, a question in three kinds
    broken, kind = 0.05, [0.4, 0.3, 0.3]
    mean = float(np.dot(hard, kind)) - broken
    within = float(np.dot(kind, hard * (1 - hard))) + broken * (1 - broken)
    within += 2 * broken * float(np.dot(hard, kind))
    deviation = math.sqrt(
        float(np.dot(kind, (hard - np.dot(hard, kind)) ** 2)) + within / languages
    )
    # Fewer questions until the true change is the smallest that is promised.
    needed = round(((1.959964 + 0.841621) * deviation / mean) ** 2)
    assert smallest_change(deviation, needed) == pytest.approx(mean, rel=0.02)
    shown = 0
    for _ in range(tries):
        chance = random.choice(hard, needed, p=kind)[:, None]
        fixed = random.random((needed, languages)) < chance
        lost = random.random((needed, languages)) < broken
        low, high = interval_of((fixed * 1.0 - lost).mean(1), is_change=True)
        shown += low > 0 or high < 0
    assert 0.72 <= shown / tries <= 0.88
    assert needed < count


@pytest.mark.parametrize("languages", [1, 2, 8])
def test_the_assumed_spread_is_that_of_languages_that_are_alike_by_half(languages: int) -> None:
    """Right answers that share a coin in a part of the questions: simulated, not reckoned."""
    random = np.random.default_rng(languages)
    together = random.random((200_000, 1)) < 0.5
    coin, own = random.random((200_000, 1)) < 0.5, random.random((200_000, languages)) < 0.5
    right = np.where(together, coin, own).mean(1)
    assert float(right.std()) == pytest.approx(assumed_deviation(languages), abs=0.003)


def test_the_spread_of_a_change_follows_from_that_of_two_alike_answers() -> None:
    random = np.random.default_rng(1)
    covariance = [[0.09, KEPT * 0.09], [KEPT * 0.09, 0.09]]
    before, after = random.multivariate_normal([0.5, 0.5], covariance, 100_000).T
    assert float((after - before).std()) == pytest.approx(of_change(0.3), abs=0.002)


def test_more_questions_and_more_languages_show_smaller_changes() -> None:
    def of(questions: int, languages: int) -> Smallest:
        found = smallest(questions, languages)
        assert found is not None
        return found

    assert of(400, 8).accuracy == pytest.approx(of(100, 8).accuracy / 2, abs=1e-5)
    assert of(100, 8).accuracy < of(100, 2).accuracy < of(100, 2).one_language
    assert of(100, 8).one_language == of(100, 2).one_language


def test_the_default_run_is_promised_less_than_it_showed() -> None:
    """172 questions in 8 languages: 6.2 points assumed; it measured +8.6 (+5.7 to +11.6)."""
    found = smallest(172, 8)
    assert found is not None and not found.measured
    assert found.accuracy == pytest.approx(0.062, abs=5e-4)
    assert found.accuracy > 2.8 * (0.116 - 0.057) / 2 / 1.96


def test_what_was_measured_takes_the_place_of_assumptions() -> None:
    right = np.array([[1, 1], [0, 0]] * 5 + [[1, 0]] * 5, dtype=float)
    measured = deviations(right)
    assert measured is not None
    together = np.array([1, 0] * 5 + [0.5] * 5).std(ddof=1)
    assert measured == pytest.approx((together, math.sqrt(right.var(0, ddof=1).mean())))
    found = smallest(15, 2, measured)
    assert found is not None and found.measured
    assert found.accuracy == pytest.approx(smallest_change(of_change(together), 15), abs=1e-6)


def test_too_few_questions_show_nothing() -> None:
    assert smallest(7, 8) is None
    assert deviations(np.ones((5, 2))) is None
    assert deviations(np.ones((50, 2))) is None
