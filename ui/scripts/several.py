"""For scripts: several runs at once, as seeds of one method or as methods against each other."""

import dataclasses
from typing import Any

from gradio.events import api

from calm.errors import CalmError
from calm.pipeline.methods import compare_methods as methods_of
from calm.pipeline.seeds import as_seeds
from calm.runs.folder import Run
from ui.parts.events import problems_shown
from ui.parts.runs import run_named

MOST_RUNS = 32


def add_several_api() -> None:
    """Add the named functions to the page under construction."""
    for function in (compare_seeds, compare_methods):
        api(function, api_name=function.__name__)


def compare_seeds(runs: list[str]) -> dict[str, Any]:
    """Return what finished runs that differ in their seeds alone found together.

    A row of `scores` is the mean over the seeds, with its interval, which takes questions and seeds
    into account; `spread` is the standard deviation between seeds, `least` and `most` are the ends.
    Refused for runs that differ in anything else, which is named.

    Args:
        runs: Names of two finished runs or more, as `list_runs` gives them.
    """
    with problems_shown():
        return dataclasses.asdict(as_seeds(_named(runs)))


def compare_methods(
    runs: list[str], metric: str = "accuracy", reading: str = "response"
) -> dict[str, Any]:
    """Return which of several methods change a number, and more than others, beyond chance.

    Runs that differ in their seeds alone are one method. `alone` has each method against its base
    model, `pairs` each against each other: the difference, its interval, the p-value of a test that
    flips the signs of questions, and that value adjusted for the number of tests (Holm).

    Args:
        runs: Names of finished runs with the same questions held out, as `list_runs` gives them.
        metric: `accuracy` or `consistency`.
        reading: `response` for greedy answers, `likelihood` for the likeliest choices.
    """
    with problems_shown():
        return dataclasses.asdict(methods_of(_named(runs), metric, reading))  # type: ignore[arg-type]


def _named(runs: Any) -> list[Run]:
    """Return the runs of these names; raises CalmError for what is no list of a few names."""
    if not isinstance(runs, list) or not all(isinstance(name, str) for name in runs):
        raise CalmError("seeds.too-few")
    if len(runs) > MOST_RUNS:
        raise CalmError("setting.out-of-range", name="runs", value=len(runs), allowed=MOST_RUNS)
    return [run_named(name) for name in runs]
