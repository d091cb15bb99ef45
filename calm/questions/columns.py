"""Which column of a question file is what: known by its name, or said by a person.

A person says it as `text=Frage,choices=A|B|C,gold=Lösung,language=de`: a field and its column, by
name or by place (`#2` is the second). Several columns hold the choices, one each, or one holds them
all. `language` is a column, or the language that the whole file is in. A field without a column
(`gold=`) is not read. `gold_from` is the number of the first choice, 0 or 1. What is not said is
known by its name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from calm.errors import CalmError
from calm.languages.identify import told_by
from calm.languages.table import code_of
from calm.questions.column_names import FIELDS, KNOWN, choice_columns, field_of, plain_name
from calm.questions.files import Numbered, RowProblem, Sheet, json_list, shown

NEEDED = ("text", "choices")
"""Fields that every file has; ids are made where none has one."""
LETTER = re.compile(r"\(?([A-Ha-h])[).:]?")
NUMBERED = re.compile(r"\(?([A-Ha-h1-8])[).:]\s+(\S.*)", re.DOTALL)
"""A choice with its letter or number in front: `A) iron`."""
WHOLE = re.compile(r"-?\d{1,9}(?:\.0+)?")
"""A whole number, also as programs write it whose columns of numbers may have gaps."""
SURELY_FROM_1 = 10
"""So many right answers without a 0 among them are numbered from 1."""
LOOKED_AT = 40
"""Questions that are enough to tell the language of a file by."""


@dataclass(frozen=True)
class Columns:
    """The columns of a file, by the keys of its sheet; an empty text where there is none."""

    text: str = ""
    choices: tuple[str, ...] = ()
    gold: str = ""
    language: str = ""
    id: str = ""
    split: str = ""
    topic: str = ""
    file_language: str = "en"
    """What the rows are in where no column tells."""
    gold_from: int | None = None
    """The number of the first choice; `None` where the numbers themselves tell."""

    @property
    def used(self) -> set[str]:
        """All columns that are read."""
        return {*(getattr(self, name) for name in FIELDS if name != "choices"), *self.choices} - {
            ""
        }


def columns_of(sheet: Sheet, said: str = "") -> Columns:
    """Return which column is what; raises CalmError where `said` names none of the sheet."""
    given = _given(sheet, said)
    taken = {*given.get("choices", ()), *(v for v in given.values() if isinstance(v, str))}
    free = [name for name in sheet.names if name not in taken]
    found = {field: _column(free, field) for field in FIELDS if field != "choices"}
    choices = _choice_columns(free)
    found = {field: "" if name in choices else name for field, name in found.items()}
    known: dict[str, Any] = {**found, "choices": choices} | given
    if not known["language"] and "file_language" not in known:
        known["file_language"] = _language_of(sheet, known["text"])
    return Columns(**known)


def _column(free: Sequence[str], field: str) -> str:
    """Return the column of a field: the documented name before any other."""
    if field in free:
        return field
    return next((name for name in free if field_of(name) == field), "")


def _choice_columns(free: Sequence[str]) -> tuple[str, ...]:
    if "choices" in free:
        return ("choices",)
    one = _column(free, "choices")
    return choice_columns(free) or ((one,) if one else ())


def _given(sheet: Sheet, said: str) -> dict[str, Any]:
    """Return what a person said, by the fields of `Columns`."""
    given: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in said.split(","))):
        field, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or field not in (*FIELDS, "gold_from"):
            raise CalmError("columns.form", part=shown(part), fields=FIELDS)
        if field == "gold_from":
            if value not in ("0", "1"):
                raise CalmError("columns.gold-from", value=shown(value))
            given[field] = int(value)
        elif field == "choices":
            names = [piece for piece in value.split("|") if piece.strip()]
            given[field] = tuple(_key(sheet, field, name) for name in names)
        elif field == "language" and value:
            given |= _language_given(sheet, value)
        else:
            given[field] = _key(sheet, field, value) if value else ""
    return given


def _language_given(sheet: Sheet, value: str) -> dict[str, str]:
    """Return the column that names the language, or the language itself."""
    code = code_of(value)
    if code is not None and _found(sheet, value) is None:
        return {"language": "", "file_language": code}
    return {"language": _key(sheet, "language", value)}


def _key(sheet: Sheet, field: str, name: str) -> str:
    key = _found(sheet, name)
    if key is None:
        columns = list(sheet.names.values())
        raise CalmError("columns.no-column", field=field, name=shown(name), columns=shown(columns))
    return key


def _found(sheet: Sheet, name: str) -> str | None:
    keys = list(sheet.names)
    place = re.fullmatch(r"#(\d{1,4})", name.strip())
    if place and 1 <= int(place[1]) <= len(keys):
        return keys[int(place[1]) - 1]
    plain = plain_name(name)
    return next((key for key in keys if plain_name(sheet.names[key]) == plain), None)


def _language_of(sheet: Sheet, text: str) -> str:
    """Return the language that the texts are surely in, else English."""
    texts = [str(row.get(text, "")) for _, row in sheet.rows[:LOOKED_AT]]
    told = told_by(" ".join(texts))
    return (code_of(told) if told else None) or "en"


class ReadRows(NamedTuple):
    """The rows of a sheet in the documented format."""

    rows: list[Numbered]
    problems: list[RowProblem]
    """What is wrong with other rows and with the columns themselves."""
    has_ids: bool = False
    """Whether the ids are the file's own."""
    counts_from_1: bool = False
    """Whether the numbers of right choices were found to count from 1."""


def read_columns(sheet: Sheet, columns: Columns) -> ReadRows:
    """Return the rows in the documented format."""
    problems = list(sheet.problems)
    if not sheet.broken and sheet.rows:
        problems += _column_problems(sheet, columns)
    if sheet.header is not None and any(not getattr(columns, name) for name in NEEDED):
        return ReadRows([], problems)
    numbering = _numbering(sheet, columns)
    has_ids = bool(columns.id) and any(columns.id in row for _, row in sheet.rows)
    rows = []
    for place, (number, row) in enumerate(sheet.rows, start=1):
        made = _row(row, columns, numbering, sheet.header is not None)
        if not has_ids:
            made["id"] = f"q{place}"
        rows.append((number, made))
    return ReadRows(rows, problems, has_ids, numbering.first == 1)


def _column_problems(sheet: Sheet, columns: Columns) -> Iterator[RowProblem]:
    lacking = [name for name in NEEDED if not getattr(columns, name)]
    if lacking and sheet.header is not None:
        names = shown(list(sheet.names.values()))
        yield (
            sheet.header,
            CalmError("header.lacking", lacking=map(repr, lacking), names=names, fields=FIELDS),
        )
    if not columns.id and columns.language:
        codes = {str(row.get(columns.language, "")).casefold() for _, row in sheet.rows}
        if len(codes) > 1:
            yield sheet.header or 1, CalmError("columns.no-ids", languages=len(codes))


def _row(
    row: Mapping[str, Any], columns: Columns, numbering: "_Numbering", is_table: bool
) -> dict[str, Any]:
    """Return one row in the documented format; what a column lacks is left out."""
    made = {
        field: row[column]
        for field in FIELDS
        if field != "choices" and (column := getattr(columns, field)) and column in row
    }
    if not columns.language:
        made["language"] = columns.file_language
    choices, labels = _choices(row, columns.choices, is_table)
    if choices is not None:
        made["choices"] = choices
    if "gold" in made:
        made["gold"] = numbering.place(made["gold"], choices, labels)
    return made


def _choices(
    row: Mapping[str, Any], columns: Sequence[str], is_table: bool
) -> tuple[Any, Sequence[str]]:
    """Return the choices of a row and what they are numbered with, if anything."""
    if len(columns) == 1:
        value = row.get(columns[0])
        if is_table:
            return (None if value is None else split_cell(str(value))), ()
        return listed_choices(value)
    cells = [row.get(column) for column in columns]
    while cells and (cells[-1] is None or cells[-1] == ""):
        cells.pop()
    return [_as_text(cell) for cell in cells] or None, ()


def _as_text(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return str(cell)
    return cell


def listed_choices(value: Any) -> tuple[Any, Sequence[str]]:
    """Return the choices of a value of JSON or Parquet, and their labels where it gives them.

    Data sets write them as a list, as `{"text": [...], "label": [...]}`, or by letter.
    """
    if isinstance(value, Mapping):
        texts = next((value[key] for key in ("text", "texts") if key in value), None)
        if isinstance(texts, list):
            labels: Any = next((value[key] for key in ("label", "labels") if key in value), [])
            return texts, [str(label) for label in labels] if isinstance(labels, list) else []
        letters = [key for key in value if re.fullmatch(r"[a-hA-H]", str(key))]
        if len(letters) == len(value) > 1:
            return [value[key] for key in letters], [str(key).upper() for key in letters]
    return value, ()


def split_cell(cell: str) -> list[Any]:
    """Return the choices of one cell: a JSON list, or texts set apart by |, lines or semicolons."""
    if (made := json_list(cell)) is not None:
        return made
    mark = next((mark for mark in ("|", "\n", ";") if mark in cell), "|")
    choices = [choice.strip() for choice in cell.split(mark)]
    if mark != "|":
        choices = [choice for choice in choices if choice]
    return without_numbers(choices)


def without_numbers(choices: Sequence[str]) -> list[str]:
    """Return choices without the letters or numbers in front, where all have them in order."""
    found = [NUMBERED.fullmatch(choice) for choice in choices]
    marks = [match[1].upper() for match in found if match]
    in_order = any("".join(marks) == row[: len(choices)] for row in ("ABCDEFGH", "12345678"))
    return [match[2] for match in found if match] if in_order and marks else list(choices)


@dataclass(frozen=True)
class _Numbering:
    """How a file names the right choice with a number."""

    first: int = 0
    by_words: bool = False
    """Whether numbers are choices themselves: `7` is the choice that says 7."""

    def place(self, value: Any, choices: Any, labels: Sequence[str]) -> Any:
        """Return the place of the right choice; the value itself where it names none."""
        texts = [str(choice) for choice in choices] if isinstance(choices, list) else []
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is int:
            return self._number(value, value, len(texts))
        if not isinstance(value, str):
            return value
        written = value.strip()
        if not written:
            return None
        if written in labels:
            return labels.index(written)
        if WHOLE.fullmatch(written) and not (self.by_words and written in texts):
            number = int(written.partition(".")[0])
            if 0 <= number - self.first < len(texts) or written not in texts:
                return self._number(number, value, len(texts))
        return _place_of_words(written, texts, value)

    def _number(self, number: int, value: Any, count: int) -> Any:
        place = number - self.first
        return place if self.first == 0 or 0 <= place < count else str(value)


def _place_of_words(written: str, texts: Sequence[str], value: Any) -> Any:
    """Return the place of the choice with these words, or this letter; else the value."""
    if texts.count(written) == 1:
        return texts.index(written)
    for same in (str, str.casefold):
        folded = [same(text).strip() for text in texts]
        if folded.count(same(written)) == 1:
            return folded.index(same(written))
    numbered = NUMBERED.fullmatch(written)
    letter = LETTER.fullmatch(written) or (
        numbered if numbered and numbered[2].casefold() in map(str.casefold, texts) else None
    )
    if letter and letter[1].isalpha():
        place = "ABCDEFGH".index(letter[1].upper())
        return place if place < len(texts) else value
    return value


def _numbering(sheet: Sheet, columns: Columns) -> _Numbering:
    """Return how the numbers of right choices are meant.

    Under the documented name `gold` they count from 0. Under any other they are choices where
    every one of them says what a choice says, and count from 1 where the last choice is named by
    its number, or where many are and none is 0.
    """
    if columns.gold_from is not None:
        return _Numbering(columns.gold_from)
    if not columns.gold or columns.gold == KNOWN["gold"][0]:
        return _Numbering()
    numbers: list[tuple[int, str, list[str]]] = []
    for _, row in sheet.rows:
        written = str(row.get(columns.gold, "")).strip()
        choices, labels = _choices(row, columns.choices, sheet.header is not None)
        if labels or not WHOLE.fullmatch(written) or not isinstance(choices, list):
            continue
        numbers.append((int(written.partition(".")[0]), written, [str(c) for c in choices]))
    if numbers and all(written in choices for _, written, choices in numbers):
        return _Numbering(by_words=True)
    zero = any(number == 0 for number, _, _ in numbers)
    last = any(number == len(choices) for number, _, choices in numbers)
    return _Numbering(int(not zero and (last or len(numbers) >= SURELY_FROM_1)))


def said_columns(sheet: Sheet, columns: Columns) -> str:
    """Return the columns as a person would say them: `columns_of` turned round."""

    def said(key: str) -> str:
        name = sheet.names.get(key, "")
        if not re.search(r"[,|=#]", name) and (not name or _found(sheet, name) == key):
            return name
        return f"#{list(sheet.names).index(key) + 1}"

    parts = [f"text={said(columns.text)}", f"choices={'|'.join(map(said, columns.choices))}"]
    parts += [f"{name}={said(getattr(columns, name))}" for name in ("gold", "id", "split", "topic")]
    parts.append(f"language={said(columns.language) or columns.file_language}")
    if columns.gold_from is not None:
        parts.append(f"gold_from={columns.gold_from}")
    return ",".join(parts)
