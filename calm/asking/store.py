"""Every question that was asked, with its answers, in SQLite: a link brings them back.

A question's id is the hash of what was asked and answered, so that the same question with the
same answers is kept once, and a link cannot be guessed without knowing them.
"""

import dataclasses
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from calm.asking import old_formats
from calm.asking.asked import Asked
from calm.errors import CalmError
from calm.paths import calm_home
from calm.runs.database import Database
from calm.runs.folder import from_json

VERSION = 2
MOST_KEPT = 10_000
MOST_BYTES = 256 << 20
"""Behind so many questions, or so many bytes of them, the oldest are removed."""
FILES = ("asked.jsonl", "asked_freely.jsonl")
"""Where a run keeps what its model was asked; the second is read in runs of before."""
TABLES_BEFORE = ("asked", "asked_freely")
TABLE = (
    "CREATE TABLE questions"
    " (id TEXT PRIMARY KEY, model TEXT, asked_at REAL, size INTEGER, row TEXT)"
)


def asked_id(row: Asked) -> str:
    """Return the first 16 hexadecimal digits of the content's SHA-256, whenever it was asked."""
    content = dataclasses.asdict(dataclasses.replace(row, asked_at=0.0))
    if not row.passages:  # links to what was asked without any are as they were
        del content["passages"]
    return _hashed(content)


def ids_of(row: Asked) -> list[str]:
    """Return the id of a question, and the one that a link of before may have for it."""
    content = old_formats.content_before(row)
    return [asked_id(row), *([_hashed(content)] if content else [])]


def to_line(row: Asked) -> str:
    """Return it as one line of JSON; what is no character (half a surrogate) becomes `?`."""
    return _line(dataclasses.asdict(row))


def _line(content: Mapping[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace").decode()


def _hashed(content: Mapping[str, object]) -> str:
    return hashlib.sha256(_line(content).encode()).hexdigest()[:16]


def from_line(line: str | bytes) -> Asked:
    """Return a question from its line of JSON, as it is written today or was before.

    Raises CalmError for anything else.
    """
    try:
        return from_json(Asked, line)
    except CalmError as error:
        try:
            return old_formats.from_line(line)
        except CalmError:
            raise error from None


def read_asked(folder: Path) -> list[Asked]:
    """Return the questions that a run's model was asked, none where no file holds any.

    A last line without its end is left out; raises CalmError for any other that cannot be read.
    """
    found = []
    for path in (folder / name for name in FILES):
        if path.is_file():
            with path.open("rb") as stream:
                found += [from_line(line) for line in stream if line.endswith(b"\n")]
    return found


def latest(rows: Iterable[Asked]) -> list[Asked]:
    """Return the questions, the newest first, each of them once."""
    found = {asked_id(row): row for row in sorted(rows, key=lambda row: row.asked_at)}
    return [row for _, row in sorted(found.items(), key=lambda item: (-item[1].asked_at, item[0]))]


class AskedStore:
    """The questions of one SQLite file, under their ids; safe from many threads and processes.

    A file of the first version, which had a table for each kind of question, is taken over with
    all its links. Raises CalmError for a file of a later version.
    """

    def __init__(
        self, path: Path | None = None, most_kept: int = MOST_KEPT, most_bytes: int = MOST_BYTES
    ) -> None:
        file = path or calm_home() / "asked.sqlite"
        self._database = Database(file, VERSION, _bring_up_to_date)
        self._most = (most_kept, most_bytes)

    def keep(self, row: Asked) -> str:
        """Keep a question and return its id; asked again with the same answers, it is renewed."""
        identity = asked_id(row)
        with self._database.changing() as db:
            _insert(db, identity, row)
            db.execute(
                "DELETE FROM questions WHERE id IN (SELECT id FROM (SELECT id,"
                " ROW_NUMBER() OVER newest AS place, SUM(size) OVER newest AS bytes"
                " FROM questions WINDOW newest AS (ORDER BY asked_at DESC, id))"
                " WHERE place > ? OR bytes > ?)",
                self._most,
            )
        return identity

    def find(self, identity: str) -> Asked | None:
        """Return the question of that id; None where there is none, or no longer a readable one."""
        with self._database.reading() as db:
            found = db.execute("SELECT row FROM questions WHERE id = ?", (identity,)).fetchone()
        try:
            return from_json(Asked, found[0]) if found else None
        except CalmError:
            return None

    def of_model(self, model: str, most: int) -> list[Asked]:
        """Return the latest questions that a model was asked, at most so many, newest first."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT row FROM questions WHERE model = ? ORDER BY asked_at DESC, id LIMIT ?",
                (model, most),
            ).fetchall()
        return [from_json(Asked, row) for (row,) in rows]

    def newest(self, most_bytes: int) -> list[str]:
        """Return the questions as lines of JSON, at most so many bytes of them, newest first."""
        lines, left = [], most_bytes
        with self._database.reading() as db:
            for size, line in db.execute(
                "SELECT size, row FROM questions ORDER BY asked_at DESC, id"
            ):
                left -= size
                if left < 0:
                    break
                lines.append(line)
        return lines


def _insert(db: sqlite3.Connection, identity: str, row: Asked) -> None:
    line = to_line(row)
    values = (identity, row.model, row.asked_at, len(line.encode()), line)
    db.execute("INSERT OR REPLACE INTO questions VALUES (?, ?, ?, ?, ?)", values)


def _bring_up_to_date(db: sqlite3.Connection) -> None:
    """Make the table, and put what the tables of before hold into it under the ids it had."""
    db.execute(TABLE)
    known = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    for table in (name for name in TABLES_BEFORE if name in known):
        for identity, line in db.execute(f"SELECT id, row FROM {table}"):
            try:
                _insert(db, identity, old_formats.from_line(line))
            except CalmError:
                continue  # it could not be read before, either
        db.execute(f"DROP TABLE {table}")
