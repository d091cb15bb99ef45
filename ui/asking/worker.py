"""One question through the model, in a thread: what is there so far is seen as it grows.

Where a GPU is lent for calls alone, the model answers on it in a lease, from a copy of its own;
where none is lent, the copy that this process has answers, on the processor.
"""

import contextvars
import dataclasses
import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import gradio as gr

from calm.asking.ask import Order, ask_each
from calm.asking.asked import Asked
from calm.errors import CalmError
from calm.messages import Message
from calm.model_names import called
from calm.models.hardware import is_gpu_lent, take_lease
from ui.asking.answerers import Answerer
from ui.parts.html import esc
from ui.parts.leases import MOST_SECONDS, Refused, lent_each, on_gpu
from ui.parts.models import Models
from ui.text.problems import worded
from ui.text.words import say

LOOK_EVERY_SECONDS = 1 / 8
LOADING_SECONDS = 20
Adapters = Mapping[str, Path | None]


def ask(
    models: Models, order: Order, stop: threading.Event, who: Answerer | None = None
) -> Iterator[Asked]:
    """Yield what is there about eight times a second, the whole at last.

    Without anybody named, the model answers as it is. Set `stop`, or close the generator, to end
    early. Raises what went wrong in the thread.
    """
    adapters = {who.name: who.adapter} if who else {}
    for asked in _watched(_Asking(models, order, adapters, stop)):
        yield asked[0]


def ask_both(
    models: Models, order: Order, two: tuple[Answerer, Answerer], stop: threading.Event
) -> Iterator[tuple[Asked, Asked]]:
    """Yield what two have answered, as `ask` does.

    Both are asked the same prompts with the same seeds, in one batch.
    """
    adapters = {who.name: who.adapter for who in two}
    for seen in _watched(_Asking(models, order, adapters, stop)):
        yield seen[0], seen[1]


def seconds_to_ask(name: str, order: Order, adapters: Adapters) -> int:
    """Return how long a lease for a question is: a second a response, behind the loading."""
    responses = order.sampling.num_samples * len(order.languages) * max(1, len(adapters))
    return min(MOST_SECONDS, LOADING_SECONDS + responses)


@on_gpu(seconds_to_ask)
def ask_on_gpu(
    name: str, order: Order, adapters: Adapters
) -> Iterator[tuple[Asked, ...] | Message]:
    """Yield what a model has answered on its lent GPU, or at last what is wrong."""
    take_lease()
    try:
        yield from _watched(_Asking(_Lent(name), order, adapters, threading.Event()))
    except CalmError as problem:
        yield problem.message


class _Lent:
    """The model of a lease; a process that lends a GPU again has it still."""

    def __init__(self, name: str) -> None:
        self.name, self.called = name, called(name)
        self.in_use = nullcontext

    def get(self, should_stop: Callable[[], bool]) -> Any:
        return _loaded(self.name)


@functools.lru_cache(maxsize=1)
def _loaded(name: str) -> Any:
    from calm.models.loading import load_model

    return load_model(name)


class _Asking:
    """The work of one question; `seen` may be read from another thread while it goes on."""

    def __init__(
        self, models: Models | _Lent, order: Order, adapters: Adapters, stop: threading.Event
    ) -> None:
        self._models, self._order, self._adapters = models, order, adapters
        self.stop = stop
        self.failure: Exception | None = None
        self._show(tuple(Asked("waiting", name) for name in adapters or [models.called]))

    def work(self) -> None:
        """Wait for the model and ask it."""
        try:
            with self._models.in_use():
                self._ask()
        except Exception as error:  # raised again in the thread that waits for us
            self.failure = error

    def _ask(self) -> None:
        model = self._models.get(self.stop.is_set)
        if model is None:
            self._show(tuple(Asked("stopped", asked.model) for asked in self.seen))
            return
        if is_gpu_lent() and not isinstance(self._models, _Lent):
            try:
                self._ask_on_gpu()
                return
            except Refused as refused:
                gr.Info(esc(say("ask.on-processor", reason=worded(refused))))
        stopped = self.stop.is_set
        ask_each(model, self._order, self._adapters, None, None, self._show, stopped)

    def _ask_on_gpu(self) -> None:
        """Have it answered in a lease; raise Refused where there is none."""
        for seen in lent_each(ask_on_gpu, self._models.name, self._order, dict(self._adapters)):
            if isinstance(seen, Message):
                raise CalmError.of(seen)
            self._show(seen)
            if self.stop.is_set():
                self._show(tuple(dataclasses.replace(asked, step="stopped") for asked in seen))
                return

    def _show(self, seen: tuple[Asked, ...]) -> None:
        self.seen = seen


def _watched(asking: _Asking) -> Iterator[tuple[Asked, ...]]:
    """Let the work go on in a thread and yield what is there at every look, the whole at last."""
    # The thread speaks the language of the request, which the context knows.
    context = contextvars.copy_context()
    worker = threading.Thread(target=context.run, args=(asking.work,), daemon=True)
    worker.start()
    try:
        while worker.is_alive():
            worker.join(LOOK_EVERY_SECONDS)
            yield asking.seen
        if asking.failure is not None:
            raise asking.failure
        yield asking.seen
    finally:
        asking.stop.set()
