"""Metrics, by examples worked by hand and against libraries that have them."""

import itertools
import math
from pathlib import Path

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


@pytest.mark.parametrize("choices", [1, 2, 3, 4, 5])
def test_what_chance_and_what_contradiction_give_rank_consistency(choices: int) -> None:
    """Against every pair of rankings: their mean is chance, their least the floor."""
    rankings = list(itertools.permutations(range(choices)))
    first = -np.arange(choices, dtype=float)
    scores = np.array([[first, -np.array(other, dtype=float)] for other in rankings])
    found = metrics.rank_consistency(scores, [(0, 1)])
    assert metrics.rank_chance(choices) == pytest.approx(found.mean())
    assert metrics.rank_floor(choices) == pytest.approx(found.min())


def test_chance_of_rank_consistency_by_hand() -> None:
    """Three choices: (e^0 / 3 + e^-1 * 2 / 3 + e^-2) / (e^0 + e^-1 + e^-2)."""
    weights = [1, math.exp(-1), math.exp(-2)]
    by_hand = (weights[0] / 3 + weights[1] * 2 / 3 + weights[2]) / sum(weights)
    assert metrics.rank_chance(3) == pytest.approx(by_hand)
    assert round(metrics.rank_chance(3), 2) == 0.47
    assert metrics.rank_floor(2) == pytest.approx(math.exp(-1) / (1 + math.exp(-1)))


def known(answers: list[list[int]], golds: list[int]) -> float:
    """Return the consistency where one is right, of all pairs, the plain way."""
    ratios = []
    for left, right in itertools.combinations(range(len(answers[0])), 2):
        either = [
            row for row, gold in zip(answers, golds, strict=True) if gold in (row[left], row[right])
        ]
        if either:
            ratios.append(sum(row[left] == row[right] for row in either) / len(either))
    return sum(ratios) / len(ratios) if ratios else math.nan


def measured_known(answers: list[list[int]], golds: list[int]) -> float:
    pairs = list(itertools.combinations(range(len(answers[0])), 2))
    both, either = metrics.right_parts(np.array(answers), np.array(golds), pairs)
    return float(metrics.known_consistency(both.mean(0), either.mean(0)))


def test_consistency_where_one_is_right_by_hand() -> None:
    # en-fr: right in one of them on q0, q1, q2, in both on q0; en-de: on q0, q1, q3, in both on
    # none; fr-de: on q0, q2, q3, in both on none. That all are wrong alike in q4 is nothing.
    answers = [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 0], [2, 2, 2]]
    assert measured_known(answers, [0] * 5) == pytest.approx((1 / 3 + 0 + 0) / 3)


def test_a_pair_that_gets_nothing_right_has_no_consistency_where_one_is_right() -> None:
    answers = [[0, 1, 1], [0, 1, UNREADABLE]]
    assert measured_known(answers, [0, 0]) == 0  # en-fr and en-de; fr-de is left out
    assert math.isnan(measured_known([[1, 1], [2, 2]], [0, 0]))


def test_consistency_where_one_is_right_is_agreement_where_one_is_right() -> None:
    random = np.random.default_rng(3)
    for _ in range(200):
        shape = (int(random.integers(1, 9)), int(random.integers(2, 6)))
        answers = random.integers(UNREADABLE, 3, size=shape).tolist()
        golds = random.integers(0, 3, size=shape[0]).tolist()
        expected = known(answers, golds)
        assert measured_known(answers, golds) == pytest.approx(expected, nan_ok=True)


def test_the_gap_of_languages_is_the_best_ones_lead_over_the_worst() -> None:
    assert metrics.language_gap(np.array([0.8, 0.5, 0.6])) == pytest.approx(0.3)
    many = metrics.language_gap(np.array([[0.5, 0.5], [0.25, 1.0]]))
    assert many.tolist() == [0, 0.75]


def test_the_page_on_metrics_has_the_chance_of_every_number_of_choices() -> None:
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    for choices in range(2, 9):
        chance, floor = metrics.rank_chance(choices), metrics.rank_floor(choices)
        assert f"| {choices} | {chance:.3f} | {floor:.3f} |" in page
