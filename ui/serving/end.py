"""How the app ends: asked by the system, it has its runs save, closes the page and is gone.

A service manager and a container send SIGTERM and kill what is left ten seconds later, runs
included. As the first process of a container it would get no signal that it has no handler for. Who
presses Ctrl-C closes the page alone: a run goes on, as it does when a browser is closed.
"""

import os
import signal
import sys
import threading
import time
from typing import Protocol

from calm.runs import jobs
from ui.parts import lent_runs

LOOK_EVERY_SECONDS = 0.1
SECONDS_TO_SAVE = 7.0
"""How long runs may take to save; what is kept is whole also where they take longer."""
SECONDS_IN_ALL = 9.0
STOPPED_BY = 128
"""What a shell adds to a signal's number for the exit status of what it ended."""


class Page(Protocol):
    """What is served: a `gr.Blocks` that was launched."""

    def close(self, verbose: bool = True) -> None: ...


class End:
    """Waits for the signal that ends this process; makes handlers as soon as it is made."""

    def __init__(self) -> None:
        self._asked: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        if self._asked:  # asked twice: whoever asks does not want to wait
            os._exit(STOPPED_BY + number)
        self._asked.append(number)

    def wait(self) -> int:
        """Return the signal that came, once one has."""
        while not self._asked:
            time.sleep(LOOK_EVERY_SECONDS)
        return self._asked[0]


def close(page: Page, number: int) -> None:
    """Close the page, and have what this process has started save where the system ends it.

    It is over after `SECONDS_IN_ALL`, whatever a thread is still doing.
    """
    watch = threading.Timer(SECONDS_IN_ALL, os._exit, (0,))
    watch.daemon = True
    watch.start()
    if number == signal.SIGTERM:
        jobs.ask_children_to_end()
        lent_runs.ask_to_end(0.0)
    page.close(verbose=False)
    if number == signal.SIGTERM:
        jobs.wait_for_children(SECONDS_TO_SAVE)
        lent_runs.ask_to_end(SECONDS_IN_ALL)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # threads of a model that computes would keep the process
