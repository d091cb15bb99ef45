"""A run's status is right however its work ends: stopped on request, by a problem, or done."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

from calm.errors import CalmError, disk_problem
from calm.messages import message
from calm.pipeline.context import NotEnough, OutOfTime, Stopped
from calm.records import State
from calm.runs import jobs
from calm.runs.events import note_event
from calm.runs.folder import Run


@contextmanager
def supervised(run: Run, is_program: bool = False) -> Iterator[None]:
    """Claim the run for this process while it works on it, and write down how that ends.

    `is_program` tells that the process has other work, see `calm.runs.jobs.claim`. Raises CalmError
    where another process works on it, and what the work raises.
    """
    jobs.claim(run, is_program)
    try:
        yield
    except (Stopped, KeyboardInterrupt):
        before = run.status()
        stopped = message("status.stopped")
        run.set_status(before.stage, "stopped", before.done, before.total, stopped)
        note_event(run, before.stage, stopped)
        raise
    except Exception as error:
        before = run.status()
        problem = error if isinstance(error, CalmError) else disk_problem(error)
        why = problem.message if problem else f"{type(error).__name__}: {error}"
        state: State = "stopped" if isinstance(error, NotEnough | OutOfTime) else "failed"
        run.set_status(before.stage, state, before.done, before.total, why)
        with contextlib.suppress(OSError):  # the status says it, where the disk takes no more
            note_event(run, before.stage, why)
        raise
