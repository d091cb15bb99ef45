"""Work on a run with its progress on the terminal, until it is done or stopped by a signal."""

import argparse
import signal
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calm.runs.folder import Run


class StoppedBySignal(Exception):
    """SIGTERM or Ctrl-C came."""


def supervised_here(run: "Run", work: Any) -> None:
    """Do the work with progress on the terminal; keep the run's status right however it ends."""
    from calm.pipeline.context import Context, Stopped
    from calm.pipeline.supervise import supervised

    asked: list[int] = []
    try:
        with supervised(run):
            signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
            signal.signal(signal.SIGINT, lambda number, frame: asked.append(number))
            work(Context(run, say, lambda: bool(asked)))
    except Stopped:
        raise StoppedBySignal from None


def say(line: object) -> None:
    print(line, file=sys.stderr, flush=True)


def run_one_stage(options: argparse.Namespace) -> None:
    from calm.pipeline.align import redo, run_stage
    from calm.runs.folder import open_run

    run = open_run(options.run)
    if options.redo:
        redo(options.command, run)
    supervised_here(run, lambda context: run_stage(options.command, context))
