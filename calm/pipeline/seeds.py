"""Runs that differ in their seeds alone, read from their folders as one."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calm.config import RunConfig
from calm.errors import CalmError
from calm.evaluation.seeds import SeedScore, over_seeds
from calm.pipeline.run_questions import golds_of, groups_of, languages_of, split_of
from calm.runs.folder import Run

OF_THE_DRAW = {"sampling.seed", "train.seed"}
"""Settings that make another draw of the same thing."""
NO_MATTER = {"train.report_to"}
"""Settings that no number depends on."""


@dataclass(frozen=True)
class Seeds:
    """Several runs as one."""

    runs: tuple[str, ...]
    languages: tuple[str, ...]
    scores: tuple[SeedScore, ...]


def as_seeds(runs: Sequence[Run]) -> Seeds:
    """Return the numbers of runs that differ in their seeds alone, each with its spread.

    Raises CalmError for fewer than two, for one named twice or not finished, and for two that
    differ in anything but the seed or in nothing; it names what differs.
    """
    check_seeds(runs)
    golds, languages = asked_of(runs[0])
    scores = over_seeds([run.rows("evaluations") for run in runs], golds, languages)
    return Seeds(tuple(run.name for run in runs), languages, tuple(scores))


def check_seeds(runs: Sequence[Run]) -> None:
    """Raise CalmError unless the runs are draws of one thing (see `as_seeds`)."""
    if len(runs) < 2:
        raise CalmError("seeds.too-few")
    check_finished(runs)
    for run in runs[1:]:
        differing = differences(runs[0].config, run.config)
        if _model(runs[0]) != _model(run):
            differing.append("model.json")
        if differing:
            raise CalmError(
                "seeds.other-settings",
                run=run.name,
                other=runs[0].name,
                settings=tuple(differing),
            )
    for place, run in enumerate(runs):
        for other in runs[:place]:
            if _draw(other.config) == _draw(run.config):
                raise CalmError("seeds.same-seed", run=run.name, other=other.name)
    check_same_questions(runs)


def check_finished(runs: Sequence[Run]) -> None:
    """Raise CalmError for a run that is named twice, and for one that is not finished."""
    for place, run in enumerate(runs):
        if run in runs[:place]:
            raise CalmError("seeds.twice", run=run.name)
        if not run.has("comparisons"):
            raise CalmError("run.not-finished", name=run.name)


def check_same_questions(runs: Sequence[Run]) -> None:
    """Raise CalmError unless all runs were measured on the same questions and languages."""
    for run in runs[1:]:
        if asked_of(runs[0]) != asked_of(run):
            raise CalmError("seeds.other-questions", run=run.name, other=runs[0].name)


def asked_of(run: Run) -> tuple[dict[str, int | None], tuple[str, ...]]:
    """Return the right answers to a run's held-out questions, and the languages they are in."""
    held_out = split_of(groups_of(run), "held-out")
    return golds_of(held_out), languages_of(run, held_out)


def differences(one: RunConfig, other: RunConfig) -> list[str]:
    """Return the settings other than the seed that two runs differ in, as `beta (0.1, 0.5)`."""
    left, right = _flat(one), _flat(other)
    names = [n for n in left if n not in OF_THE_DRAW | NO_MATTER and left[n] != right[n]]
    return [f"{n.rpartition('.')[2]} ({_plain(left[n])}, {_plain(right[n])})" for n in names]


def _draw(config: RunConfig) -> tuple[Any, ...]:
    flat = _flat(config)
    return tuple(flat[name] for name in sorted(OF_THE_DRAW))


def _flat(config: Any, before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in dataclasses.fields(config):
        value, name = getattr(config, field.name), before + field.name
        if dataclasses.is_dataclass(value):
            found |= _flat(value, f"{name}.")
        else:
            found[name] = value
    return found


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _model(run: Run) -> dict[str, str]:
    """Return which files a run's model has; nothing in a run that did not record them."""
    record = run.model_record()
    return record.files if record else {}
