"""What the stages of a run share: the run itself, its model, and how far a stage is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from calm.config import UNNAMED
from calm.errors import CalmError
from calm.messages import Message, message
from calm.model_names import called
from calm.models.interface import LanguageModel
from calm.questions.recorded_prompts import prompt_record
from calm.records import (
    Faster,
    ModelRecord,
)
from calm.runs.events import note_event
from calm.runs.folder import Run


class Stopped(Exception):
    """The run was asked to stop; what it has done is kept."""


class NotEnough(CalmError):
    """There is too little to train on: the run stops, and what it has done is kept."""


class OutOfTime(CalmError):
    """What computes is not to be had now: the run stops, and goes on another time."""


@dataclass
class Context:
    """What the stages share: the run, who listens, and the model, loaded when first needed."""

    run: Run
    report: Callable[[str], None] = lambda line: None
    should_stop: Callable[[], bool] = lambda: False
    progress: "Progress | None" = field(default=None, repr=False)
    """That of the stage that is being done, once it counts in units."""
    trains: bool = False
    """Whether what is asked will be trained on: a model that cannot be is refused at once."""
    _model: LanguageModel | None = field(default=None, repr=False)

    @property
    def loaded(self) -> LanguageModel | None:
        """The model, where it has been loaded."""
        return self._model

    def lend(self, model: LanguageModel) -> None:
        """Let this run use a model that another run has loaded: the same one, as precise.

        Raises CalmError where the run began with another.
        """
        keep_model(self.run, model, self.tell_here)
        self._model = model

    def tell(self, stage: str, said: Message) -> None:
        """Write down what happened in a stage, for those who look at the run, and report it."""
        note_event(self.run, stage, said)
        self.report(f"{stage}: {said}")

    def tell_here(self, said: Message) -> None:
        """Tell what happened in whatever stage the run is in."""
        self.tell(self.run.status().stage, said)

    def model(self) -> Any:
        """Return the model that answers."""
        if self._model is None:
            check_named(self.run)
            from calm.models.loading import load_model

            config = self.run.config
            self.tell_here(message("log.loading-model", model=called(config.model)))
            self._model = load_model(
                config.model, config.precision, faster_of(self.run), files_of(self.run)
            )
            if self.trains:
                from calm.models.trust import check_trainable

                check_trainable(self._model)
            keep_model(self.run, self._model, self.tell_here)
        return self._model


def faster_of(run: Run) -> Faster | None:
    """Return the precision that the run found to be the faster one; `None` before it looked."""
    kept = run.model_record()
    return kept.faster if kept else None


def files_of(run: Run) -> dict[str, str]:
    """Return what the run found its model's files to be; empty before it looked."""
    kept = run.model_record()
    return kept.files if kept else {}


def keep_model(run: Run, model: Any, tell: Callable[[Message], None]) -> None:
    """Write down which model the run uses and how it is asked, when it is first loaded.

    A run of before that did not say how it asks says it now. Raises CalmError where it is another
    model than before: its answers would be a mixture.
    """
    from calm.models.identity import record_of

    now, before = record_of(model), run.model_record()
    if not run.config.imported:
        now = replace(now, prompts=prompt_record(model, run.config.sampling.prompt_format))
    if before is None:
        run.write_model_record(now)
        way = "fast" if now.trust in ("", "fast") else "plain"
        tell(message(f"log.model-computes.{way}", model=now.name, precision=now.dtype))
        return
    changed = [name for name in ("files", "base", "chat_template") if differ(now, before, name)]
    if changed:
        raise CalmError("run.other-model", folder=run.folder, model=now.name, changed=changed)
    if before.prompts is None and now.prompts is not None:
        run.write_model_record(replace(before, prompts=now.prompts))
    if now.versions != before.versions:
        tell(message("log.other-versions"))


def differ(now: ModelRecord, before: ModelRecord, name: str) -> bool:
    return bool(getattr(now, name) != getattr(before, name))


class Progress:
    """Tells the run's status how far a stage is, and stops it when asked to."""

    def __init__(self, context: Context, stage: str, done: int, total: int) -> None:
        self._context, self._stage = context, stage
        self._first, self.total, self._start = done, total, time.monotonic()
        self.units, self.seconds = 0, 0.0
        """What has been done since, and how long it took."""
        context.progress = self
        self.reach(done)

    def reach(self, done: int, said: Message | None = None) -> None:
        """Record that `done` units are done. Raises Stopped when the run was asked to stop."""
        if self._context.should_stop():
            raise Stopped
        self.units, self.seconds = done - self._first, time.monotonic() - self._start
        rate = self.units / self.seconds if self.units else 0.0
        text = said or message(f"doing.{self._stage}", done=done, total=self.total)
        self._context.run.set_status(self._stage, "running", done, self.total, text, rate)
        self._context.report(f"{self._stage}: {text}")


def check_named(run: Run) -> None:
    if run.config.model == UNNAMED:
        raise CalmError("run.imported-unnamed", folder=run.folder)
