"""However few pairs there are, there are steps, and each of them teaches something."""

from typing import Any

import pytest

from calm.config import TrainConfig
from calm.training.schedule import MOST_EPOCHS, Schedule, rate_at, schedule

DEFAULT = TrainConfig()


def once(**settings: Any) -> TrainConfig:
    return TrainConfig(num_train_epochs=1.0, **settings)


NUMBERS = (1, 2, 5, 11, 18, 48, 80, 500, 1832, 100_000)


@pytest.mark.parametrize("pairs", NUMBERS)
def test_there_are_as_many_steps_as_asked_unless_that_takes_too_many_epochs(pairs: int) -> None:
    plan = schedule(pairs, DEFAULT)
    assert plan.steps >= DEFAULT.min_steps or plan.epochs == MOST_EPOCHS
    assert plan.steps >= min(MOST_EPOCHS, DEFAULT.min_steps)
    assert 1 <= plan.batch <= DEFAULT.per_device_train_batch_size


@pytest.mark.parametrize("pairs", NUMBERS)
def test_no_step_is_dead(pairs: int) -> None:
    plan = schedule(pairs, DEFAULT)
    rates = [rate_at(step, plan) for step in range(plan.steps)]
    assert min(rates) > 0
    assert max(rates) == 1 or plan.warmup == plan.steps
    assert sum(rates) > plan.steps / 3


@pytest.mark.parametrize(
    ("pairs", "settings", "expected"),
    [
        (8, once(per_device_train_batch_size=4, min_steps=1), Schedule(4, 1.0, 2, 0)),
        (8, once(per_device_train_batch_size=4, min_steps=8), Schedule(1, 1.0, 8, 1)),
        (8, once(per_device_train_batch_size=4, min_steps=16), Schedule(1, 2, 16, 2)),
        (1, once(min_steps=40), Schedule(1, 10, 10, 1)),
        (2000, once(per_device_train_batch_size=50, min_steps=40), Schedule(50, 1, 40, 4)),
        (2000, once(per_device_train_batch_size=50, min_steps=80), Schedule(25, 1, 80, 8)),
        (100, TrainConfig(num_train_epochs=20, min_steps=40), Schedule(16, 20, 140, 14)),
    ],
)
def test_batches_get_smaller_first_and_only_then_epochs_more(
    pairs: int, settings: TrainConfig, expected: Schedule
) -> None:
    assert schedule(pairs, settings) == expected


def test_the_rate_rises_to_the_whole_and_falls_again() -> None:
    plan = schedule(2000, once(per_device_train_batch_size=50, warmup_ratio=0.1, min_steps=40))
    rates = [rate_at(step, plan) for step in range(plan.steps)]
    assert rates[: plan.warmup + 1] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert rates[plan.warmup :] == sorted(rates[plan.warmup :], reverse=True)
