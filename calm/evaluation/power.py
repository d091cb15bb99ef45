"""The smallest change that a set of questions can show, told before a run.

A change is shown where its 95% interval leaves out zero. A true change of the size told here is
shown in four of five runs; one that is half as large in about one of four. What decides is how much
the change of a question varies, and how many questions there are. Languages help less than
questions do: those of one question are right or wrong together.

    variance of a question's change = 2 p (1 - p) (1 + (L - 1) r) / L  *  (1 - k)

p is how often the base model is right, L the number of languages, r how alike the languages of one
question are right, and k how alike a question is answered before and after. The first part is twice
the variance of the base model's own accuracy over questions: where a run on this machine has
measured that, it is taken. Where none has, p, r and k are assumed so that less is promised than
held: the default run of `docs/RESULTS.md` has a deviation of .20 where .29 is assumed.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from calm.evaluation.metrics import Values
from calm.intervals import Z95, can_tell

POWER = 0.8
RIGHT = 0.5
"""p: at one half answers vary most."""
ALIKE = 0.5
"""r: of the answers of the model that ships Fleiss' kappa is .33 on the built-in set."""
KEPT = 0.7
"""k: the default run has about .8, reckoned back from its interval."""


@dataclass(frozen=True)
class Smallest:
    """The smallest changes that can be shown, as shares: .05 is five points."""

    accuracy: float
    """Of all languages together."""
    one_language: float
    """Of a single language."""
    questions: int
    languages: int
    measured: bool
    """Whether the base model's own spread over questions went into it, or assumptions alone."""
    power: float = POWER
    level: float = 0.05


def smallest(
    questions: int, languages: int, base: tuple[float, float] | None = None
) -> Smallest | None:
    """Return the smallest changes that so many held-out questions can show.

    `base` is how accuracy deviates over questions, over all languages and in one, where that was
    measured (`deviations`). `None` where the questions are too few to tell anything.
    """
    if not can_tell(questions):
        return None
    spreads = base or (assumed_deviation(languages), assumed_deviation(1))
    both = [min(1.0, smallest_change(of_change(spread), questions)) for spread in spreads]
    return Smallest(
        round(both[0], 6), round(both[1], 6), questions, languages, measured=base is not None
    )


def smallest_change(deviation: float, questions: int, power: float = POWER) -> float:
    """Return the true mean change that is shown with this power at 5%, two-sided.

    `deviation` is the standard deviation of a question's change.
    """
    return (Z95 + NormalDist().inv_cdf(power)) * deviation / math.sqrt(questions)


def of_change(base: float) -> float:
    """Return the standard deviation of a question's change from that of its base accuracy."""
    return base * math.sqrt(2 * (1 - KEPT))


def assumed_deviation(languages: int) -> float:
    """Return how accuracy is assumed to deviate over questions, so many languages together."""
    together = (1 + (languages - 1) * ALIKE) / languages
    return math.sqrt(RIGHT * (1 - RIGHT) * together)


def deviations(right: Values) -> tuple[float, float] | None:
    """Return the standard deviation over questions of all languages' accuracy, and of one's.

    `right`, (questions, languages), is 1 where the base model is right. `None` of too few
    questions, and where all are answered alike, which tells nothing of others.
    """
    if not can_tell(len(right)):
        return None
    together = float(right.mean(1).std(ddof=1))
    alone = float(np.sqrt(right.var(axis=0, ddof=1).mean()))
    return (together, alone) if together > 0 and alone > 0 else None
