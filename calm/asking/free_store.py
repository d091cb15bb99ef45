"""Questions that were asked without choices, with their answers in groups: a link brings them back.

They lie beside those with choices (`calm.asking.store`), in a table of their own.
"""

from dataclasses import dataclass
from pathlib import Path

from calm.asking.free_questions import FreeAsked
from calm.asking.store import MOST_BYTES, MOST_KEPT, KeptStore, content_id, rows_in


@dataclass(frozen=True)
class FreelyAsked:
    """One question without choices, everything that was answered, and what compared."""

    asked: FreeAsked
    asked_at: float
    """In seconds since the epoch; not part of the id."""

    @property
    def id(self) -> str:
        return content_id(self)

    @property
    def model(self) -> str:
        return self.asked.model


def read_freely(path: Path) -> list[FreelyAsked]:
    """Return the questions of a JSON Lines file, none where it is missing."""
    return rows_in(FreelyAsked, path)


class FreeStore(KeptStore[FreelyAsked]):
    """The questions without choices."""

    def __init__(
        self, path: Path | None = None, most_kept: int = MOST_KEPT, most_bytes: int = MOST_BYTES
    ) -> None:
        super().__init__(FreelyAsked, "asked_freely", path, most_kept, most_bytes)
