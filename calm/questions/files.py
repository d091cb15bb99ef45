"""Question files as people, spreadsheets and scripts write them, read as numbered rows.

JSON Lines, a JSON list, or a table whose cells are set apart by commas, semicolons, tabs or pipes
and whose first row names the columns. Rows are numbered as an editor numbers lines of JSON, and as
a spreadsheet numbers rows of a table. What a field may hold is the business of
`calm.questions.sets`.
"""

import codecs
import csv
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from calm.errors import CalmError

Numbered = tuple[int, dict[str, Any]]
"""A row: its number and its fields."""
RowProblem = tuple[int, CalmError | str]
"""The number of a row, and what is wrong with it."""

SUFFIXES = (".jsonl", ".csv", ".tsv", ".json")
"""What the name of a question file may end with, where one is chosen on a page."""
FIELDS = ("id", "split", "language", "text", "choices", "gold", "topic")
NEEDED = ("id", "text", "choices")
MAX_FILE_BYTES = 64 << 20
MAX_PROBLEMS = 100
"""Problems of a file that are told one by one; the others are counted."""
MAX_SHOWN = 60
"""Characters of a value that are shown in a problem."""

KINDS = (
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"(\xb5/\xfd", "zstd"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "rar"),
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite"),
)
"""How files begin that are no text, and what they are."""
ZIPPED = ((b"xl/", "xlsx"), (b"opendocument.spreadsheet", "ods"), (b"word/", "docx"))
"""What is in a zip archive that is a document, and what it is."""
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks. That of UTF-32 begins with that of UTF-16."""
SEPARATOR_LINE = re.compile(r'"?sep=([^"\s]|\t)"?[,;\t|]*', re.IGNORECASE)
"""The line by which a spreadsheet is told the delimiter."""
DELIMITERS = ",;\t|"
WHOLE = re.compile(r"-?\d{1,9}(?:\.0+)?")
"""A whole number, also as programs write it whose columns of numbers may have gaps."""


def read_rows(path: Path) -> tuple[list[Numbered], list[RowProblem]]:
    """Return the rows of a file and what is wrong with those that could not be read.

    Raises CalmError where the file itself cannot be read, or has no rows.
    """
    text = decoded(path, read_bytes(path))
    is_json = path.suffix.lower() in (".jsonl", ".json") or text.lstrip()[:1] in ("{", "[")
    rows, problems = json_rows(text) if is_json else _table(text)
    if not rows and not problems:
        raise CalmError("file.no-rows", path=path)
    return rows, problems


def row_errors(where: str, problems: Sequence[RowProblem]) -> list[CalmError]:
    """Return problems with their place in front, in the order of the rows."""
    ordered = sorted(problems, key=lambda problem: problem[0])
    return [
        CalmError("file.in-row", file=where, row=number, problem=text) for number, text in ordered
    ]


def refuse(where: str, problems: Sequence[CalmError]) -> None:
    """Raise one CalmError for all problems; nothing where there is none."""
    if not problems:
        return
    if len(problems) == 1:
        raise problems[0]
    listed = list(problems)
    if more := listed[MAX_PROBLEMS:]:
        listed[MAX_PROBLEMS:] = [CalmError("list.more", count=len(more))]
    raise CalmError("file.problems", *listed, file=where, count=len(problems))


def read_bytes(path: Path) -> bytes:
    """Return what a file holds; raises CalmError where it cannot be read or is too large."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CalmError("questions.unreadable", path=path, reason=reason) from None
    if len(content) > MAX_FILE_BYTES:
        raise CalmError("file.too-large", path=path)
    return content


def decoded(path: Path, content: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 or UTF-32; `path` is named in problems.

    Raises CalmError for another encoding, and for a file that is no text.
    """
    kind = _kind(content)
    if kind:
        raise CalmError("file.not-text", path=path, kind=kind)
    return text_in(_encoding(content), path, content)


def text_in(encoding: str, path: Path, content: bytes) -> str:
    """Return the text of a file; raises CalmError where it is in another encoding."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CalmError("file.not-utf8", path=path, line=line) from None


def shown(value: Any) -> str:
    """Return a value as a problem shows it: on one line, and not all of a long one."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def _kind(content: bytes) -> str:
    """Return what a file is that is no question file; empty for one that may be."""
    if content.startswith(b"PK\x03\x04"):
        return next((kind for part, kind in ZIPPED if part in content), "zip")
    if content.lstrip()[:1] == b"<":
        return "HTML/XML"
    return next((kind for begin, kind in KINDS if content.startswith(begin)), "")


def _encoding(content: bytes) -> str:
    """Return the encoding that the first bytes tell; every field's name is in ASCII."""
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return encoding
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, letters = content[first:8:2], content[1 - first : 8 : 2]
        if zeros and not any(zeros) and all(letters):
            return encoding
    return "utf-8"


class _Object(dict[str, Any]):
    """A JSON object, the names of its fields in small letters."""

    twice = ""
    """A field that is there more than once."""


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object()
    for name, value in pairs:
        field = _name(name)
        if field in made:
            made.twice = field
        made[field] = value
    return made


def _name(written: str) -> str:
    return written.strip().casefold()


def json_rows(text: str) -> tuple[list[Numbered], list[RowProblem]]:
    """Return the objects of a JSON list or of lines, and what is wrong with the other rows."""
    values, problems = _listed(text) or _lines(text)
    rows: list[Numbered] = []
    for number, value in values:
        if not isinstance(value, _Object):
            problems.append((number, CalmError("row.no-object", value=shown(value))))
        elif value.twice:
            problems.append((number, _twice(value.twice)))
        else:
            rows.append((number, value))
    return rows, problems


def _twice(field: str) -> CalmError:
    return CalmError("field.twice", field=repr(field))


def _value(text: str) -> Any:
    """Return the value of a JSON text; raises CalmError where it is none."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise CalmError("row.no-json", reason=error) from None


def _listed(text: str) -> tuple[list[tuple[int, Any]], list[RowProblem]] | None:
    """Return the numbered values of a text that is one JSON list; `None` for any other."""
    if not text.lstrip().startswith("["):
        return None
    try:
        return list(enumerate(_value(text), start=1)), []
    except CalmError:
        return None


def _lines(text: str) -> tuple[list[tuple[int, Any]], list[RowProblem]]:
    """Return the numbered values of lines; where none is an object, one problem stands for all."""
    values: list[tuple[int, Any]] = []
    problems: list[RowProblem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values.append((number, _value(line)))
        except CalmError as error:
            problems.append((number, error))
    if problems and not any(isinstance(value, _Object) for _, value in values):
        return [], problems[:1]
    return values, problems


def _table(text: str) -> tuple[list[Numbered], list[RowProblem]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    if first == len(lines):
        return [], []
    separator = SEPARATOR_LINE.fullmatch(lines[first])
    if separator:
        lines[first] = ""
    delimiter = separator[1] if separator else _delimiter(lines[first])
    records = ((n, cells) for n, cells in _records(lines, delimiter) if cells is None or any(cells))
    at, header = next(records, (first + 1, []))
    if header is None:
        return [], [(at, _quotes())]
    names = [_name(cell) for cell in header]
    problems: list[RowProblem] = [(at, problem) for problem in _header_problems(names)]
    if problems:
        return [], problems if any(records) else []
    rows: list[Numbered] = []
    for number, cells in records:
        if cells is None:
            problems.append((number, _quotes()))
        elif any(cells[len(names) :]):
            problems.append((number, _too_many(len(cells), len(names), delimiter)))
        else:
            named = zip(names, cells, strict=False)
            rows.append((number, {name: _cell(name, cell) for name, cell in named if cell}))
        if len(problems) > MAX_PROBLEMS:
            break  # a file of this size that is torn everywhere would take hours
    return rows, problems


def _delimiter(line: str) -> str:
    """Return what sets the cells of a header apart: with it, most names are known."""

    def known(delimiter: str) -> int:
        return len({_name(cell.strip(' "')) for cell in line.split(delimiter)} & set(FIELDS))

    return max(DELIMITERS, key=known)


def _records(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the number and the cells of each row; `None` where its quotation marks do not match.

    The row behind such a one begins on the next line, so that one mark does not swallow the file.
    """
    number, start = 0, 0
    while start < len(lines):
        reader = csv.reader(
            (f"{lines[n]}\n" for n in range(start, len(lines))),
            delimiter=delimiter,
            skipinitialspace=True,
            strict=True,
        )
        begin = start
        try:
            for cells in reader:
                number, start = number + 1, begin + reader.line_num
                yield number, [cell.strip() for cell in cells]
        except csv.Error:
            number, start = number + 1, start + 1
            yield number, None


def _header_problems(names: Sequence[str]) -> Iterator[CalmError]:
    yield from (_twice(field) for field in FIELDS if names.count(field) > 1)
    lacking = [field for field in NEEDED if field not in names]
    if lacking:
        yield CalmError(
            "header.lacking", lacking=map(repr, lacking), names=shown(names), fields=FIELDS
        )


def _quotes() -> CalmError:
    return CalmError("row.open-quotation")


def _too_many(cells: int, columns: int, delimiter: str) -> CalmError:
    return CalmError("row.too-many-cells", cells=cells, columns=columns, delimiter=repr(delimiter))


def _cell(name: str, cell: str) -> Any:
    """Return what a cell holds: a table has no lists and no numbers of its own."""
    if name == "choices":
        return _choices(cell)
    if name == "gold" and WHOLE.fullmatch(cell):
        return int(cell.partition(".")[0])
    return cell


def _choices(cell: str) -> list[Any]:
    if cell.startswith("["):
        try:
            return list(_value(cell))
        except CalmError:
            pass
    return [choice.strip() for choice in cell.split("|")]
