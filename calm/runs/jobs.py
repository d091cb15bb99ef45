"""Start, watch and stop what aligns a run: `python -m calm align RUN` as a child, or a program.

Training never runs inside a web event: a browser that closes must not stop it. The child writes
to the run folder, and whoever wants to know reads that. A program that calls `calm.align`, such as
a notebook, claims its run as a command does, and is asked to stop by a file: it has other work.
"""

import contextlib
import os
import signal
import site
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from calm.errors import AS_JSON, CalmError, from_line
from calm.messages import message
from calm.paths import studies_folder
from calm.runs.folder import Run, list_runs, write_whole

PID_FILE = "job.pid"
"""The number of the process that works on a run, when it began (seconds since 1970), and where."""
STOP_FILE = "job.stop"
"""Asks a program that works on the run to stop: a signal would end all else that it does."""
UNTIL_FILE = "job.until"
"""After which stage it was started to end; there is none where that is the last one."""
GUEST = "program"
"""Stands behind number and time of a process that is asked to stop by that file."""
PLACED = "in:"
"""How the mark of a machine's start, and of the container in it, begins (see `_place`)."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
PROCESSES = Path("/proc/self/ns/pid")
"""Names what a process number means: each container has its own numbers."""
CLOCK = 2.0
"""Seconds by which a clock that was set may move the time a process began."""
LOOK_EVERY_SECONDS = 0.5
SECONDS_TO_END = 20.0
"""How long a process that is to give way may take to end by itself."""
CHILDREN: list[subprocess.Popen[bytes]] = []
"""Children of this process, so that ended ones do not stay behind as zombies."""
MEASURING: list[subprocess.Popen[str]] = []
"""Those that measure this machine: they end as a person ends them, and take away what they made."""
CALM = (sys.executable, "-P", "-m", "calm")
"""The command line in a process of its own, whatever lies in the folder that it is started in."""
PLACE = Path(__file__).resolve().parents[2]
"""The folder that holds this very package."""


def start(run: Run, until: str | None = None) -> None:
    """Start the alignment of a run, detached from this process; it ends after the stage `until`.

    Raises CalmError as `check_start` does.
    """
    check_start(run)
    note_end(run, until)
    run.set_status("questions", "queued", message=message("status.starting"))
    start_command(run, "align", *(["--until", until] if until else []))


def start_command(run: Run, command: str, *options: str, by: str = "") -> None:
    """Start a command that works on a folder, detached from this process; it writes to its log.

    `by` is the flag that the command takes the folder by, where it is not named first.
    """
    folder = (by, str(run.folder)) if by else (str(run.folder),)
    with run.log.open("ab") as log:
        child = subprocess.Popen(
            [*CALM, command, *folder, *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment(),
        )
    CHILDREN.append(child)
    _write_pid(run, child.pid)


def check_start(run: Run) -> None:
    """Raise CalmError where a run cannot be aligned now.

    That is while one is running: two would share the processor and the memory; and for a run from
    an archive: its settings may name files and models of another machine.
    """
    if run.is_opened:
        raise CalmError("run.only-replayed", run=run.name)
    busy = running()
    if busy is not None:
        raise CalmError("run.busy", run=busy.name)


def note_end(run: Run, until: str | None) -> None:
    """Write down after which stage a run is to end, for whoever starts it again."""
    (run.folder / UNTIL_FILE).unlink(missing_ok=True)
    if until:
        write_whole(run.folder / UNTIL_FILE, f"{until}\n")


def noted_end(run: Run) -> str | None:
    """Return after which stage it is to end, `None` for the last one."""
    try:
        return (run.folder / UNTIL_FILE).read_text(encoding="utf-8").strip() or None
    except (OSError, ValueError):
        return None


def environment() -> dict[str, str]:
    """Return a child's environment: its threads leave the cores to those who ask meanwhile.

    It finds the package that this process runs, too, where that is not an installed one.
    """
    ours = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    if str(PLACE) not in (sysconfig.get_path("purelib"), site.getusersitepackages()):
        paths = (str(PLACE), ours.get("PYTHONPATH", ""))
        ours["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return ours | {"PYTHONUNBUFFERED": "1", "OMP_WAIT_POLICY": "PASSIVE"}


def measure_apart(model: str, gives_way: Callable[[], bool] = lambda: False) -> bool:
    """Measure how fast this machine is, in a process of its own; return whether it is measured.

    It is not where it was to give way meanwhile: `gives_way` is asked again and again. Raises
    CalmError while an alignment takes part of the machine, and where it cannot be measured.
    """
    busy = running()
    if busy is not None:
        raise CalmError("run.busy-measuring", run=busy.name)
    child = subprocess.Popen(
        [*CALM, "measure", "--model", model],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment() | {AS_JSON: "1"},
    )
    MEASURING.append(child)
    try:
        said = _said_by(child, gives_way)
    finally:
        MEASURING.remove(child)
    if said is None:
        return False
    if child.returncode:
        lines = said.strip().splitlines()
        last = from_line(lines[-1].removeprefix("calm: ")) if lines else message("machine.silent")
        raise CalmError("machine.not-measured", reason=last)
    return True


def _said_by(child: "subprocess.Popen[str]", gives_way: Callable[[], bool]) -> str | None:
    """Wait for a process and return what it said of problems; `None` where it was to give way.

    It is interrupted then as by a person, so that it takes away what it made.
    """
    while not gives_way():
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.communicate(timeout=LOOK_EVERY_SECONDS)[1]
    child.send_signal(signal.SIGINT)
    try:
        child.communicate(timeout=SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
    return None


def ask_children_to_end() -> None:
    """Ask what this process has started to save what it has done, and to end."""
    for child in list(CHILDREN):
        child.terminate()
    for measuring in list(MEASURING):
        measuring.send_signal(signal.SIGINT)


def wait_for_children(seconds: float) -> bool:
    """Wait for them at most so long; return whether all have ended."""
    end = time.monotonic() + seconds
    children: list[subprocess.Popen[Any]] = [*CHILDREN, *MEASURING]
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, end - time.monotonic()))
    return all(child.poll() is not None for child in children)


def claim(run: Run, is_program: bool = False) -> None:
    """Say that this process works on the run, so that pages see it and no other begins.

    `is_program` tells that it does other work too: it must not be ended to stop the run. Raises
    CalmError where another process is at it.
    """
    if _pid(run) != os.getpid() and is_running(run):
        raise CalmError("run.claimed", run=run.name, process=_pid(run))
    (run.folder / STOP_FILE).unlink(missing_ok=True)
    _write_pid(run, os.getpid(), GUEST if is_program else "")


def release(run: Run) -> None:
    """Say that this process, which goes on, no longer works on the run."""
    if _pid(run) == os.getpid():
        (run.folder / PID_FILE).unlink(missing_ok=True)
        (run.folder / STOP_FILE).unlink(missing_ok=True)


def stop(run: Run) -> None:
    """Ask a running alignment to stop; what it has done is kept, and `start` goes on from there."""
    process = _process(run)
    if process is None:
        return
    if GUEST in (run.folder / PID_FILE).read_text().split()[2:]:
        (run.folder / STOP_FILE).touch()
    else:
        process.terminate()


def is_asked_to_stop(run: Run) -> bool:
    """Tell whether the program that works on the run was asked to stop."""
    return (run.folder / STOP_FILE).exists()


def is_running(run: Run) -> bool:
    """Tell whether the process that works on the run is alive, whoever started it."""
    return _process(run) is not None


def check_idle(run: Run) -> None:
    """Raise CalmError while a process works on the run: it cannot be renamed or deleted then."""
    if is_running(run):
        raise CalmError("run.busy", run=run.name)


def running() -> Run | None:
    """Return the run, or the study, that is being worked on now, if any.

    A study claims its own folder as it claims that of each of its runs.
    """
    studies = (Run(file.parent) for file in sorted(studies_folder().glob(f"*/{PID_FILE}")))
    return next((run for run in (*list_runs(), *studies) if is_running(run)), None)


def settle(run: Run) -> None:
    """Correct the status of a run whose process died without a word, such as by SIGKILL."""
    status = run.status()
    if status.state in ("queued", "running") and not is_running(run):
        ended = message("status.ended")
        run.set_status(status.stage, "stopped", status.done, status.total, ended)


def _process(run: Run) -> Any:
    """Return the process that works on the run, a `psutil.Process`; `None` where it has ended.

    A number is given anew once its process has ended: it is the same process where it began at the
    time that is written beside the number, since the same start of the machine, in the same
    container. A file of before has no time; there it is one that began before the file was written.
    """
    import psutil

    CHILDREN[:] = [child for child in CHILDREN if child.poll() is None]
    file = run.folder / PID_FILE
    try:
        number, *more = file.read_text().split()
        if any(word.startswith(PLACED) and word != _place() for word in more):
            return None
        process = psutil.Process(int(number))
        began = process.create_time()
        latest = float(more[0]) if more else file.stat().st_mtime
        earliest = latest if more else 0.0
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
    except (OSError, ValueError, psutil.Error):
        return None
    return process if earliest - CLOCK <= began <= latest + CLOCK else None


def _pid(run: Run) -> int | None:
    try:
        return int((run.folder / PID_FILE).read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _write_pid(run: Run, pid: int, kind: str = "") -> None:
    """Write down which process works on the run, when it began, and how it is asked to stop."""
    import psutil

    began = psutil.Process(pid).create_time()
    words = filter(None, (str(pid), str(began), _place(), kind))
    write_whole(run.folder / PID_FILE, " ".join(words) + "\n")


def _place() -> str:
    """Return a mark of this start of the machine and of the container in it; empty for none.

    Process numbers begin anew with each. Linux tells both; elsewhere the time has to do.
    """
    try:
        start = BOOT_ID.read_text(encoding="ascii").strip()
        return f"{PLACED}{start}:{PROCESSES.readlink().name}"
    except (OSError, ValueError):
        return ""
