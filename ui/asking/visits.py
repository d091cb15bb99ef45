"""The questions being asked now: one at a time in each browser session; each can be stopped."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

Shown = TypeVar("Shown")


@dataclass
class Visits:
    """What stops each session's question. A question begun later takes the older one's place."""

    stops: dict[str, threading.Event] = field(default_factory=dict)

    def begin(self, session: str | None) -> threading.Event:
        """Return the event that stops this session's question; an older question is stopped."""
        self.stop(session)
        stop = threading.Event()
        self.stops[session or ""] = stop
        return stop

    def stop(self, session: str | None) -> None:
        """Stop the session's question, if there is one."""
        stop = self.stops.get(session or "")
        if stop is not None:
            stop.set()

    def while_latest(
        self, session: str | None, stop: threading.Event, shown: Iterator[Shown]
    ) -> Iterator[Shown]:
        """Yield what is to be shown until it ends, or the session asks something else.

        Two questions write to the same place of a page: what an older one says last would stand
        where the newer one is answered.
        """
        try:
            for seen in shown:
                if self.stops.get(session or "") is not stop:
                    return
                yield seen
        finally:
            if self.stops.get(session or "") is stop:
                del self.stops[session or ""]
