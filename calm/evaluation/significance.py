"""Whether changes are more than chance: one, two methods against each other, several at once.

A question is what is drawn; its languages are not independent of each other. So each question has
one value, the mean over its languages, and a test flips its sign as a whole. Who tries many methods
finds one that is better by chance: Holm's adjustment keeps the chance of even one such mistake
below the level.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calm.evaluation.evaluate import interval_of
from calm.evaluation.metrics import Values

FLIPS = 20_000
"""So many random flips, where not all of them are gone through."""
MOST_EXACT = 14
"""Up to so many questions that changed, every way to flip them is gone through."""
AT_ONCE = 1000


@dataclass(frozen=True)
class Versus:
    """One method against another, or against no training."""

    one: str
    other: str
    """Empty for a method against its own base model."""
    difference: float
    """How much larger the change of `one` is, as a share: .01 is a point."""
    low: float
    high: float
    """Its 95% interval, of this comparison alone."""
    p: float
    adjusted: float
    """`p` among all comparisons of its kind (Holm)."""
    n: int
    """Questions."""


def sign_flip(differences: Values) -> float:
    """Return the two-sided p-value of a mean of differences, (questions,), by flipping their signs.

    The share of all ways to flip them whose mean is as far from zero (Fisher, The Design of
    Experiments, 1935, section 21); of many questions a random part of the ways, the one at hand
    among them. 1 where nothing differs.
    """
    moved = np.abs(differences[differences != 0])
    if not len(moved):
        return 1.0
    found = abs(float(differences.sum())) - 1e-9 * float(moved.sum())
    if len(moved) <= MOST_EXACT:
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=len(moved))))
        return float((np.abs(signs @ moved) >= found).mean())
    random, extreme = np.random.default_rng(0), 1
    for _ in range(FLIPS // AT_ONCE):
        signs = random.integers(0, 2, size=(AT_ONCE, len(moved))) * 2.0 - 1
        extreme += int((np.abs(signs @ moved) >= found).sum())
    return extreme / (FLIPS + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number (Holm, Scandinavian Journal of Statistics, 1979).

    In the order given. The smallest of m is multiplied by m, the next by m - 1 and so on, and none
    is smaller than one before it or larger than 1.
    """
    adjusted, most = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        most = max(most, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = most
    return adjusted


def against_base(changes: Mapping[str, Values]) -> list[Versus]:
    """Return for every method, by name, whether its change is more than chance.

    `changes` are those of the questions, (questions,), such as `changes_by_question` gives.
    """
    return _adjusted([_versus(name, "", values) for name, values in changes.items()])


def pairwise(changes: Mapping[str, Values]) -> list[Versus]:
    """Return every two methods against each other, question by question.

    `changes` are those of the same questions in the same order, or ValueError is raised.
    """
    if len({len(values) for values in changes.values()}) > 1:
        raise ValueError("the methods were not measured on the same questions")
    pairs = itertools.combinations(changes, 2)
    return _adjusted([_versus(one, two, changes[one] - changes[two]) for one, two in pairs])


def _versus(one: str, other: str, differences: Values) -> Versus:
    low, high = interval_of(differences / 2, is_change=True)  # from -2 to 2, where two changes are
    p = round(sign_flip(differences), 6)
    mean, n = round(float(differences.mean()), 6), len(differences)
    return Versus(one, other, mean, round(2 * low, 6), round(2 * high, 6), p, p, n)


def _adjusted(rows: Sequence[Versus]) -> list[Versus]:
    levels = holm([row.p for row in rows])
    return [
        Versus(**{**vars(row), "adjusted": round(level, 6)})
        for row, level in zip(rows, levels, strict=True)
    ]
