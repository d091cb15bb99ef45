"""Aligning: as a process of its own, or, where a GPU is lent for calls alone, lease after lease.

Each stage that needs the model runs in leases: it is cut off shortly before one ends, and the next
goes on behind what was kept, also within a training. Between the leases nothing is lost when a
browser is closed: a thread of this process asks for them, in the name of whoever started the run.
Where there is no quota left the run stops, and goes on when somebody lets it.
"""

import contextvars
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gradio.context import LocalContext

from calm.errors import CalmError
from calm.messages import Message, message
from calm.models.hardware import is_gpu_lent, take_lease
from calm.pipeline.align import align, run_stage
from calm.pipeline.context import Context, OutOfTime, Stopped
from calm.pipeline.costs import amount_of_run, costs
from calm.pipeline.measure import measure_machine
from calm.pipeline.stages import LAST, STAGES, trains
from calm.pipeline.supervise import supervised
from calm.runs import jobs
from calm.runs.folder import Run
from calm.runs.rounds import round_of
from ui.parts.leases import LEAST_SECONDS, MOST_SECONDS, Refused, lent, on_gpu

RESERVE_SECONDS = 10
"""Left of a lease for the step that a stage is in, and to keep what was done."""
LOADING_SECONDS = 15
MEASURING_SECONDS = 120
LONGEST_SECONDS = 240
"""Of a lease for a stage that did no single step in a shorter one."""
CUT_OFF = "cut off"
DONE = "done"
CLOCK: Callable[[], float] = time.monotonic
_RUNNING: dict[Path, threading.Thread] = {}


def start(run: Run, until: str | None = None) -> None:
    """Start the alignment of a run, or let it go on; raises CalmError as `jobs.start` does."""
    if not is_gpu_lent():
        jobs.start(run, until)
        return
    jobs.check_start(run)
    jobs.note_end(run, until)
    run.set_status("questions", "queued", message=message("status.starting"))
    jobs.claim(run, is_program=True)
    worker = threading.Thread(
        target=contextvars.copy_context().run, args=(_work, run, until), daemon=True
    )
    _RUNNING[run.folder] = worker
    worker.start()


def measure(model: str) -> None:
    """Measure how fast this machine is; raises CalmError where that cannot be done now."""
    if not is_gpu_lent():
        jobs.measure_apart(model)
        return
    busy = jobs.running()
    if busy is not None:
        raise CalmError("run.busy-measuring", run=busy.name)
    problem = lent(measure_on_gpu, model)
    if problem is not None:
        raise CalmError("machine.not-measured", reason=problem)


def ask_to_end(seconds: float) -> None:
    """Have the runs of this process stop and keep what they did; wait at most so long for them."""
    for folder in list(_RUNNING):
        jobs.stop(Run(folder))
    end = time.monotonic() + seconds
    for worker in list(_RUNNING.values()):
        worker.join(max(0.0, end - time.monotonic()))


@on_gpu(lambda model: MEASURING_SECONDS)
def measure_on_gpu(model: str) -> Message | None:
    """Measure the machine with its lent GPU; return what is wrong."""
    take_lease()
    try:
        measure_machine(model)
    except CalmError as problem:
        return problem.message
    return None


@on_gpu(lambda folder, stage, until, seconds: seconds)
def stage_on_gpu(folder: str, stage: str, until: str, seconds: int) -> Message | str:
    """Do what is missing of a stage for at most so long; return how it ended.

    That is `DONE`, `CUT_OFF` where it was stopped, by its time or by a person, or what is wrong.
    """
    take_lease()
    run, end = Run(Path(folder)), CLOCK() + seconds - RESERVE_SECONDS

    def is_over() -> bool:
        return CLOCK() >= end or jobs.is_asked_to_stop(run)

    context = Context(run, partial(log, run), is_over)
    context.trains = trains(until)
    try:
        run_stage(stage, context)
    except Stopped:
        return CUT_OFF
    except CalmError as problem:
        return problem.message
    return DONE


def log(run: Run, line: str) -> None:
    """Add a line to the run's log, as a process of its own has its words there."""
    with run.log.open("a", encoding="utf-8") as stream:
        stream.write(f"{line}\n")


def seconds_for(run: Run, stage: str) -> int:
    """Return how long a lease for what is left of a stage is, from rates that were measured."""
    amount = amount_of_run(run)
    parts = costs(run.config, amount) if amount else []
    known = next((part.seconds for part in parts if part.stage == stage), None)
    if known is None:
        return MOST_SECONDS
    needed = round(known * 1.3) + LOADING_SECONDS + RESERVE_SECONDS
    return min(MOST_SECONDS, max(LEAST_SECONDS, needed))


def _work(run: Run, until: str | None) -> None:
    LocalContext.event_id.set(None)  # the request is over soon; it says who has asked
    last = until or LAST

    def do(stage: str, context: Context) -> None:
        if not _computes(run, stage):
            run_stage(stage, context)
        number = round_of(run)
        while round_of(run) == number and not STAGES[stage].is_done(run):
            _lease(run, stage, last)

    context = Context(run, partial(log, run), lambda: jobs.is_asked_to_stop(run))
    try:
        with supervised(run, is_program=True):
            align(context, last, do)
    except (CalmError, Stopped) as ended:  # the run's status says it
        log(run, str(ended))
    finally:
        jobs.release(run)
        _RUNNING.pop(run.folder, None)


def _computes(run: Run, stage: str) -> bool:
    """Tell whether a stage asks the model for something: others are over in moments."""
    amount = amount_of_run(run)
    return amount is not None and stage in [part.stage for part in costs(run.config, amount)]


def _lease(run: Run, stage: str, until: str) -> None:
    """Go on with a stage in one lease; a longer one where the time was too short for a step."""
    if run.status().stage != stage:
        run.set_status(stage, "running", message=message("status.starting"))
    seconds, before = seconds_for(run, stage), _done(run)
    while True:
        try:
            ended = lent(stage_on_gpu, str(run.folder), stage, until, seconds)
        except Refused as refused:
            seconds //= 2
            if refused.is_quota and seconds >= LEAST_SECONDS + RESERVE_SECONDS:
                continue
            raise OutOfTime("lease.no-more", reason=refused) from refused
        if isinstance(ended, Message):
            raise CalmError.of(ended)
        if jobs.is_asked_to_stop(run):
            raise Stopped
        if ended == DONE or _done(run) != before:
            return
        seconds *= 2
        if seconds > LONGEST_SECONDS:
            raise OutOfTime("lease.too-short", seconds=seconds // 2)


def _done(run: Run) -> tuple[str, int]:
    status = run.status()
    return status.stage, status.done
