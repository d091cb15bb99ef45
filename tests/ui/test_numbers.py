"""Numbers of the interface: written as each reader writes them."""

import pytest

from tests.ui.visitors import reader
from ui.text.numbers import decimal, percent, percents, signed_points


@pytest.mark.parametrize(
    ("code", "share", "weight", "change"),
    [
        ("en", "84.6%", "0.50", "-7.1"),
        ("fr", "84,6\xa0%", "0,50", "-7,1"),
        ("de", "84,6\xa0%", "0,50", "-7,1"),
        ("it", "84,6%", "0,50", "-7,1"),
        ("ja", "84.6%", "0.50", "-7.1"),
    ],
)
def test_a_reader_sees_their_own_point_and_percent_sign(
    code: str, share: str, weight: str, change: str
) -> None:
    with reader(code):
        assert percent(0.846, 1) == share
        assert decimal(0.5, 2) == weight
        assert signed_points(-0.071) == change


def test_no_change_has_a_plus() -> None:
    assert signed_points(-0.0001) == "+0.0"


@pytest.mark.parametrize(
    ("counts", "shares"),
    [
        ([16, 4, 3, 1], [67, 17, 12, 4]),
        ([1, 1, 1], [34, 33, 33]),
        ([9, 7, 5, 3, 0], [38, 29, 21, 12, 0]),
        ([0, 0], [0, 0]),
        ([1], [100]),
    ],
)
def test_whole_percents_make_a_hundred_together(counts: list[int], shares: list[int]) -> None:
    assert percents(counts) == shares
    assert sum(shares) in (0, 100)
