"""`ballots export`: people's ballots as CSV, as JSON Lines, or as preference pairs.

Voters are hashed (`BallotBox.anonymous`). Pairs are TRL's standard preference data with source
`ballot`, in the very words that were judged; `calm.pairs.files` reads them back.
"""

import csv
import io
import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from calm.ballots.box import JUDGED
from calm.ballots.preferences import as_judged
from calm.errors import CalmError
from calm.records import Ballot
from calm.runs.folder import to_json, write_whole

FORMATS = ("csv", "jsonl", "pairs")
NAMES = {"csv": "ballots.csv", "jsonl": "ballots.jsonl", "pairs": "ballot-pairs.jsonl"}
COLUMNS = ("voter", "cast_at", "opinion", *JUDGED)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a cell."""


def export_ballots(ballots: Iterable[Ballot], form: str, path: Path) -> str:
    """Write ballots, their voters hashed before, in one of `FORMATS`; return what was done.

    Raises CalmError for another format.
    """
    if form not in FORMATS:
        raise CalmError("ballots.unknown-format", format=repr(form), formats=FORMATS)
    rows = list(ballots)
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "pairs":
        pairs = list(as_judged(rows))
        write_whole(path, (to_json(pair) + "\n" for pair in pairs))
        return f"{len(pairs)} pairs of {len(rows)} ballots in {path}"
    if form == "jsonl":
        lines = (json.dumps(plain(row), ensure_ascii=False) + "\n" for row in rows)
        write_whole(path, lines)
    else:
        write_whole(path, _csv(rows))
    return f"{len(rows)} ballots in {path}"


def plain(ballot: Ballot) -> dict[str, Any]:
    """Return a ballot as it stands in a file, its time in UTC."""
    row = {name: getattr(ballot, name) for name in COLUMNS}
    row["cast_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ballot.cast_at))
    row["choice_order"] = list(ballot.choice_order)
    return row


def _csv(ballots: Iterable[Ballot]) -> Iterator[str]:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for ballot in ballots:
        row = plain(ballot) | {"choice_order": " ".join(map(str, ballot.choice_order))}
        writer.writerow([_cell(row[name]) for name in COLUMNS])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _cell(text: str) -> str:
    """Return a text that a spreadsheet reads as text: words of people and models come from afar."""
    return f"'{text}" if text.startswith(FORMULA) else text
