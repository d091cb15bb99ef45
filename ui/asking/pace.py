"""How long the asking of a question has taken, and will: learnt from the questions before.

A step takes a time for each of its units: languages to translate into, responses to draw and to
compare. What no question has told yet is not guessed.
"""

import time
from collections.abc import Callable

from calm.asking.ask import Order
from calm.asking.asked import Asked
from ui.parts.html import in_a_row
from ui.text.numbers import length_of_time
from ui.text.words import say

STEPS = ("translating", "answering", "comparing")


Paces = dict[tuple[str, bool, str], float]
"""Seconds a unit of a step took last, by the model, whether there were choices, and the step."""


class Stopwatch:
    """The time that one question takes, step by step."""

    def __init__(
        self, order: Order, paces: Paces, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._order, self._paces, self._clock = order, paces, clock
        self._begun = self._step_begun = clock()
        self._step = ""

    def look(self, seen: Asked) -> str:
        """Return how long it has taken, and about how long it still will where that is known.

        What a step took is learnt when the next one begins.
        """
        now = self._clock()
        if seen.step != self._step:
            self._learn(seen, now)
            self._step, self._step_begun = seen.step, now
        if seen.step not in STEPS:
            return ""
        taken, left = int(now - self._begun), self._left(seen, now)
        words = [say("ask.time.so-far", time=length_of_time(second=taken))]
        if left is not None:
            words.append(say("ask.time.left", time=length_of_time(second=max(1, round(left)))))
        return in_a_row(words)

    def _learn(self, seen: Asked, now: float) -> None:
        units = self._units(self._step, seen)
        if self._step in STEPS and units and seen.step not in ("stopped", "nowhere"):
            self._paces[self._key(seen, self._step)] = (now - self._step_begun) / units

    def _left(self, seen: Asked, now: float) -> float | None:
        """Return the seconds that are left; `None` where a step to come was never measured.

        So it is where more have passed than the steps took before.
        """
        left = self._step_begun - now
        for step in STEPS[STEPS.index(seen.step) :]:
            units = self._units(step, seen)
            pace = self._paces.get(self._key(seen, step))
            if pace is None and units:
                return None
            left += (pace or 0.0) * units
        return left if left > 0 else None

    def _units(self, step: str, seen: Asked) -> int:
        order = self._order
        samples = order.sampling.num_samples * len(order.languages)
        if step == "translating":
            own = {order.question.language, *order.known}
            return sum(code not in own for code in order.languages)
        if step == "comparing" and order.question.choices:
            return 0
        return samples

    def _key(self, seen: Asked, step: str) -> tuple[str, bool, str]:
        return seen.model, bool(self._order.question.choices), step
