"""Questions that were asked without choices, with their answers in groups: a link brings them back.

They lie beside those with choices (`calm.asked`), in a table of their own.
"""

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path

from calm.asked import MOST_BYTES, MOST_KEPT, KeptLines, rows_in, to_line
from calm.errors import CalmError
from calm.free_questions import FreeAsked
from calm.runs import from_json


@dataclass(frozen=True)
class FreelyAsked:
    """One question without choices, everything that was answered, and what compared."""

    asked: FreeAsked
    asked_at: float
    """In seconds since the epoch; not part of the id."""

    @property
    def id(self) -> str:
        """The first 16 hexadecimal digits of the content's SHA-256."""
        content = to_line(dataclasses.replace(self, asked_at=0.0))
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def read_freely(path: Path) -> list[FreelyAsked]:
    """Return the questions of a JSON Lines file, none where it is missing."""
    return rows_in(FreelyAsked, path)


class FreeStore:
    """The questions without choices of one SQLite file; safe from many threads."""

    def __init__(
        self, path: Path | None = None, most_kept: int = MOST_KEPT, most_bytes: int = MOST_BYTES
    ) -> None:
        self._lines = KeptLines("asked_freely", path, most_kept, most_bytes)

    def keep(self, row: FreelyAsked) -> str:
        """Keep a question and return its id; asked again with the same answers, it is renewed."""
        self._lines.keep(row.id, row.asked.model, row.asked_at, to_line(row))
        return row.id

    def find(self, identity: str) -> FreelyAsked | None:
        """Return the question of that id; None where there is none, or no longer a readable one."""
        line = self._lines.find(identity)
        try:
            return from_json(FreelyAsked, line) if line else None
        except CalmError:
            return None

    def of_model(self, model: str, most: int) -> list[FreelyAsked]:
        """Return the latest questions that a model was asked, at most so many, newest first."""
        return [from_json(FreelyAsked, line) for line in self._lines.of_model(model, most)]
