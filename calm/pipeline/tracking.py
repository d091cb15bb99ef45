"""What a run tells the logger that its settings name: the curves as they come, then the scores.

The run folder holds all of it anyway. A logger that fails is told of and left alone: the run goes
on. No path of this machine is sent, and no key is read.
"""

import contextlib
import json
import math
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from calm.messages import message
from calm.model_names import called
from calm.pipeline.context import Context
from calm.records import Score
from calm.runs.folder import Run, write_whole
from calm.settings import values_of
from calm.training.loggers import Logger, open_logger

FILE = "logger.json"
"""Which run of the logger a run is, so that the scores come to their curves."""
SCORES = ("accuracy", "consistency", "unreadable", "efficacy")


class Tracker:
    """Sends numbers to the logger of a run; to none where it names none, or once one failed."""

    def __init__(self, context: Context, is_new: bool) -> None:
        """`is_new` begins another run of the logger; else the last one goes on."""
        self._context = context
        self._logger: Logger | None = None
        if context.run.config.train.report_to != "none":
            self._try(lambda: self._open(is_new))

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Send what is a number of these."""
        numbers = {name: value for name, value in values.items() if math.isfinite(value)}
        if self._logger is not None:
            logger = self._logger
            self._try(lambda: logger.log(numbers, step))

    def close(self) -> None:
        """Have the logger write down what it has."""
        if self._logger is not None:
            self._try(self._logger.close)

    def _open(self, is_new: bool) -> None:
        run = self._context.run
        kind = run.config.train.report_to
        id = (None if is_new else _kept(run, kind)) or _new_id(run.name)
        self._logger = open_logger(kind, id, run.name, settings_of(run), run.folder)
        write_whole(run.folder / FILE, json.dumps({"logger": kind, "id": id}) + "\n")

    def _try(self, act: Callable[[], None]) -> None:
        try:
            # What loggers print is not what a command was asked for.
            with contextlib.redirect_stdout(sys.stderr):
                act()
        except Exception as error:  # whatever a program of others raises
            self._logger = None
            kind, reason = self._context.run.config.train.report_to, type(error).__name__
            said = message("log.logger-failed", logger=kind, reason=reason)
            self._context.tell_here(said)


@contextmanager
def tracking(context: Context, is_new: bool) -> Iterator[Tracker]:
    """Give a tracker that is closed however the block ends."""
    tracker = Tracker(context, is_new)
    try:
        yield tracker
    finally:
        tracker.close()


def track_scores(context: Context) -> None:
    """Send the final scores to the logger that has the curves, as of the last step."""
    run = context.run
    if run.config.train.report_to == "none":
        return
    step = max((int(row["step"]) for row in run.metrics()), default=0)
    with tracking(context, is_new=False) as tracker:
        tracker.log({_name(row): row.value for row in run.rows("scores") if _is_sent(row)}, step)


def settings_of(run: Run) -> dict[str, Any]:
    """Return a run's settings as others may see them: without the paths of this machine."""
    values = values_of(run.config)
    values["model"] = called(run.config.model)
    values["question_set"] = Path(run.config.question_set).name
    return {
        name: ",".join(value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }


def _new_id(name: str) -> str:
    return f"{re.sub(r'[^A-Za-z0-9._-]', '-', name)}-{secrets.token_hex(4)}"


def _is_sent(row: Score) -> bool:
    return row.metric in SCORES and "-" not in row.language


def _name(row: Score) -> str:
    return f"{row.model}/{row.reading}/{row.metric}/{row.language}"


def _kept(run: Run, kind: str) -> str | None:
    """Return by which id a logger knows the run; `None` where it does not."""
    try:
        kept = json.loads((run.folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    same = isinstance(kept, dict) and kept.get("logger") == kind
    return str(kept["id"]) if same and "id" in kept else None
