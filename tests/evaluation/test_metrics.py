"""Metrics, by examples worked by hand and against libraries that have them."""

import math

import numpy as np
import pytest

from calm.evaluation import metrics
from calm.evaluation.metrics import UNREADABLE


def test_rank_consistency_of_equal_orders_is_one_and_of_reversed_ones_less() -> None:
    forward, backward = [-1.0, -2.0, -3.0, -4.0], [-4.0, -3.0, -2.0, -1.0]
    same = metrics.rank_consistency(np.array([[forward, forward]]), [(0, 1)])
    reverse = metrics.rank_consistency(np.array([[forward, backward]]), [(0, 1)])
    weights = [math.exp(-j) for j in range(4)]
    by_hand = (weights[2] * 2 / 3 + weights[3]) / sum(weights)
    assert same[0] == pytest.approx(1)
    assert reverse[0] == pytest.approx(by_hand)


def test_rank_consistency_looks_only_at_a_questions_own_choices() -> None:
    two = [-1.0, -2.0, -np.inf]
    assert metrics.rank_consistency(np.array([[two, two]]), [(0, 1)])[0] == pytest.approx(1)


def test_fleiss_kappa_of_the_published_example() -> None:
    """Ten subjects, fourteen raters, five categories: kappa is .210 (after Fleiss, 1971)."""
    counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    answers = np.array([[c for c, n in enumerate(row) for _ in range(n)] for row in counts])
    observed, shares = metrics.fleiss_parts(answers, 5)
    kappa = metrics.fleiss_kappa(observed.mean(), shares.mean(0))
    assert kappa == pytest.approx(0.210, abs=5e-4)


def test_unreadable_answers_agree_with_nothing() -> None:
    nothing = np.full((3, 2), UNREADABLE)
    observed, shares = metrics.fleiss_parts(nothing, 4)
    assert observed.tolist() == [0, 0, 0]
    assert shares.sum() == 0
    assert metrics.agreement(nothing, [(0, 1)]).tolist() == [0, 0, 0]
    assert metrics.consistently_wrong(nothing, np.zeros(3, dtype=int)).tolist() == [0, 0, 0]


def test_agreeing_on_a_wrong_answer_is_seen_for_what_it_is() -> None:
    answers, golds = np.array([[1, 1], [2, 2], [0, 1]]), np.array([1, 1, 1])
    assert metrics.consistently_right(answers, golds).tolist() == [1, 0, 0]
    assert metrics.consistently_wrong(answers, golds).tolist() == [0, 1, 0]
    assert metrics.split(answers, golds).tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("fixed", "broken", "p"),
    [(0, 0, 1.0), (1, 0, 1.0), (5, 0, 2 / 32), (8, 2, 2 * 56 / 1024), (3, 3, 1.0)],
)
def test_mcnemars_exact_test_by_hand(fixed: int, broken: int, p: float) -> None:
    assert metrics.mcnemar(fixed, broken) == pytest.approx(p)
    assert metrics.mcnemar(broken, fixed) == pytest.approx(p)


@pytest.mark.parametrize(("fixed", "broken"), [(12, 3), (40, 41), (179, 53), (500, 430)])
def test_mcnemars_exact_test_is_scipys_binomial_test(fixed: int, broken: int) -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy comes with scikit-learn")
    expected = stats.binomtest(fixed, fixed + broken, 0.5).pvalue
    assert metrics.mcnemar(fixed, broken) == pytest.approx(expected)


def test_agreement_and_kappa_of_llamas_first_answers_are_as_published() -> None:
    from tests.llama import LANGUAGES, answered_llama_responses

    answered, golds = answered_llama_responses()
    row = {identity: number for number, identity in enumerate(golds)}
    answers = np.full((len(golds), len(LANGUAGES)), UNREADABLE)
    for response in answered:
        if response.sample_index == 0 and response.answer is not None:
            place = (row[response.question_id], LANGUAGES.index(response.language))
            answers[place] = response.answer
    pairs = [(a, b) for a in range(6) for b in range(a)]
    both = [(answers[:, a] != UNREADABLE) & (answers[:, b] != UNREADABLE) for a, b in pairs]
    same = [
        metrics.agreement(answers[rows], [p]).mean() for p, rows in zip(pairs, both, strict=True)
    ]
    assert np.mean(same) == pytest.approx(0.577, abs=0.015)
    observed, shares = metrics.fleiss_parts(answers, 5)
    kappa = metrics.fleiss_kappa(observed.mean(), shares.mean(0))
    assert kappa == pytest.approx(0.463, abs=0.02)
