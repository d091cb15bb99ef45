"""The work of a study: its runs one after the other, each taking over what it can.

A study that was stopped, or whose process died, goes on with the run that it was in. A run that
fails is noted and left; the others go on without it.
"""

import dataclasses
import gc
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from calm.errors import CalmError
from calm.messages import Message, message
from calm.pipeline.align import align, run_stage
from calm.pipeline.context import Context, NotEnough, OutOfTime, Stopped
from calm.pipeline.stages import STAGES
from calm.pipeline.supervise import supervised
from calm.records import State
from calm.runs import jobs
from calm.runs.folder import Run
from calm.study.folder import CELLS, Done, Study
from calm.study.grid import Cell, cells
from calm.study.share import take_over


class Work:
    """Does the runs of a study and writes down how it goes."""

    def __init__(
        self,
        study: Study,
        until: str = "",
        report: Callable[[str], None] = lambda line: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """`until` takes the place of the stage that the plan ends its runs after."""
        plan = study.plan
        self._study, self._cells = study, cells(plan)
        self._until, self._most_hours = until or plan.until, plan.most_hours
        self._report, self._should_stop = report, should_stop
        self._model: tuple[tuple[str, str], Any] | None = None
        self._began, self._worked = time.monotonic(), 0

    def do(self) -> None:
        """Do what is missing.

        Raises Stopped when asked to stop, OutOfTime where the hours of the plan have passed, and,
        once all others are done, CalmError where runs have failed.
        """
        self._note_progress()
        for cell in self._cells:
            if self._study.is_done(cell, self._until):
                continue
            if self._should_stop():
                raise Stopped
            if self._most_hours is not None and self._hours > self._most_hours:
                raise OutOfTime("study.hours-passed", hours=self._most_hours)
            self._note_progress(cell)
            self._do(cell)
        failed = self._missing()
        if failed:
            names = ", ".join(cell.name for cell in failed[:5])
            raise CalmError("study.failed", failed=len(failed), runs=len(self._cells), names=names)
        count = len(self._cells)
        self._report(f"study: {count} of {count} runs done")
        self._study.job.set_status(CELLS, "done", count, count, message("status.finished"))

    @property
    def _hours(self) -> float:
        return (time.monotonic() - self._began) / 3600

    def _missing(self) -> list[Cell]:
        return [cell for cell in self._cells if not self._study.is_done(cell, self._until)]

    def _note_progress(self, cell: Cell | None = None) -> None:
        """Say how many runs are done, and how fast that went since this process began."""
        left, count = len(self._missing()), len(self._cells)
        passed = time.monotonic() - self._began
        rate = self._worked / passed if self._worked else 0.0
        said = message("status.starting")
        if cell is not None:
            said = message("study.doing", run=cell.name, done=count - left, total=count)
        self._study.job.set_status(CELLS, "running", count - left, count, said, rate)
        ahead = f", {passed / self._worked / 60:.1f} min each" if rate else ""
        ahead += f", about {left / rate / 60:.0f} min left" if rate else ""
        self._report(f"study: {count - left} of {count} runs done{ahead}")

    def _do(self, cell: Cell) -> None:
        """Do one run, and note how it went; raises Stopped when asked to stop."""
        run = self._study.run_of(cell)
        seconds: dict[str, float] = {}
        shared: dict[str, str] = {}
        state: State = "stopped"
        problem: Message | str = ""
        try:
            with supervised(run):
                shared = take_over(run, self._study.made())
                self._align(run, seconds)
            state = "done"
            self._worked += 1
        except (Stopped, KeyboardInterrupt):
            raise
        except CalmError as error:
            state = "stopped" if isinstance(error, NotEnough | OutOfTime) else "failed"
            problem = error.message
            self._report(f"study: {cell.name}: {error}")
        except Exception as error:
            state, problem = "failed", f"{type(error).__name__}: {error}"
            self._report(f"study: {cell.name}: {traceback.format_exc()}")
        finally:
            row = Done(run.name, state, seconds, shared, problem)
            self._study.job.append_json(CELLS, dataclasses.asdict(row))
            jobs.release(run)
            gc.collect()  # a trained model goes before the next one comes

    def _align(self, run: Run, seconds: dict[str, float]) -> None:
        context = Context(run, self._report, self._should_stop)
        self._lend_model(context)

        def timed(name: str, within: Context) -> None:
            began, is_new = time.monotonic(), not STAGES[name].is_done(run)
            try:
                run_stage(name, within)
            finally:
                if is_new:
                    passed = seconds.get(name, 0.0) + time.monotonic() - began
                    seconds[name] = round(passed, 3)

        try:
            align(context, self._until, timed)
        finally:
            if context.loaded is not None:
                self._model = (_of_model(run), context.loaded)

    def _lend_model(self, context: Context) -> None:
        """Let a run use the model that the last one loaded, where it is the same."""
        run = context.run
        if self._model is None or self._model[0] != _of_model(run):
            self._model = None
            return
        context.lend(self._model[1])


def _of_model(run: Run) -> tuple[str, str]:
    return run.config.model, run.config.precision


def do_study(
    study: Study,
    until: str = "",
    report: Callable[[str], None] = lambda line: None,
    should_stop: Callable[[], bool] = lambda: False,
    after: Sequence[Callable[[Study], None]] = (),
) -> None:
    """Do what is missing of a study, then `after`, which is its report, also where runs failed.

    Raises CalmError where another process works on it, and as `Work.do`.
    """
    problem: CalmError | None = None
    try:
        with supervised(study.job):
            try:
                Work(study, until, report, should_stop).do()
            except CalmError as error:
                problem = error
            for act in after:
                act(study)
            if problem is not None:
                raise problem
    finally:
        jobs.release(study.job)
