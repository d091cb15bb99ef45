"""People's votes on answers shown side by side, in SQLite.

One ballot a voter and answer, changeable. A voter is a random id of a browser, never an address.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from calm.errors import CalmError
from calm.home import calm_home

Opinion = Literal["up", "down"]


@dataclass(frozen=True)
class Ballot:
    """One person's opinion of one answer."""

    voter: str
    question: str
    language: str
    model: str
    answer: str
    opinion: Opinion
    cast_at: float


class BallotBox:
    """The ballots of one SQLite file; safe from many threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or calm_home() / "ballots.sqlite"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as db, db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS ballots (voter TEXT, question TEXT, language TEXT,"
                " model TEXT, answer TEXT, opinion TEXT CHECK (opinion IN ('up', 'down')),"
                " cast_at REAL, PRIMARY KEY (voter, question, language, model, answer))"
            )

    def cast(
        self, voter: str, question: str, language: str, model: str, answer: str, opinion: Opinion
    ) -> None:
        """Keep a ballot; a second one of the same voter on the same answer takes its place."""
        if opinion not in ("up", "down"):
            raise CalmError(f"A ballot is 'up' or 'down', not {opinion!r}.")
        row = (voter, question, language, model, answer, opinion, time.time())
        with closing(self._open()) as db, db:
            db.execute("INSERT OR REPLACE INTO ballots VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def tally(self, question: str, language: str, model: str, answer: str) -> tuple[int, int]:
        """Return how many voted an answer up and down."""
        with closing(self._open()) as db:
            up, down = db.execute(
                "SELECT COALESCE(SUM(opinion = 'up'), 0), COALESCE(SUM(opinion = 'down'), 0)"
                " FROM ballots WHERE question = ? AND language = ? AND model = ? AND answer = ?",
                (question, language, model, answer),
            ).fetchone()
        return up, down

    def all(self) -> Iterator[Ballot]:
        """Yield every ballot, the oldest first."""
        with closing(self._open()) as db:
            rows = db.execute("SELECT * FROM ballots ORDER BY cast_at").fetchall()
        for row in rows:
            yield Ballot(*row)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30)
