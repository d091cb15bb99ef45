"""The one model of this process: loaded in the background, shared by every page and visitor.

Another can be chosen while the app runs: the one that is here is let go, and its memory taken.
"""

import contextlib
import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from calm.config import DEFAULT_LANGUAGES
from calm.errors import CalmError
from calm.messages import Message
from calm.model_names import called, full_name
from calm.models.shipped import MODELS, is_prepared, prepare_model
from calm.paths import keep, read_kept
from ui.text.numbers import length_of_time
from ui.text.words import say

if TYPE_CHECKING:
    from calm.models.causal_lm import CausalLM

LOOK_EVERY_SECONDS = 0.1
FAILED, LOADING = "models.failed", "models.loading"
TIMES = "loading_times.json"
"""Remembers how many seconds each model took to load here."""
NO_MODEL = "none"
"""As `CALM_MODEL`: nothing is loaded, and the pages replay what was recorded."""


def remember_time(name: str, seconds: float) -> None:
    """Keep how long a model took to load, for whoever waits for it next time."""
    kept = read_kept(TIMES)
    keep(TIMES, {**(kept if isinstance(kept, dict) else {}), name: round(seconds, 1)})


class Models:
    """Holds the model; it takes turns by its own lock, so any thread may use it."""

    def __init__(self, name: str) -> None:
        self.name = full_name(name)
        self._model: CausalLM | None = None
        self._failure: Exception | None = None
        self._says = self._waiting()
        self._since = time.monotonic()
        self._loading: threading.Thread | None = None
        self._lock = threading.Lock()
        self._users = 0

    def _waiting(self) -> tuple[str, Mapping[str, object]] | None:
        return None if self.is_absent else ("models.not-yet", {})

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
        if says and says[0] == LOADING:
            return self._loading_in_words(says[1])
        return say(says[0], **says[1]) if says else ""

    def _loading_in_words(self, named: Mapping[str, object]) -> str:
        """Say that a model loads, for how long already, and how long that took here before."""
        spent = length_of_time(second=int(time.monotonic() - self._since))
        usual = read_kept(TIMES)
        before = usual.get(self.name) if isinstance(usual, dict) else None
        if not isinstance(before, int | float):
            return say(LOADING, **named, spent=spent)
        took = length_of_time(second=max(1, round(before)))
        return say(f"{LOADING}.usual", **named, spent=spent, took=took)

    @property
    def has_failed(self) -> bool:
        """Whether what `message` says is that the model could not be loaded."""
        says = self._says
        return says is not None and says[0] == FAILED

    @property
    def is_loaded(self) -> bool:
        return self._model is not None

    @property
    def is_loading(self) -> bool:
        return self._loading is not None

    @property
    def is_in_use(self) -> bool:
        """Whether somebody is being answered, or waits for it."""
        return self._users > 0

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Say, around what asks the model, that it is in use."""
        with self._lock:
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1

    def choose(self, name: str) -> None:
        """Answer with another model from now on: let go of the one that is here and load that one.

        `NO_MODEL` lets go only. Who is being answered gets the answer of the model they asked.
        """
        name = full_name(name)
        with self._lock:
            if name == self.name and not self.has_failed:
                return
            self.name, self._model, self._loading, self._failure = name, None, None, None
            self._says = self._waiting()
        gc.collect()
        self.start_loading()

    def start_loading(self) -> None:
        """Load the model in a thread, unless it is there or on its way, or there is to be none."""
        if self.is_absent:
            return
        with self._lock:
            if self._model is None and self._loading is None:
                self._failure = None
                self._says = (LOADING, {"model": self.called})
                self._since = time.monotonic()
                self._loading = threading.Thread(target=self._load, args=(self.name,), daemon=True)
                self._loading.start()

    def get(self, should_stop: Callable[[], bool] = lambda: False) -> "CausalLM | None":
        """Wait for the model and return it, or None where the caller was asked to stop.

        Raises what loading raised; the next call tries again. Raises CalmError where the app was
        started without a model.
        """
        if self.is_absent:
            raise CalmError("model.none-to-ask")
        if self._failure is None:
            self.start_loading()
        while (model := self._model) is None:
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            if self.is_absent:
                raise CalmError("model.none-to-ask")
            if should_stop():
                return None
            time.sleep(LOOK_EVERY_SECONDS)
        return model

    def _load(self, name: str) -> None:
        model, failure = None, None
        try:
            if name in MODELS and not is_prepared(name):
                prepare_model(name, self._prepares)
            from calm.models.loading import load_model

            self._since = began = time.monotonic()
            if self._loading is threading.current_thread():
                self._says = (LOADING, {"model": called(name)})
            model = load_model(name)
            remember_time(name, time.monotonic() - began)
        except Exception as error:  # kept for whoever asks: a thread has no caller
            failure = error
            print(f"calm: the model {called(name)} cannot be loaded: {error}", file=sys.stderr)
        with self._lock:
            if self._loading is not threading.current_thread():
                return  # another one was chosen meanwhile
            self._model, self._failure, self._loading = model, failure, None
            self._says = (FAILED, {"model": called(name), "problem": failure}) if failure else None

    def _prepares(self, step: Message) -> None:
        if self._loading is threading.current_thread():
            self._says = ("models.prepared", {"step": step})


def get_ready_to_read(models: Models) -> None:
    """Wait for the model, and do then what the first question would wait for, at leisure."""
    from calm.answers.choice import get_ready

    with contextlib.suppress(Exception):  # who asks is told why there is no model
        models.get()
        for code in DEFAULT_LANGUAGES:
            get_ready([code])
            time.sleep(LOOK_EVERY_SECONDS)
