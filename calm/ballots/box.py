"""People's votes on answers, in SQLite: a thumb, a choice between two models, a word on the vote.

One ballot a voter and thing judged; it can be changed, and taken back. A voter is a random id of a
browser, never an address. What was judged is stored with the ballot, so that it can become a
preference pair.
"""

import hmac
import json
import secrets
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path

from calm.errors import CalmError
from calm.languages.table import language
from calm.paths import calm_home
from calm.records import VERDICTS, Ballot, Judged
from calm.runs.database import Database

VERSION = 2
MOST_CHARACTERS = {"response": 100_000, "other_response": 100_000, "prompt": 100_000, "voter": 128}
MOST_CHARACTERS_ELSEWHERE = 4_000
WITHDRAWN = ""
"""In the place of an opinion: takes back the ballot that was cast."""
TABLE = (
    "CREATE TABLE ballots (voter TEXT, thing TEXT, kind TEXT, opinion TEXT, question TEXT,"
    " language TEXT, model TEXT, answer TEXT, question_id TEXT, prompt TEXT, choice_order TEXT,"
    " response TEXT, other_model TEXT, other_response TEXT, other_answer TEXT, cast_at REAL,"
    " PRIMARY KEY (voter, thing))"
)


JUDGED = tuple(field.name for field in fields(Judged))
COLUMNS = ("voter", "thing", "opinion", "cast_at", *JUDGED)


class BallotBox:
    """The ballots of one SQLite file; safe from many threads and processes.

    A file of the first version, which knew thumbs alone, is taken over with all its ballots.
    Raises CalmError for a file of a later version.
    """

    def __init__(self, path: Path | None = None) -> None:
        file = path or calm_home() / "ballots.sqlite"
        self._database = Database(file, VERSION, _bring_up_to_date)

    def cast(self, judged: Judged, voter: str, opinion: str) -> None:
        """Keep a ballot; a second one of the same voter on the same thing takes its place.

        `WITHDRAWN` takes it back, as if it had never been cast. Raises CalmError for what is no
        opinion of its kind, is too long to be kept, or leaves nothing to choose between.
        """
        if opinion == WITHDRAWN:
            with self._database.changing() as db:
                db.execute(
                    "DELETE FROM ballots WHERE voter = ? AND thing = ?", (voter, judged.thing)
                )
            return
        ballot = Ballot(
            **{name: getattr(judged, name) for name in JUDGED},
            voter=voter,
            opinion=opinion,  # type: ignore[arg-type]
            cast_at=time.time(),
        )
        _check(ballot)
        with self._database.changing() as db:
            _insert(db, ballot)

    def opinions(self, judged: Judged) -> dict[str, int]:
        """Return how often each opinion of a thing was given; none is 0."""
        with self._database.reading() as db:
            counted = dict(
                db.execute(
                    "SELECT opinion, COUNT(*) FROM ballots WHERE thing = ? GROUP BY opinion",
                    (judged.thing,),
                )
            )
        return {opinion: counted.get(opinion, 0) for opinion in VERDICTS[judged.kind]}

    def own(self, judged: Judged, voter: str) -> str | None:
        """Return what a voter said of a thing; `None` where they have said nothing."""
        with self._database.reading() as db:
            row = db.execute(
                "SELECT opinion FROM ballots WHERE voter = ? AND thing = ?", (voter, judged.thing)
            ).fetchone()
        return str(row[0]) if row else None

    def people(self, things: Iterable[Judged]) -> int:
        """Return how many voters have a ballot on at least one of these things."""
        keys = [judged.thing for judged in things]
        holes = ", ".join("?" * len(keys))
        with self._database.reading() as db:
            (count,) = db.execute(
                f"SELECT COUNT(DISTINCT voter) FROM ballots WHERE thing IN ({holes})", keys
            ).fetchone()
        return int(count)

    def all(self) -> list[Ballot]:
        """Return every ballot, the oldest first."""
        with self._database.reading() as db:
            return _read(db, "ORDER BY cast_at, rowid")

    def latest(self, most: int) -> list[Ballot]:
        """Return the newest ballots, the last one first."""
        with self._database.reading() as db:
            return _read(db, f"ORDER BY cast_at DESC, rowid DESC LIMIT {int(most)}")

    def put_back(self, ballots: Iterable[Ballot]) -> int:
        """Keep ballots that were cast before, where nothing newer was; return how many were.

        Raises CalmError for one that could not have been cast; the others before it are kept.
        """
        count = 0
        for ballot in ballots:
            _check(ballot)
            with self._database.changing() as db:
                found = db.execute(
                    "SELECT cast_at FROM ballots WHERE voter = ? AND thing = ?",
                    (ballot.voter, ballot.thing),
                ).fetchone()
                if found is None or found[0] < ballot.cast_at:
                    _insert(db, ballot)
                    count += 1
        return count

    def anonymous(self) -> list[Ballot]:
        """Return every ballot with its voter's id hashed, to be written to a file.

        The hash has a key that never leaves this file, so that nobody can look for an id they
        know; the same voter is the same in every export.
        """
        with self._database.reading() as db:
            (salt,) = db.execute("SELECT salt FROM secret").fetchone()
            rows = _read(db, "ORDER BY cast_at, rowid")
        return [replace(row, voter=_hashed(salt, row.voter)) for row in rows]


def _bring_up_to_date(db: sqlite3.Connection) -> None:
    old = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'ballots'").fetchone()
    thumbs = db.execute("SELECT * FROM ballots ORDER BY cast_at").fetchall() if old else []
    db.execute("DROP TABLE IF EXISTS ballots")
    db.execute(TABLE)
    db.execute("CREATE INDEX things ON ballots (thing)")
    db.execute("CREATE TABLE secret (salt TEXT)")
    db.execute("INSERT INTO secret VALUES (?)", (secrets.token_hex(16),))
    for voter, question, code, model, answer, opinion, cast_at in thumbs:
        _insert(
            db,
            Ballot(
                kind="thumb",
                question=question,
                language=code,
                model=model,
                answer=answer,
                voter=voter,
                opinion=opinion,
                cast_at=cast_at,
            ),
        )


def _insert(db: sqlite3.Connection, ballot: Ballot) -> None:
    row = {name: getattr(ballot, name) for name in COLUMNS}
    row["choice_order"] = json.dumps(ballot.choice_order)
    holes = ", ".join(f":{name}" for name in COLUMNS)
    db.execute(f"INSERT OR REPLACE INTO ballots ({', '.join(COLUMNS)}) VALUES ({holes})", row)


def _read(db: sqlite3.Connection, order: str) -> list[Ballot]:
    names = [name for name in COLUMNS if name != "thing"]
    found = []
    for row in db.execute(f"SELECT {', '.join(names)} FROM ballots {order}"):
        values = dict(zip(names, row, strict=True))
        values["choice_order"] = tuple(json.loads(values["choice_order"]))
        found.append(Ballot(**values))
    return found


def _check(ballot: Ballot) -> None:
    allowed = VERDICTS.get(ballot.kind)
    if allowed is None:
        raise CalmError("ballot.unknown-kind", kinds=" | ".join(VERDICTS), kind=repr(ballot.kind))
    if ballot.opinion not in allowed:
        said = ", ".join(repr(verdict) for verdict in allowed)
        raise CalmError(
            "ballot.unknown-opinion",
            kind=ballot.kind,
            opinions=said,
            opinion=f"{ballot.opinion!r:.60}",
        )
    language(ballot.language)
    if ballot.says_the_same:
        raise CalmError("ballot.same-answer")
    needed = ["voter", "question", "model"]
    needed += ["other_model"] if ballot.kind == "duel" else ["answer"]
    for name in (field.name for field in fields(Ballot)):
        text = getattr(ballot, name)
        if not isinstance(text, str):
            continue
        if name in needed and not text.strip():
            raise CalmError("ballot.empty-field", field=" ".join(name.split("_")))
        most = MOST_CHARACTERS.get(name, MOST_CHARACTERS_ELSEWHERE)
        if len(text) > most:
            raise CalmError("ballot.too-long", field=name, length=len(text), most=most)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise CalmError("ballot.half-character", field=name)


def _hashed(salt: str, voter: str) -> str:
    return hmac.new(salt.encode(), voter.encode(), "sha256").hexdigest()[:16]
