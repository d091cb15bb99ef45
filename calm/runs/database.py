"""A SQLite file of a known version, for what is not part of a run: ballots, asked questions."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from calm.errors import CalmError


class Database:
    """One SQLite file; safe from many threads and processes.

    `bring_up_to_date` makes the tables in a new file, and takes over one of an earlier version.
    Raises CalmError for a file of a later version.
    """

    def __init__(
        self, path: Path, version: int, bring_up_to_date: Callable[[sqlite3.Connection], None]
    ) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.changing() as db:
            (found,) = db.execute("PRAGMA user_version").fetchone()
            if found > version:
                raise CalmError("database.other-version", path=path, version=found, ours=version)
            if found < version:
                bring_up_to_date(db)
                db.execute(f"PRAGMA user_version = {version}")

    def reading(self) -> closing[sqlite3.Connection]:
        """Return a connection that is closed behind the block."""
        return closing(sqlite3.connect(self._path, timeout=30, isolation_level=None))

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Give the file to this thread alone; what went wrong half way is undone."""
        with self.reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
