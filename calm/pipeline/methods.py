"""Runs of several methods against each other: which is better, and which by more than chance.

Runs that differ in their seed alone are one method, and count as their mean. The tests are about
the questions, the seeds taken as they are; how far seeds differ, `calm.pipeline.seeds` tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from calm.errors import CalmError
from calm.evaluation.evaluate import READINGS
from calm.evaluation.seeds import changes_by_question
from calm.evaluation.significance import Versus, against_base, pairwise
from calm.pipeline.seeds import asked_of, check_finished, check_same_questions, differences
from calm.records import Reading
from calm.runs.folder import Run

METRICS = ("accuracy", "consistency")


@dataclass(frozen=True)
class Method:
    """Runs with the same settings but for the seed."""

    name: str
    """That of its first run."""
    runs: tuple[str, ...]
    settings: tuple[str, ...]
    """What differs from the first method, such as `beta (0.1, 0.5)`."""


@dataclass(frozen=True)
class Methods:
    """Several methods, each against its base model and against the others."""

    reading: Reading
    metric: str
    methods: tuple[Method, ...]
    alone: tuple[Versus, ...]
    pairs: tuple[Versus, ...]


def compare_methods(
    runs: Sequence[Run], metric: str = "accuracy", reading: Reading = "response"
) -> Methods:
    """Return which of the methods change a number by more than chance, and more than others.

    Raises CalmError where the runs are of fewer than two methods, not finished, named twice or not
    measured on the same questions, and for a metric or reading that there is not.
    """
    for name, value, known in (("metric", metric, METRICS), ("reading", reading, READINGS)):
        if value not in known:
            allowed = " | ".join(known)
            raise CalmError("setting.out-of-range", name=name, value=value, allowed=allowed)
    check_finished(runs)
    grouped = _grouped(runs)
    if len(grouped) < 2:
        raise CalmError("methods.too-few")
    check_same_questions(runs)
    golds, languages = asked_of(runs[0])
    changes = {
        same[0].name: changes_by_question(
            [run.rows("evaluations") for run in same], golds, languages, reading, metric
        )
        for same in grouped
    }
    methods = tuple(
        Method(
            same[0].name,
            tuple(run.name for run in same),
            tuple(differences(runs[0].config, same[0].config)),
        )
        for same in grouped
    )
    return Methods(reading, metric, methods, tuple(against_base(changes)), tuple(pairwise(changes)))


def _grouped(runs: Sequence[Run]) -> list[list[Run]]:
    """Return the runs by method, in the order of their first ones."""
    groups: list[list[Run]] = []
    for run in runs:
        same = (g for g in groups if not differences(g[0].config, run.config))
        group = next(same, None)
        if group is None:
            groups.append([run])
        else:
            group.append(run)
    return groups
