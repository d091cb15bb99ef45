"""What is kept elsewhere (`CALM_KEEP`): fetched at the start, sent as it changes, by one thread."""

import os
import sys
import threading

from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.errors import CalmError, disk_problem
from calm.exchange.keep import Keeper
from calm.exchange.places import SETTING, place_of
from calm.models.hardware import is_gpu_lent
from calm.runs import jobs
from calm.runs.folder import Run
from ui.parts import lent_runs

KEEP_EVERY_SECONDS = 60.0


def keeper_here() -> Keeper | None:
    """Return what keeps, as the variable says; None for nothing. Raises CalmError for no place."""
    setting = os.environ.get(SETTING, "").strip()
    return Keeper(place_of(setting), BallotBox(), AskedStore()) if setting else None


class Keeping:
    """The thread that keeps; it begins as soon as it is made."""

    def __init__(self, keeper: Keeper, every_seconds: float = KEEP_EVERY_SECONDS) -> None:
        self._keeper, self._every = keeper, every_seconds
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def end(self, seconds: float = 0.0) -> None:
        """Keep nothing more; a run that this app's end stops is to go on at the next start."""
        self._ends.set()
        self._thread.join(seconds)

    def _work(self) -> None:
        while not self._ends.is_set():
            try:
                if not self._keeper.is_restored:
                    go_on(self._keeper.restore())
                self._keeper.keep()
            except Exception as error:  # tried again: a place may be out of reach for a while
                known = error if isinstance(error, CalmError) else disk_problem(error)
                said = known or CalmError(
                    "keep.failed", place=self._keeper.place.name, reason=error
                )
                self._keeper.problem = said
                print(f"calm: {said}", file=sys.stderr)
            self._ends.wait(self._every)


def go_on(runs: list[Run]) -> None:
    """Let the newest of these runs go on; others stay stopped, for there is room for one.

    Where a GPU is lent, nobody is there yet in whose name it could be: a person lets it go on.
    """
    for run in [] if is_gpu_lent() else runs[:1]:
        try:
            lent_runs.start(run, jobs.noted_end(run))
        except CalmError as problem:
            print(f"calm: {problem}", file=sys.stderr)
