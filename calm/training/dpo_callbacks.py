"""What listens to a training: who passes on its log, and who keeps how far it has come."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from calm.training.checkpoint import Checkpoint

KEEP_EVERY_SECONDS = 60.0
"""How much of a training is lost at most where its machine ends without a word."""

OnLog = Callable[[dict[str, float], int, int], None]
"""Called with what TRL logs for a step, the step, and the number of all steps."""


class Reporter(TrainerCallback):
    """Passes on what is logged and stops the training when asked to."""

    def __init__(self, report: OnLog, should_stop: Callable[[], bool]) -> None:
        self._report = report
        self._should_stop = should_stop

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        logs = kwargs.get("logs") or {}
        if "loss" in logs:
            self._report({k: float(v) for k, v in logs.items()}, state.global_step, state.max_steps)

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        if self._should_stop():
            control.should_training_stop = True


class Keeper(TrainerCallback):
    """Keeps how far the training has come, every now and then, and where it is asked to stop."""

    def __init__(self, checkpoint: Checkpoint, should_stop: Callable[[], bool]) -> None:
        self._checkpoint, self._should_stop = checkpoint, should_stop
        self._kept_at = time.monotonic()

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        is_last = state.global_step >= state.max_steps
        is_due = time.monotonic() - self._kept_at >= KEEP_EVERY_SECONDS
        if not is_last and (is_due or self._should_stop()):
            control.should_save = True

    def on_save(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        self._checkpoint.keep(Path(args.output_dir) / f"checkpoint-{state.global_step}")
        self._kept_at = time.monotonic()


def listeners(
    on_log: OnLog, should_stop: Callable[[], bool], checkpoint: Checkpoint | None
) -> list[TrainerCallback]:
    """Return who listens to a training; without a checkpoint nothing of it is kept."""
    keeper = [Keeper(checkpoint, should_stop)] if checkpoint else []
    return [Reporter(on_log, should_stop), *keeper]
