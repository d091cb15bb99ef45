"""How fast this machine is, measured by itself once the page is opened, so that times can be told.

It is a small alignment in a process of its own (see `calm.pipeline.measure`), made where nothing
else goes on: it waits until the model is loaded, gives way to whoever asks or aligns, and begins
again later. What it finds is kept, so that one machine and model are measured once.
"""

import threading
import time
from collections.abc import Callable

import gradio as gr

from calm.errors import CalmError
from calm.models.hardware import is_gpu_lent
from calm.pipeline.measure import is_measured
from calm.runs import jobs
from ui.parts.models import Models
from ui.parts.rights import may_change

LOOK_EVERY_SECONDS = 0.5
QUIET_SECONDS = 5.0
"""How long nobody must have asked or aligned before it begins."""


class Measuring:
    """The one measurement of this process; before `allow` it never begins, as in tests."""

    def __init__(self, models: Models, wait: Callable[[float], None] = time.sleep) -> None:
        self._models, self._wait = models, wait
        self._is_allowed = False
        self._failed: set[str] = set()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def allow(self) -> None:
        """Let it begin when somebody opens the page."""
        self._is_allowed = True

    @property
    def is_going(self) -> bool:
        """Whether the speed will be known by itself: it is measured, or waits for quiet."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, request: gr.Request | None) -> None:
        """Measure the model that answers, for a visitor with rights, unless that is known."""
        name = self._models.name
        if is_gpu_lent():
            return  # it would be somebody's quota
        if not self._is_allowed or not may_change(request) or self._models.is_absent:
            return
        with self._lock:
            if self.is_going or name in self._failed or is_measured(name):
                return
            self._thread = threading.Thread(target=self._work, args=(name,), daemon=True)
            self._thread.start()

    def _work(self, name: str) -> None:
        try:
            while self._models.name == name and not self._models.has_failed:
                if self._is_quiet() and jobs.measure_apart(name, self._gives_way):
                    return
        except CalmError:
            self._failed.add(name)  # the button on the page says why

    def _is_quiet(self) -> bool:
        """Wait a while; tell whether the model was there and nothing went on meanwhile."""
        for _ in range(int(QUIET_SECONDS / LOOK_EVERY_SECONDS)):
            self._wait(LOOK_EVERY_SECONDS)
            if not self._models.is_loaded or self._gives_way():
                return False
        return True

    def _gives_way(self) -> bool:
        return self._models.is_in_use or jobs.running() is not None
