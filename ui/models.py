"""The one model of this process: loaded in the background, shared by every page and visitor."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from calm.backends.shipped import MODELS, is_prepared, prepare_model
from calm.errors import CalmError
from calm.model_names import called, full_name
from ui.words import say

if TYPE_CHECKING:
    from calm.backends.causal_lm import CausalLM

LOOK_EVERY_SECONDS = 0.1
FAILED = "models.failed"
NO_MODEL = "none"
"""As `CALM_MODEL`: nothing is loaded, and the pages replay what was recorded."""


class Models:
    """Holds the model; it takes turns by its own lock, so any thread may use it."""

    def __init__(self, name: str) -> None:
        self.name = full_name(name)
        self._model: CausalLM | None = None
        self._failure: Exception | None = None
        self._says: tuple[str, Mapping[str, object]] | None = None
        if not self.is_absent:
            self._says = ("models.not-yet", {})
        self._loading: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def called(self) -> str:
        """What records and pages call the model: a folder by its own name."""
        return called(self.name)

    @property
    def is_absent(self) -> bool:
        """Whether the app was started without a model, to replay recordings only."""
        return self.name == NO_MODEL

    def message(self) -> str:
        """Return what the model is waiting for, to whoever asks; empty once it can answer."""
        says = self._says
        return say(says[0], **says[1]) if says else ""

    @property
    def has_failed(self) -> bool:
        """Whether what `message` says is that the model could not be loaded."""
        says = self._says
        return says is not None and says[0] == FAILED

    def start_loading(self) -> None:
        """Load the model in a thread, unless it is there or on its way, or there is to be none."""
        if self.is_absent:
            return
        with self._lock:
            if self._model is None and self._loading is None:
                self._failure = None
                self._says = ("models.loading", {"model": self.called})
                self._loading = threading.Thread(target=self._load, daemon=True)
                self._loading.start()

    def get(self, should_stop: Callable[[], bool] = lambda: False) -> "CausalLM | None":
        """Wait for the model and return it, or None where the caller was asked to stop.

        Raises what loading raised; the next call tries again. Raises CalmError where the app was
        started without a model.
        """
        if self.is_absent:
            raise CalmError(say("models.none"))
        if self._failure is None:
            self.start_loading()
        while self._model is None:
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            if should_stop():
                return None
            time.sleep(LOOK_EVERY_SECONDS)
        return self._model

    def _load(self) -> None:
        try:
            if self.name in MODELS and not is_prepared(self.name):
                prepare_model(self.name, self._prepares)
            from calm.backends.loading import load_model

            self._model = load_model(self.name)
            self._says = None
        except Exception as error:  # kept for whoever asks: a thread has no caller
            self._failure = error
            self._says = (FAILED, {"model": self.called, "problem": error})
        finally:
            self._loading = None

    def _prepares(self, step: str) -> None:
        self._says = ("models.prepared", {"step": step})
