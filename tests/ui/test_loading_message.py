"""Who waits for the model is told how long it has been loading, and how long that takes here."""

import time
from pathlib import Path

from calm.paths import keep, read_kept
from ui.parts.models import LOADING, TIMES, Models, remember_time


def loading_since(seconds: float) -> Models:
    models = Models("slow")
    models._says, models._since = (LOADING, {"model": "slow"}), time.monotonic() - seconds
    return models


def test_nothing_is_loading_yet(calm_home: Path) -> None:
    assert Models("slow").message() == "The model has not been loaded yet."


def test_how_long_it_has_been_loading_is_said(calm_home: Path) -> None:
    assert loading_since(75.5).message() == "The model slow is loading, for 75 secs so far."


def test_how_long_it_took_before_is_said_too(calm_home: Path) -> None:
    keep(TIMES, {"slow": 41.2, "other": 3})
    said = "The model slow is loading, for 75 secs so far; last time it took 41 secs."
    assert loading_since(75.5).message() == said


def test_how_long_a_model_took_is_remembered(calm_home: Path) -> None:
    remember_time("one", 1.26)
    remember_time("two", 2)
    assert read_kept(TIMES) == {"one": 1.3, "two": 2}


def test_what_cannot_be_a_time_is_left(calm_home: Path) -> None:
    for kept in ([1], {"slow": "long"}, "x"):
        keep(TIMES, kept)
        assert loading_since(1.5).message() == "The model slow is loading, for 1 sec so far."
    remember_time("three", 3)
    assert read_kept(TIMES) == {"three": 3}
