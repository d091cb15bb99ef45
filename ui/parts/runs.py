"""The runs that a page may name: those under `calm_home()`, and nothing else on the disk."""

import functools
import threading
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from calm.errors import CalmError
from calm.runs import jobs
from calm.runs.folder import NAME, Run, list_runs, open_run

Read = TypeVar("Read")


def checked_name(name: str) -> str:
    """Return a run's name, trimmed; raises CalmError for a path or what cannot be a name."""
    name = name.strip()
    if not NAME.fullmatch(name):
        raise CalmError("run.bad-name", name=repr(name))
    return name


def run_named(name: str) -> Run:
    """Return the run of that name; raises CalmError where there is none."""
    return open_run(checked_name(name))


def run_names() -> list[str]:
    """Return the names of all runs, the newest first."""
    return [run.name for run in list_runs()]


def finished_names() -> list[str]:
    """Return the names of the runs that have been measured, the newest first."""
    return [run.name for run in list_runs() if run.has("comparisons")]


def voted_names() -> list[str]:
    """Return the names of the runs whose votes are counted, the newest first."""
    return [run.name for run in list_runs() if run.has("votes")]


def current_name() -> str | None:
    """Return the run that is being aligned now, else the newest; None where there is none."""
    running, names = jobs.running(), run_names()
    return running.name if running and running.name in names else next(iter(names), None)


def runs_mark() -> str:
    """Return a text that is another one once a run has come, gone, been renamed or got further.

    A run gets further when a stage has begun its file, and when its process begins or ends.
    """
    running = jobs.running()
    files = [
        (run.name, *sorted(path.name for path in run.folder.glob("*.jsonl"))) for run in list_runs()
    ]
    return f"{running.name if running else ''} {zlib.crc32(repr(sorted(files)).encode())}"


def changed_at(files: Iterable[Path]) -> tuple[int, ...]:
    """Return when files were written; 0 for one that is not there."""
    return tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)


def read_once(
    files: Callable[[Run], Iterable[Path]], most: int = 4
) -> Callable[[Callable[[Run], Read]], Callable[[Run], Read]]:
    """Return a decorator of what reads a run: it reads again where one of its files has changed.

    So many runs are remembered at the `most`. What two visitors look at is read once.
    """

    def decorate(read: Callable[[Run], Read]) -> Callable[[Run], Read]:
        one_reads = threading.RLock()

        @functools.lru_cache(maxsize=most)
        def remembered(run: Run, *changed: int) -> Read:
            return read(run)

        @functools.wraps(read)
        def reader(run: Run) -> Read:
            with one_reads:
                return remembered(run, *changed_at(files(run)))

        return reader

    return decorate


def settled(run: Run) -> Run:
    """Return the run, its status corrected where its process died without a word.

    A run that no process has claimed, such as a copied folder, is left alone.
    """
    if (run.folder / jobs.PID_FILE).exists():
        jobs.settle(run)
    return run
