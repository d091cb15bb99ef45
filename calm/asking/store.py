"""Every question that was asked, with its answers, in SQLite: a link brings them back.

A question's id is the hash of what was asked and answered, so that the same question with the
same answers is kept once, and a link cannot be guessed without knowing them.
"""

import dataclasses
import hashlib
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.paths import calm_home
from calm.records import Question, Response, Vote
from calm.runs.folder import Row, from_json

MOST_KEPT = 10_000
MOST_BYTES = 256 << 20
"""Behind so many questions, or so many bytes of them, the oldest are removed."""


@dataclass(frozen=True)
class AskedQuestion:
    """One question asked in several languages, and everything that was answered."""

    model: str
    sampling: SamplingConfig
    versions: tuple[Question, ...]
    """The question in every language that it was asked in."""
    responses: tuple[Response, ...]
    left_out: dict[str, str]
    """Languages that the question could not be put into, and why."""
    vote: Vote
    asked_at: float
    """When it was asked, in seconds since the epoch; not part of the id."""

    @property
    def id(self) -> str:
        return content_id(self)


class Kept(Protocol):
    """What was asked, with choices or without, as far as it is the same for both."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def asked_at(self) -> float: ...


KeptRow = TypeVar("KeptRow", bound=Kept)


def content_id(row: Kept) -> str:
    """Return the first 16 hexadecimal digits of the content's SHA-256, whenever it was asked."""
    content = to_line(dataclasses.replace(row, asked_at=0.0))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def to_line(row: Kept) -> str:
    """Return it as one line of JSON; what is no character (half a surrogate) becomes `?`."""
    text = json.dumps(dataclasses.asdict(row), ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()


def read_asked(path: Path) -> list[AskedQuestion]:
    """Return the questions of a JSON Lines file, none where it is missing."""
    return rows_in(AskedQuestion, path)


def rows_in(kind: type[Row], path: Path) -> list[Row]:
    """Return the whole rows of one kind in a JSON Lines file, none where it is missing."""
    if not path.is_file():
        return []
    with path.open("rb") as stream:
        return [from_json(kind, line) for line in stream if line.endswith(b"\n")]


def latest(rows: Iterable[KeptRow]) -> list[KeptRow]:
    """Return the questions, the newest first, each of them once."""
    ordered = sorted(rows, key=lambda row: (-row.asked_at, row.id))
    return list({row.id: row for row in ordered}.values())


class KeptStore(Generic[KeptRow]):
    """Rows of one kind, under their ids in a table of one SQLite file; safe from many threads."""

    def __init__(
        self, kind: type[KeptRow], table: str, path: Path | None, most_kept: int, most_bytes: int
    ) -> None:
        self._kind, self._table = kind, table
        self._path, self._most = path or calm_home() / "asked.sqlite", (most_kept, most_bytes)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as db, db:
            db.execute(
                f"CREATE TABLE IF NOT EXISTS {table}"
                " (id TEXT PRIMARY KEY, model TEXT, asked_at REAL, size INTEGER, row TEXT)"
            )

    def keep(self, row: KeptRow) -> str:
        """Keep a question and return its id; asked again with the same answers, it is renewed."""
        line = to_line(row)
        values = (row.id, row.model, row.asked_at, len(line.encode()), line)
        with closing(self._open()) as db, db:
            db.execute(f"INSERT OR REPLACE INTO {self._table} VALUES (?, ?, ?, ?, ?)", values)
            db.execute(
                f"DELETE FROM {self._table} WHERE id IN (SELECT id FROM (SELECT id,"
                " ROW_NUMBER() OVER newest AS place, SUM(size) OVER newest AS bytes"
                f" FROM {self._table} WINDOW newest AS (ORDER BY asked_at DESC, id))"
                " WHERE place > ? OR bytes > ?)",
                self._most,
            )
        return row.id

    def find(self, identity: str) -> KeptRow | None:
        """Return the question of that id; None where there is none, or no longer a readable one."""
        query = f"SELECT row FROM {self._table} WHERE id = ?"
        with closing(self._open()) as db:
            found = db.execute(query, (identity,)).fetchone()
        try:
            return from_json(self._kind, found[0]) if found else None
        except CalmError:
            return None

    def of_model(self, model: str, most: int) -> list[KeptRow]:
        """Return the latest questions that a model was asked, at most so many, newest first."""
        with closing(self._open()) as db:
            rows = db.execute(
                f"SELECT row FROM {self._table} WHERE model = ? ORDER BY asked_at DESC, id LIMIT ?",
                (model, most),
            ).fetchall()
        return [from_json(self._kind, row) for (row,) in rows]

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30)


class AskedStore(KeptStore[AskedQuestion]):
    """The questions with choices."""

    def __init__(
        self, path: Path | None = None, most_kept: int = MOST_KEPT, most_bytes: int = MOST_BYTES
    ) -> None:
        super().__init__(AskedQuestion, "asked", path, most_kept, most_bytes)
