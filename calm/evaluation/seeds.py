"""Several runs that differ in nothing but their seeds, as one number with its spread.

A training is a draw: another seed gives another model. The mean over runs is what a method does,
the spread between them what one run alone may miss it by. The interval takes both into account, the
questions and the seeds (a bootstrap of two levels): each resample draws questions and runs anew.
Few runs, drawn anew, differ less from their mean than new ones would, by (runs - 1) / runs in
variance; that is made up for. Of two or three runs a spread is still only roughly known.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calm.errors import CalmError
from calm.evaluation.evaluate import READINGS, ROLES, interval_of, measured, resample_weights
from calm.evaluation.measured import Measured, itself
from calm.evaluation.metrics import Values
from calm.intervals import can_tell
from calm.records import Evaluation, Reading, Score

RESAMPLES = 2000


@dataclass(frozen=True)
class SeedScore(Score):
    """One number over several seeds: `value` is their mean, and the interval is the mean's."""

    spread: float
    """Standard deviation between the seeds."""
    least: float
    most: float
    """Of the seeds' own numbers."""
    seeds: int


def over_seeds(
    runs: Sequence[Sequence[Evaluation]],
    golds: Mapping[str, int | None],
    languages: Sequence[str],
) -> Iterator[SeedScore]:
    """Yield every number of base, aligned and change over runs on the same questions.

    `runs` are the evaluations of each run; `golds` are those of its held-out questions. The rows
    are those of `calm.evaluation.evaluate.scores`, but for what one run alone counts. Raises
    CalmError for fewer than two runs.
    """
    if len(runs) < 2:
        raise CalmError("seeds.too-few")
    for reading in READINGS:
        of_runs = [list(measured(rows, golds, languages, reading)) for rows in runs]
        for same in zip(*of_runs, strict=True):
            yield from combined(same)


def changes_by_question(
    runs: Sequence[Sequence[Evaluation]],
    golds: Mapping[str, int | None],
    languages: Sequence[str],
    reading: Reading,
    metric: str,
) -> Values:
    """Return a number's change of each question, its mean over runs, (questions,).

    It is that over all languages, for a paired test (`calm.evaluation.significance`). `metric` is
    one that is a mean over questions, such as `accuracy` or `consistency`; raises ValueError for
    any other.
    """
    changes = []
    for rows in runs:
        for found in measured(rows, golds, languages, reading):
            if (found.language, found.metric) == ("all", metric) and found.of is itself:
                changes.append(found.parts[1][:, 0] - found.parts[0][:, 0])
    if len(changes) != len(runs):
        raise ValueError(f"{metric} is no mean over questions")
    values: Values = np.mean(changes, axis=0)
    return values


def combined(same: Sequence[Measured]) -> Iterator[SeedScore]:
    """Yield one number of all runs, each of which has measured it: base, aligned, and change."""
    first, n = same[0], len(same[0].parts[0])
    if not n:
        return
    weights = resample_weights(n)[:RESAMPLES]
    whole, resampled = [], []
    for place in range(len(ROLES)):
        parts = [found.parts[place] for found in same]
        of = [found.of for found in same]
        pairs = list(zip(of, parts, strict=True))
        whole.append(np.array([make(part.mean(0)) for make, part in pairs]))
        resampled.append(np.stack([make(weights @ part) for make, part in pairs]))
    numbers = dict(zip(ROLES, zip(whole, resampled, strict=True), strict=True))
    changes = {"change": (whole[1] - whole[0], resampled[1] - resampled[0])}
    for role, (values, draws) in {**numbers, **changes}.items():
        if np.isnan(values).any():
            continue
        value, least, most = float(values.mean()), float(values.min()), float(values.max())
        low, high = _interval(same, role, value, draws)
        yield SeedScore(
            role,  # type: ignore[arg-type]
            first.reading,
            first.language,
            first.metric,
            round(value, 6),
            low,
            high,
            n,
            spread=round(float(values.std(ddof=1)), 6),
            least=round(least, 6),
            most=round(most, 6),
            seeds=len(same),
        )


def _interval(
    same: Sequence[Measured], role: str, value: float, draws: Values
) -> tuple[float, float]:
    """Return the 95% interval of the mean over seeds, `value`.

    `draws`, (runs, resamples), are what resampled questions gave each run. Where all say the same
    in every question, or these are too few, it is that of a single run.
    """
    n, runs = len(same[0].parts[0]), len(same)
    if same[0].of is itself:
        base, aligned = (np.mean([m.parts[i][:, 0] for m in same], axis=0) for i in (0, 1))
        values = {"base": base, "aligned": aligned}.get(role, aligned - base)
        alike = np.ptp(draws) == 0
        if alike or not can_tell(n):
            return interval_of(values, role == "change")
    count = draws.shape[1]
    chosen = np.random.default_rng(1).integers(0, runs, size=(runs, count))
    middle = draws.mean(0)
    of_seeds = np.take_along_axis(draws, chosen, axis=0).mean(0) - middle
    means = middle + math.sqrt(runs / (runs - 1)) * of_seeds
    means = same[0].draws(role, value, means)
    low, high = (round(float(end), 6) for end in np.nanpercentile(means, [2.5, 97.5]))
    return low, high
