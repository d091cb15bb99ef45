"""One question through two models at once: each row of one batch has an adapter of its own."""

import dataclasses
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from calm.answers.choice import extract
from calm.answers.sample import draw_responses
from calm.records import Response
from ui.asking.answerers import Answerer
from ui.asking.records import Asked
from ui.asking.worker import Asking, Order, rows_of, watched
from ui.parts.models import Models

if TYPE_CHECKING:
    from calm.models.causal_lm import CausalLM

Two = tuple[Answerer, Answerer]


def ask_both(
    models: Models, order: Order, two: Two, stop: threading.Event
) -> Iterator[tuple[Asked, Asked]]:
    """Yield what both have answered, about eight times a second, the whole at last.

    Both are asked the same prompts with the same seeds, in one batch. Set `stop`, or close the
    generator, to end early. Raises what went wrong in the thread.
    """
    asking = _AskingBoth(models, order, two, stop)
    yield from watched(asking, asking.both, stop)


class _AskingBoth(Asking):
    """The work of one question for two: what the second says is kept beside the first's."""

    def __init__(self, models: Models, order: Order, two: Two, stop: threading.Event) -> None:
        super().__init__(models, order, stop)
        self._two = two
        self._second_texts: list[str] = []
        self._second_read: tuple[Response, ...] = ()

    def both(self) -> tuple[Asked, Asked]:
        """Return what is there now, of the first and of the second."""
        seen, texts = self.seen(), list(self._second_texts)
        rows = self._second_read if seen.phase == "done" else ()
        if texts and not rows:
            rows = tuple(rows_of(seen.versions, self._order.sampling, seen.model, texts))
        first, second = self._two
        return (
            dataclasses.replace(seen, model=first.name),
            dataclasses.replace(seen, model=second.name, responses=rows),
        )

    def _draw(self, model: "CausalLM") -> None:
        versions, sampling = self._asked.versions, self._order.sampling
        if self._stop.is_set() or not versions:
            return
        samples = sampling.num_samples
        self._texts = [""] * (len(versions) * samples)
        self._second_texts = list(self._texts)
        # Each version is asked twice in a row, its samples together: first, second, first, ...
        twice = [version for version in versions for _ in self._two]
        adapters = [who.adapter for _ in versions for who in self._two]

        def grow(row: int, text: str) -> None:
            block, sample = divmod(row, samples)
            version, place = divmod(block, 2)
            (self._second_texts if place else self._texts)[version * samples + sample] = text

        drawn = draw_responses(model, twice, sampling, grow, self._stop.is_set, adapters)
        if self._stop.is_set():
            return
        of_second = [row // samples % 2 == 1 for row in range(len(drawn))]
        second = [row for row, is_second in zip(drawn, of_second, strict=True) if is_second]
        by_language = {version.language: version for version in versions}
        self._second_read = tuple(extract(second, {versions[0].id: by_language}))
        first = [row for row, is_second in zip(drawn, of_second, strict=True) if not is_second]
        self._read(model, first)
