"""What was measured is kept by model, precision and stage; what was not is not there."""

from pathlib import Path

import pytest

from calm.runs.rates import (
    Rate,
    Spread,
    Yield,
    keep_rate,
    keep_spread,
    keep_yield,
    rate_of,
    spread_of,
    yield_of,
)

LONG = Rate(100.0, 50.0, 3.0, 1.0)
SHORT = Rate(8.0, 1.0, 0.0, 2.0)


def test_nothing_is_known_before_anything_was_measured(calm_home: Path) -> None:
    assert rate_of("m", "auto", "sample") is None
    assert yield_of("m", 0.75) is None


def test_a_rate_is_that_of_its_model_precision_and_stage(calm_home: Path) -> None:
    keep_rate("m", "auto", "sample", LONG)
    assert rate_of("m", "auto", "sample") == LONG
    assert LONG.a_second == 2.0
    for other in (("n", "auto", "sample"), ("m", "nf4", "sample"), ("m", "auto", "train")):
        assert rate_of(*other) is None


def test_a_newer_measurement_takes_the_place_of_an_older_one(calm_home: Path) -> None:
    keep_rate("m", "auto", "sample", LONG)
    newer = Rate(10.0, 6.0, 0.0, 2.0)
    keep_rate("m", "auto", "sample", newer)
    assert rate_of("m", "auto", "sample") == newer


def test_a_moment_s_measurement_does_not_take_the_place_of_a_longer_one(calm_home: Path) -> None:
    keep_rate("m", "auto", "sample", LONG)
    keep_rate("m", "auto", "sample", SHORT)
    assert rate_of("m", "auto", "sample") == LONG


def test_pairs_are_remembered_by_gate(calm_home: Path) -> None:
    keep_yield("m", 0.75, Yield(30, 20))
    assert yield_of("m", 0.75) == Yield(30, 20)
    assert yield_of("m", 0.8) is None


def test_the_spread_of_answers_is_remembered_by_what_was_asked(calm_home: Path) -> None:
    keep_spread("m", "built-in en,fr", Spread(0.3, 0.5))
    assert spread_of("m", "built-in en,fr") == Spread(0.3, 0.5)
    assert spread_of("m", "built-in en,de") is None
    assert spread_of("n", "built-in en,fr") is None
    keep_spread("m", "none", Spread(0.0, 0.0))
    assert spread_of("m", "none") is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"m": 1}', '{"m": {"auto": {"sample": {"units": 1}}}}']
)
def test_a_broken_file_is_as_good_as_none(calm_home: Path, text: str) -> None:
    calm_home.mkdir()
    (calm_home / "rates.json").write_text(text)
    assert rate_of("m", "auto", "sample") is None
    keep_rate("m", "auto", "sample", LONG)
    assert rate_of("m", "auto", "sample") == LONG
