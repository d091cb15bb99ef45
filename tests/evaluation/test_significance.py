"""What is more than chance, alone and among others, by examples worked by hand."""

import itertools

import numpy as np
import pytest
from scipy.stats import permutation_test

from calm.evaluation.significance import against_base, holm, pairwise, sign_flip


def test_holm_by_hand() -> None:
    """.01 * 4, .02 * 3, .03 * 2, .04 * 1: the last two are not below one before them."""
    assert holm([0.01, 0.04, 0.03, 0.02]) == pytest.approx([0.04, 0.06, 0.06, 0.06])
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([0.03]) == [0.03]
    assert holm([]) == []


def test_holm_rejects_what_his_procedure_rejects() -> None:
    """Step down: the smallest against level / m, the next against level / (m - 1), and so on."""
    random = np.random.default_rng(1)
    for _ in range(200):
        p_values = list(random.random(int(random.integers(1, 7))) ** 3)
        rejected, left = set(), len(p_values)
        for place in sorted(range(len(p_values)), key=lambda i: p_values[i]):
            if p_values[place] > 0.05 / left:
                break
            rejected.add(place)
            left -= 1
        assert {i for i, p in enumerate(holm(p_values)) if p <= 0.05} == rejected


def test_flipping_signs_by_hand() -> None:
    """Of eight ways to flip 1, 1, 1 two are as far from zero; of 3, 1, -1 six are (3 or 5)."""
    assert sign_flip(np.array([1.0, 1.0, 1.0])) == 2 / 8
    assert sign_flip(np.array([3.0, 1.0, -1.0, 0.0])) == 6 / 8
    assert sign_flip(np.zeros(5)) == 1


@pytest.mark.parametrize("count", [10, 40])
def test_flipping_signs_as_scipy_does(count: int) -> None:
    values = np.random.default_rng(count).normal(0.25, 1, count)
    expected = permutation_test(
        (values,),
        np.mean,
        permutation_type="samples",
        n_resamples=20_000,
        vectorized=True,
        rng=np.random.default_rng(3),
    ).pvalue
    assert sign_flip(values) == pytest.approx(expected, abs=0.012)


def test_without_a_difference_one_test_of_twenty_finds_one() -> None:
    random = np.random.default_rng(2)
    found = [sign_flip(random.choice([-0.5, 0.0, 0.5], 12)) for _ in range(400)]
    assert 0.01 <= float(np.mean(np.array(found) <= 0.05)) <= 0.075


def test_methods_are_compared_with_their_base_and_with_each_other() -> None:
    random = np.random.default_rng(0)
    noise = {name: random.choice([-0.25, 0.0, 0.25], 60) for name in ("good", "same", "none")}
    changes = {"good": noise["good"] + 0.25, "same": noise["same"] + 0.25, "none": noise["none"]}
    alone = {row.one: row for row in against_base(changes)}
    assert alone["good"].adjusted < 0.01
    assert alone["none"].adjusted > 0.05
    assert alone["good"].p <= alone["good"].adjusted
    rows = {(row.one, row.other): row for row in pairwise(changes)}
    assert list(rows) == list(itertools.combinations(changes, 2))
    better = rows["good", "none"]
    assert better.difference == pytest.approx((changes["good"] - changes["none"]).mean(), abs=1e-6)
    assert 0 < better.low < better.difference < better.high
    assert better.adjusted < 0.05 < rows["good", "same"].adjusted
    assert rows["good", "same"].low < 0 < rows["good", "same"].high


def test_methods_on_other_questions_are_not_compared() -> None:
    with pytest.raises(ValueError, match="same questions"):
        pairwise({"one": np.zeros(3), "two": np.zeros(4)})
