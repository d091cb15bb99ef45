"""The interval of a share."""

import pytest

from calm.intervals import Z95, wilson


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    # Newcombe, Statistics in Medicine, 1998, table I, method 3; then nothing to go by.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (0, 0, 0.0, 1.0)],
)
def test_the_interval_of_a_share_is_wilsons(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("n", [1, 2, 10, 137, 5000])
def test_the_interval_is_the_one_that_scipy_gives(n: int) -> None:
    from scipy.stats import binomtest, norm

    assert pytest.approx(norm.ppf(0.975)) == Z95
    for right in {0, 1, n // 3, n - 1, n}:
        theirs = binomtest(right, n).proportion_ci(method="wilson")
        assert wilson(right, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
