"""How many steps an adapter is trained for: they follow the number of pairs.

The settings say how many pairs a step takes at most and how often all pairs are gone through at
least. Few pairs would then make a step or two, too little to teach anything. So batches get
smaller, and where that is not enough the pairs are gone through more often, until there are
`min_steps` steps. The settings and the number of pairs alone decide: a run that goes on trains
as it would have.
"""

import math
from dataclasses import dataclass

from calm.config import TrainConfig

MOST_EPOCHS = 10
"""However few pairs there are, they are gone through no more often than this to reach
`min_steps`: a few pairs that are learnt by heart change everything else too."""


@dataclass(frozen=True)
class Schedule:
    """The steps of one training."""

    batch: int
    """Pairs a step."""
    epochs: float
    steps: int
    warmup: int
    """Steps before the learning rate is whole; in none of them it is 0."""


def schedule(pairs: int, config: TrainConfig) -> Schedule:
    """Return how `pairs` pairs, at least one, are trained on."""
    batch, epochs = config.per_device_train_batch_size, config.num_train_epochs
    if _steps(pairs, batch, epochs) < config.min_steps:
        batch = min(batch, max(1, int(pairs * epochs / config.min_steps)))
        needed = math.ceil(config.min_steps / math.ceil(pairs / batch))
        epochs = max(epochs, min(MOST_EPOCHS, needed))
    steps = _steps(pairs, batch, epochs)
    return Schedule(batch, epochs, steps, round(config.warmup_ratio * steps))


def rate_at(step: int, plan: Schedule) -> float:
    """Return the part of the learning rate that a step has, counted from 0.

    It rises in a line, then falls along a cosine (Loshchilov and Hutter, ICLR 2017), and is more
    than 0 in every step.
    """
    if step < plan.warmup:
        return (step + 1) / (plan.warmup + 1)
    passed = (step - plan.warmup) / max(1, plan.steps - plan.warmup)
    return (1 + math.cos(math.pi * min(1.0, passed))) / 2


def _steps(pairs: int, batch: int, epochs: float) -> int:
    return math.ceil(math.ceil(pairs / batch) * epochs)
