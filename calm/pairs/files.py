"""Preference pairs in files: what other programs write, read as `PreferencePair`s.

A file has one JSON object a line, or is one JSON list, or Parquet; what forms a row may have is
told in `pair_forms`. A row that cannot be read is left out and told, never guessed: see `Rejected`.
"""

import functools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from calm.errors import CalmError
from calm.languages.identify import FOREIGN, identified, told_by
from calm.languages.table import code_of
from calm.pairs.forms import Texts, UnreadableRowError, read_row
from calm.records import PreferencePair

MAX_TEXT = 1_000_000
"""Characters of a prompt or a side; a longer one is no training example."""
MAX_LINE = 8 << 20
MAX_LIST = 256 << 20
"""Bytes of a line, and of a file that is one JSON list and must be read whole."""
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of characters, which no tokenizer should see."""
ROWS_FOR_LANGUAGE = 500
"""Rows from the beginning of a file that tell its language where a row does not."""
OTHER_KINDS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "ZIP",
    b"ARROW1": "Arrow",
}
"""How files begin that are not read, and what they are."""
SUFFIXES = (".json", ".jsonl", ".parquet")
"""How files of pairs are called where they are uploaded."""
SOURCES = ("vote", "ballot", "gold")


@dataclass(frozen=True)
class Rejected:
    """A row of a file that was left out."""

    row: int
    """Its number, from 1: its line, or its place in the list."""
    reason: str
    """What is wrong, the same words for the same thing, so that rows can be counted by it."""
    detail: str
    """What was seen there."""


RawRows = Iterable[tuple[int, dict[str, Any] | Rejected]]


def numbered_pairs(path: Path) -> Iterator[tuple[int, PreferencePair | Rejected]]:
    """Yield every row of a file with its number, as a pair or with what is wrong with it.

    Rows with the same prompt and language are one question. A language that neither the row nor
    the file's name (`DPO_de.json`) gives is told by the texts, and where these are too short, by
    the other rows.
    """
    yield from _numbered(raw_rows(path), path.stem, lambda: raw_rows(path))


def listed_pairs(
    rows: Sequence[PreferencePair | Mapping[str, Any]],
) -> Iterator[tuple[int, PreferencePair | Rejected]]:
    """Yield rows from memory, of the forms that a file may have, as `numbered_pairs` does."""
    raw = [
        (n, _is_object(vars(row) if isinstance(row, PreferencePair) else _plain(row), n))
        for n, row in enumerate(rows, start=1)
    ]
    yield from _numbered(raw, "pairs", lambda: raw)


def _plain(row: Any) -> Any:
    return dict(row) if isinstance(row, Mapping) else row


def _numbered(
    rows: RawRows, name: str, again: Callable[[], RawRows]
) -> Iterator[tuple[int, PreferencePair | Rejected]]:
    """Yield rows as pairs; `again` gives the same rows once more where their language is unsaid."""
    questions: dict[tuple[str, str], str] = {}
    of_all = functools.cache(lambda: _language_of_all(again()))
    for number, raw in rows:
        if isinstance(raw, Rejected):
            yield number, raw
            continue
        try:
            yield number, _pair(raw, name, questions, of_all)
        except UnreadableRowError as error:
            yield number, Rejected(number, *error.args)


def raw_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    """Yield the JSON objects of a file with their numbers; lines are read one at a time.

    Raises CalmError where the file is missing, broken, or of a kind that is not read.
    """
    try:
        with path.open("rb") as stream:
            begin = stream.read(4096)
        if kind := _other_kind(begin) or _one_object(path, begin):
            raise CalmError("pairs-file.kind", path=path, kind=kind)
        if begin.startswith(b"PAR1"):
            yield from _parquet(path)
        else:
            yield from _listed(path) if _text_of(begin).startswith(b"[") else _lines(path)
    except OSError as error:
        raise CalmError("pairs-file.unreadable", path=path, reason=error.strerror) from None


def _text_of(begin: bytes) -> bytes:
    return begin.lstrip(b"\xef\xbb\xbf \t\r\n")


def _other_kind(begin: bytes) -> str | None:
    """Return what a file is that is not read, by its beginning; `None` where it may be JSON."""
    for mark, kind in OTHER_KINDS.items():
        if begin.startswith(mark):
            return kind
    if not begin.startswith(b"PAR1") and begin[:64].count(0) > len(begin[:64]) // 4:
        return "UTF-16"
    header = _text_of(begin).partition(b"\n")[0].lower()
    if header[:1] not in b"{[" and re.search(rb"(?:^|[,;\t\"])chosen", header):
        return "TSV" if b"\t" in header else "CSV"
    return None


def _one_object(path: Path, begin: bytes) -> str | None:
    """Return what a file is that is one JSON object over several lines; `None` where it is not."""
    first = _text_of(begin).partition(b"\n")[0].strip()
    if not first.startswith(b"{") or first.endswith(b"}") or path.stat().st_size > MAX_LIST:
        return None
    try:
        whole = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return "one JSON object" if isinstance(whole, dict) and len(first) < len(begin) else None


def _parquet(path: Path) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    from calm.runs.parquet import read_parquet

    yield from enumerate(read_parquet(path), start=1)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE and not line.endswith(b"\n"):
                while line and not line.endswith(b"\n"):
                    line = stream.readline(MAX_LINE)
                yield number, Rejected(number, "too long", f"a line of more than {MAX_LINE} bytes")
            elif line.strip(b"\xef\xbb\xbf \t\r\n"):
                yield number, _object(line, number)


def _object(line: bytes, number: int) -> dict[str, Any] | Rejected:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Rejected(number, "not JSON", f"{error}"[:200])
    return _is_object(row, number)


def _is_object(row: Any, number: int) -> dict[str, Any] | Rejected:
    if isinstance(row, dict):
        return row
    return Rejected(number, "wrong type", f"a row is a JSON object, not {row!r:.60}")


def _listed(path: Path) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    if path.stat().st_size > MAX_LIST:
        raise CalmError("pairs-file.too-large", path=path, megabytes=MAX_LIST >> 20)
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise CalmError("pairs-file.no-json", path=path, reason=error) from None
    for number, row in enumerate(rows, start=1):
        yield number, _is_object(row, number)


def _pair(
    row: dict[str, Any],
    name: str,
    questions: dict[tuple[str, str], str],
    of_all: Callable[[], str],
) -> PreferencePair:
    texts = read_row(row)
    for field in ("prompt", "chosen", "rejected"):
        _check_text(field, getattr(texts, field))
    code = _language(row, "language", name) or _told(texts) or of_all()
    chosen_language = _language(row, "chosen_language", "") or code
    identity = row.get("question_id")
    if not isinstance(identity, str | int) or not str(identity).strip():
        identity = questions.setdefault((code, texts.prompt), f"{name}-{len(questions) + 1:04d}")
    source = row.get("source")
    return PreferencePair(
        question_id=str(identity),
        language=code,
        prompt=texts.prompt,
        chosen=texts.chosen,
        rejected=texts.rejected,
        chosen_language=chosen_language,
        source=source if source in SOURCES else "vote",
    )


def _check_text(field: str, text: str) -> None:
    if len(text) > MAX_TEXT:
        raise UnreadableRowError("too long", f"{field} has {len(text)} characters")
    if found := UNWRITABLE.search(text):
        detail = f"{field} has {found[0]!a} at character {found.start()}"
        raise UnreadableRowError("control characters", detail)


def _told(texts: Texts) -> str | None:
    """Return the language that the row's texts tell; `None` where they are too short for that.

    What is asked tells it, and where that is a word or two the sides do too.
    """
    told = told_by(texts.asked) or told_by(f"{texts.asked}\n{texts.chosen}\n{texts.rejected}")
    if told == FOREIGN:
        detail = f"no language of the table is written like {texts.asked.strip()!r:.60}"
        raise UnreadableRowError("unknown language", detail)
    return told


def _language_of_all(rows: RawRows) -> str:
    """Return the language that most rows tell, or else the likeliest of all their texts.

    Rows that tell nothing at all, such as numbers alone, are held to be English.
    """
    read = []
    for _, raw in islice(rows, ROWS_FOR_LANGUAGE):
        try:
            read += [] if isinstance(raw, Rejected) else [read_row(raw)]
        except UnreadableRowError:
            continue
    sides = [f"{texts.asked}\n{texts.chosen}\n{texts.rejected}" for texts in read]
    told = Counter(code for text in sides if (code := told_by(text)) not in (None, FOREIGN))
    if told:
        return str(told.most_common(1)[0][0])
    letters = "\n".join(text for text in sides if any(map(str.isalpha, text)))
    return identified(letters)[0] if letters else "en"


def _language(row: dict[str, Any], field: str, name: str) -> str | None:
    """Return the language that the row or the file's name gives; `None` where neither does."""
    given = row.get(field)
    if given in (None, ""):
        parts = map(code_of, name.lower().replace(".", "_").split("_")[1:])
        return next(filter(None, parts), None)
    code = code_of(given) if isinstance(given, str) else None
    if code is None:
        raise UnreadableRowError("unknown language", f"{field!r} is {given!r:.60}")
    return code
