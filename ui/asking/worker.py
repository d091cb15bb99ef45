"""One question through the model, in a thread: what is there so far is seen as it grows."""

import contextvars
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from calm.asking.ask import Order, ask_each
from calm.asking.asked import Asked
from ui.asking.answerers import Answerer
from ui.parts.models import Models

LOOK_EVERY_SECONDS = 1 / 8


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


class _Asking:
    """The work of one question; `seen` may be read from another thread while it goes on."""

    def __init__(
        self,
        models: Models,
        order: Order,
        adapters: Mapping[str, Path | None],
        stop: threading.Event,
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
        else:
            stopped = self.stop.is_set
            ask_each(model, self._order, self._adapters, None, None, self._show, stopped)

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
