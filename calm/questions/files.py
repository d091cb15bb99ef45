"""Question files as people, spreadsheets and scripts write them, read as numbered rows.

JSON Lines, a JSON list, Parquet, a workbook, or a table whose cells are set apart by commas,
semicolons, tabs or pipes and whose first row names the columns. Rows are numbered as an editor
numbers lines of JSON, and as a spreadsheet numbers rows of a table. Which column is what is the
business of `calm.questions.columns`, what a field may hold that of `calm.questions.sets`.
"""

import codecs
import csv
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calm.errors import CalmError
from calm.messages import Message
from calm.questions.column_names import CHOICE, FIELDS, field_of, plain_name

Numbered = tuple[int, dict[str, Any]]
"""A row: its number and its fields."""
RowProblem = tuple[int, CalmError | Message]
"""The number of a row, and what is wrong with it."""

SUFFIXES = (".jsonl", ".csv", ".tsv", ".json", ".txt", ".xlsx", ".xls", ".ods", ".parquet")
"""What the name of a question file may end with, where one is chosen on a page."""
MAX_FILE_BYTES = 64 << 20
MAX_PROBLEMS = 100
"""Problems of a file that are told one by one; the others are counted."""
MAX_SHOWN = 60
"""Characters of a value that are shown in a problem."""

PARQUET = "Parquet"
WORKBOOKS = ("xlsx", "xls", "ods")
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
    (b"PAR1", PARQUET),
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


@dataclass(frozen=True)
class Sheet:
    """What a file holds before anybody says which column is what."""

    rows: list[Numbered]
    """Fields by the names of their columns, in small letters; empty cells are left out."""
    problems: list[RowProblem]
    """What is wrong with the rows that could not be read."""
    names: dict[str, str]
    """The columns in their order, in small letters, and as they are written."""
    header: int | None = None
    """The row that names the columns of a table; `None` for rows that name their own fields."""
    broken: bool = field(default=False)
    """Whether the header itself could not be read."""


def read_sheet(path: Path) -> Sheet:
    """Return the rows of a file.

    Raises CalmError where the file itself cannot be read, or has no rows.
    """
    content = read_bytes(path)
    sheet = _sheet(path, content, _kind(content))
    if not sheet.rows and not sheet.problems:
        raise CalmError("file.no-rows", path=path)
    return sheet


def _sheet(path: Path, content: bytes, kind: str) -> Sheet:
    if kind == PARQUET:
        from calm.runs.parquet import read_parquet

        return _named([(n, _filled(row)) for n, row in enumerate(read_parquet(path), 1)])
    if kind in WORKBOOKS:
        from calm.questions.workbooks import workbook_rows

        return table_sheet(workbook_rows(path, content, kind), "|")
    text = decoded(path, content)
    if path.suffix.lower() in (".jsonl", ".json") or text.lstrip()[:1] in ("{", "["):
        rows, problems = json_rows(text)
        return _named(rows, problems)
    return _text_table(text)


def _filled(row: Mapping[str, Any]) -> "_Object":
    """Return a row of Parquet without the values that lack there: none, or no number."""

    def lacks(value: Any) -> bool:
        return value is None or value == "" or (isinstance(value, float) and math.isnan(value))

    return _object((name, value) for name, value in row.items() if not lacks(value))


def _named(rows: list[Numbered], problems: Sequence[RowProblem] = ()) -> Sheet:
    names = dict.fromkeys(name for _, row in rows for name in row)
    return Sheet(rows, list(problems), {name: name for name in names})


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


def _object(pairs: Iterable[tuple[str, Any]]) -> _Object:
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


def json_list(text: str) -> list[Any] | None:
    """Return the list that a cell of a table holds as JSON; `None` for any other text."""
    if not text.startswith("["):
        return None
    try:
        return list(_value(text))
    except (CalmError, TypeError):
        return None


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


def _text_table(text: str) -> Sheet:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    if first == len(lines):
        return Sheet([], [], {})
    separator = SEPARATOR_LINE.fullmatch(lines[first])
    if separator:
        lines[first] = ""
    head = next((line for line in lines if line.strip()), "")
    delimiter = separator[1] if separator else _delimiter(head)
    return table_sheet(_records(lines, delimiter), delimiter)


def table_sheet(records: Iterable[tuple[int, list[str] | None]], delimiter: str) -> Sheet:
    """Return numbered rows of cells as fields named by the first row; `None` is a torn row."""
    filled = ((n, cells) for n, cells in records if cells is None or any(cells))
    at, header = next(filled, (1, []))
    if header is None:
        return Sheet([], [(at, _quotes())], {}, at, broken=True)
    keys, problems = _column_keys(at, header)
    rows: list[Numbered] = []
    if problems:
        rest = any(filled)
        return Sheet([], problems if rest else [], {}, at, broken=True)
    for number, cells in filled:
        if cells is None:
            problems.append((number, _quotes()))
        elif any(cells[len(keys) :]):
            problems.append((number, _too_many(len(cells), len(keys), delimiter)))
        else:
            named = zip(keys, cells, strict=False)
            rows.append((number, {name: cell for name, cell in named if cell}))
        if len(problems) > MAX_PROBLEMS:
            break  # a file of this size that is torn everywhere would take hours
    return Sheet(rows, problems, dict(zip(keys, header, strict=True)), at)


def _column_keys(at: int, header: Sequence[str]) -> tuple[list[str], list[RowProblem]]:
    """Return one key a column, and what is wrong: a field of the format that is there twice."""
    keys: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = _name(cell) or f"#{place}"
        keys.append(name if name not in keys or name in FIELDS else f"{name} #{place}")
    problems: list[RowProblem] = [(at, _twice(n)) for n in FIELDS if keys.count(n) > 1]
    return keys, problems


def _delimiter(line: str) -> str:
    """Return what sets the cells of a header apart: with it, most names are known.

    Where none is, it is the one that gives most cells.
    """

    def known(delimiter: str) -> tuple[int, int]:
        cells = [cell.strip(' "') for cell in line.split(delimiter)]
        names = {field_of(cell) or (CHOICE.fullmatch(plain_name(cell)) and cell) for cell in cells}
        return len(names - {None}), len(cells)

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


def _quotes() -> CalmError:
    return CalmError("row.open-quotation")


def _too_many(cells: int, columns: int, delimiter: str) -> CalmError:
    return CalmError("row.too-many-cells", cells=cells, columns=columns, delimiter=repr(delimiter))
