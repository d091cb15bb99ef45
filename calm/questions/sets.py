"""Where questions come from: the built-in set, a file, or X-CSQA; and what a question may hold.

The documented format, as JSON Lines or CSV, one row a question and language:
`id, split, language, text, choices, gold, topic`. `choices` is a list (in CSV: separated by `|`),
`gold` an index from 0. `split` is `train` or `held-out`; where a file gives none, a third of the
ids is held out. `gold` and `topic` may be left out. How files are read is told in
`calm.questions.files`, how other columns become these in `calm.questions.columns`, what a set as a
whole must be like in `calm.questions.checks`.
"""

import contextlib
import dataclasses
import functools
import hashlib
import json
import os
import re
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, cast

from calm.config import BUILT_IN
from calm.errors import CalmError
from calm.languages.table import LANGUAGES, code_of, language
from calm.questions.checks import Finding, faults, hints
from calm.questions.columns import Columns, columns_of, read_columns
from calm.questions.files import (
    Numbered,
    RowProblem,
    Sheet,
    read_sheet,
    refuse,
    row_errors,
    shown,
)
from calm.questions.visible import is_seen, same_choices
from calm.questions.xcsqa import LETTERS, read_hub_row, read_xcsqa_file, xcsqa_files
from calm.records import Question, Split

XCSQA = "xcsqa"
READING = threading.Lock()
"""Held while a file is read, so that who else asks for it gets what was read."""
XCSQA_HUB = "INK-USC/xcsr"
SPLITS = ("train", "held-out")
MAX_TEXT = 2000
MAX_CHOICES = 8
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
HALF = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class FileRead:
    """A question file, as it was understood."""

    sheet: Sheet
    columns: Columns
    questions: tuple[Question, ...]
    numbers: tuple[int, ...]
    """The row of each question."""
    problems: tuple[RowProblem, ...]
    """What is wrong with the other rows, and with the columns."""
    has_ids: bool
    """Whether the ids are the file's own."""
    counts_from_1: bool
    """Whether the numbers of right choices count from 1."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that there are questions in, in the table's order."""
        there = {question.language for question in self.questions}
        return tuple(code for code in LANGUAGES if code in there)


def load_questions(name: str, languages: Sequence[str], columns: str = "") -> list[Question]:
    """Return the questions of a set that are in one of `languages`, in the set's order.

    `name` is `built-in`, `xcsqa` (from the Hugging Face Hub), a question file, or a folder of
    X-CSQA files (`x_csqa_<language>_test.json`); `columns` says what the columns of a file are
    (see `calm.questions.columns`). Raises CalmError where there is no such set or where rows are
    not right, naming each row, the field and what to do.
    """
    for code in languages:
        language(code)
    if name == BUILT_IN:
        rows = [q for code in languages for q in _built_in(code)]
    elif name == XCSQA:
        rows = _xcsqa_from_hub(languages)
    else:
        path = Path(os.path.expanduser(name))  # noqa: PTH111 - that of Path raises for `~nobody`
        rows = _xcsqa_from_folder(path) if path.is_dir() else read_question_file(path, columns)
    kept = [question for question in rows if question.language in languages]
    if not kept:
        there = sorted({question.language for question in rows})
        raise CalmError("questions.no-language", questions=name, languages=languages, there=there)
    return kept


def by_id(questions: Iterable[Question]) -> dict[str, dict[str, Question]]:
    """Group translations: id -> language -> question, in the order of first appearance."""
    groups: dict[str, dict[str, Question]] = defaultdict(dict)
    for question in questions:
        groups[question.id][question.language] = question
    return dict(groups)


def read_question_file(path: Path, columns: str = "") -> list[Question]:
    """Read a question file; `columns` says what its columns are where their names do not.

    Raises one CalmError for all its rows that are not right.
    """
    found = understood(path, columns)
    refuse(str(path), row_errors(str(path), found.problems))
    return list(found.questions)


def understood(path: Path, columns: str = "") -> FileRead:
    """Return what a question file holds, and what is wrong with it.

    Raises CalmError where the file itself cannot be read, has no rows, or lacks a column that
    `columns` names.
    """
    changed = (0, 0)
    with contextlib.suppress(OSError, ValueError):  # what is wrong is said by who reads it
        changed = (path.stat().st_mtime_ns, path.stat().st_size)
    with READING:
        return _understood(path, changed, columns)


@functools.lru_cache(maxsize=2)
def _understood(path: Path, changed: tuple[int, int], columns: str) -> FileRead:
    """Do the work of `understood`: a page asks for a file anew whenever a control changes."""
    sheet = read_sheet(path)
    found = columns_of(sheet, columns)
    raw, problems, has_ids, counts_from_1 = read_columns(sheet, found)
    numbered, more = _questions(raw, distinct=True)
    return FileRead(
        sheet,
        found,
        tuple(_with_splits(numbered, raw)),
        tuple(number for number, _ in numbered),
        tuple(sorted([*problems, *more], key=lambda problem: problem[0])),
        has_ids,
        counts_from_1,
    )


def set_problems(found: FileRead) -> tuple[list[RowProblem], list[RowProblem]]:
    """Return what is wrong with a file's questions as a set, and what is worth knowing of them."""
    number_of = dict(zip(found.questions, found.numbers, strict=True))

    def placed(findings: Iterable[Finding]) -> list[RowProblem]:
        return [(number_of[f.question], f.message) for f in findings]

    return placed(faults(found.questions)), placed(hints(found.questions))


def check_question_file(path: Path, columns: str = "") -> tuple[FileRead, list[str]]:
    """Return what a file holds, and what is worth knowing of it without being wrong.

    Raises one CalmError for all its rows that are not right and all that is wrong with the set.
    """
    found = understood(path, columns)
    wrong, worth = set_problems(found)
    of_rows = row_errors(str(path), found.problems)
    refuse(str(path), [*of_rows, *row_errors(str(path), wrong)])
    return found, [str(line) for line in row_errors(str(path), worth)]


def parse_questions(raw: Sequence[Numbered], where: str, distinct: bool = True) -> list[Question]:
    """Turn numbered rows into questions; raises one CalmError for all that are not right.

    `distinct` false lets two choices of a question be the same, as in X-CSQA's translations.
    """
    numbered, problems = _questions(raw, distinct)
    refuse(where, row_errors(where, problems))
    return _with_splits(numbered, raw)


def check_questions(questions: Sequence[Question]) -> list[str]:
    """Return what is wrong with a set as a whole (`calm.questions.checks`), one sentence each."""
    return [str(fault.what) for fault in faults(questions)]


def export_rows(questions: Iterable[Question]) -> Iterator[str]:
    """Yield the questions as JSON Lines in the documented format."""
    for q in questions:
        row = {
            "id": q.id,
            "split": q.split,
            "language": q.language,
            "text": q.text,
            "choices": list(q.choices),
            "gold": q.gold,
            "topic": q.topic,
        }
        yield json.dumps(row, ensure_ascii=False)


def clean_text(value: str, field: str) -> str:
    """Return the text on one line, trimmed; raises CalmError if too long or unprintable."""
    if len(value) > MAX_TEXT:
        raise CalmError("field.too-long", field=repr(field), length=len(value), most=MAX_TEXT)
    if not value.isprintable():
        if CONTROL.search(value):
            raise CalmError("field.control-characters", field=repr(field))
        if HALF.search(value):
            raise CalmError("field.half-character", field=repr(field))
    return " ".join(unicodedata.normalize("NFC", value).split())


def _built_in(code: str) -> list[Question]:
    file = resources.files("calm").joinpath(f"data/questions/{code}.jsonl")
    if not file.is_file():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    return parse_questions(list(enumerate(map(json.loads, lines), start=1)), "built-in set")


def _questions(
    raw: Sequence[Numbered], distinct: bool
) -> tuple[list[tuple[int, Question]], list[RowProblem]]:
    """Return the rows that are questions, and what is wrong with the fields of the others."""
    questions: list[tuple[int, Question]] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in raw:
        question, wrong = _question(row, distinct)
        if question is None:
            problems += [(number, text) for text in wrong]
            continue
        key = (question.id, question.language)
        if key in seen:
            problems.append((number, _used(question, seen[key])))
            continue
        seen[key] = number
        questions.append((number, question))
    return questions, problems


def _used(question: Question, row: int) -> CalmError:
    return CalmError("field.id-used", id=shown(question.id), language=question.language, row=row)


def _question(row: Mapping[str, Any], distinct: bool) -> tuple[Question | None, list[CalmError]]:
    """Return the question that a row holds, or `None` and a problem for each field not right."""
    values: dict[str, Any] = {}
    problems = []
    for field, read in READERS.items():
        try:
            values[field] = read(row)
        except CalmError as error:
            problems.append(error)
    if distinct and (same := same_choices(values.get("choices", ()))):
        problems.append(CalmError("field.choices-same", choice=shown(same)))
    return (None if problems else Question(**values)), problems


def _id(row: Mapping[str, Any]) -> str:
    value = row.get("id")
    return _text({"id": str(value) if type(value) is int else value}, "id")


def _language(row: Mapping[str, Any]) -> str:
    given = row.get("language", "en")
    code = code_of(given) if isinstance(given, str) else None
    if code is None:
        raise CalmError("field.language-unknown", language=shown(given), known=LANGUAGES)
    return code


def _text(row: Mapping[str, Any], field: str = "text") -> str:
    value = row.get(field)
    if not isinstance(value, str) or not is_seen(value):
        raise CalmError("field.missing", field=repr(field))
    return clean_text(value, field)


def _choices(row: Mapping[str, Any]) -> tuple[str, ...]:
    value = row.get("choices")
    if not isinstance(value, list) or not all(isinstance(choice, str) for choice in value):
        raise CalmError("field.choices-missing")
    if not 2 <= len(value) <= MAX_CHOICES:
        raise CalmError(
            "field.choices-number", count=len(value), choices=shown(value), most=MAX_CHOICES
        )
    for place, choice in enumerate(value, start=1):
        if not is_seen(choice):
            raise CalmError("field.choice-empty", place=place)
    return tuple(clean_text(choice, "choices") for choice in value)


def _gold(row: Mapping[str, Any]) -> int | None:
    gold, choices = row.get("gold"), row.get("choices")
    count = len(choices) if isinstance(choices, list) and len(choices) > 1 else MAX_CHOICES
    if gold is not None and (type(gold) is not int or not 0 <= gold < count):
        raise CalmError("field.gold", gold=shown(gold), most=max(1, count - 1))
    return gold


def _split(row: Mapping[str, Any]) -> Split:
    given = row.get("split") or "train"
    split = given.strip().casefold() if isinstance(given, str) else given
    if split not in SPLITS:
        raise CalmError("field.split", split=shown(given))
    return cast(Split, split)


def _topic(row: Mapping[str, Any]) -> str:
    topic = row.get("topic")
    if topic is None or topic == "":
        return ""
    if not isinstance(topic, str | int | float):
        raise CalmError("field.topic", topic=shown(topic))
    return clean_text(str(topic), "topic")


READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "language": _language,
    "id": _id,
    "text": _text,
    "choices": _choices,
    "gold": _gold,
    "split": _split,
    "topic": _topic,
}
"""How each field of a row is read; a reader raises CalmError where it is not right."""


def _with_splits(
    numbered: Sequence[tuple[int, Question]], raw: Sequence[Numbered]
) -> list[Question]:
    """Hold out a third of the ids whose rows name no split: those with the lowest hashes.

    An id of which one row names a split is in that one in every language.
    """
    named = {number for number, row in raw if row.get("split")}
    given: dict[str, Split] = {}
    for number, question in numbered:
        if number in named:
            given.setdefault(question.id, question.split)
    without = {question.id for _, question in numbered} - set(given)
    ranked = sorted(without, key=lambda identity: hashlib.sha256(identity.encode()).digest())
    held_out = set(ranked[: -(-len(ranked) // 3)]) if len(ranked) > 1 else set()
    splits = given | {i: "held-out" if i in held_out else "train" for i in without}
    return [
        question
        if number in named or question.split == splits[question.id]
        else dataclasses.replace(question, split=splits[question.id])
        for number, question in numbered
    ]


def _xcsqa_from_folder(folder: Path) -> list[Question]:
    """Read `x_csqa_<language>_test.json` and `..._train_sampled.json` files."""
    files = xcsqa_files(folder)
    if not files:
        raise CalmError("xcsqa.no-files", folder=folder)
    questions: list[Question] = []
    lines: list[CalmError] = []
    for file in files:
        raw, problems = read_xcsqa_file(file)
        numbered, more = _questions(raw, distinct=False)
        questions += [question for _, question in numbered]
        lines += row_errors(str(file.path), [*problems, *more])
    refuse(str(folder), lines or _gold_problems(folder, questions))
    golds = {q.id: q.gold for q in questions if q.gold is not None}
    return [dataclasses.replace(q, gold=golds.get(q.id)) for q in questions]


def _gold_problems(folder: Path, questions: Iterable[Question]) -> list[CalmError]:
    """Return a problem for each question whose files name different choices as the right one."""
    problems = []
    for identity, versions in by_id(questions).items():
        golds = {code: q.gold for code, q in versions.items() if q.gold is not None}
        if len(set(golds.values())) > 1:
            seen = ", ".join(f"{LETTERS[gold]} in {code}" for code, gold in golds.items())
            problem = CalmError("xcsqa.outputs-differ", folder=folder, question=identity, seen=seen)
            problems.append(problem)
    return problems


def _xcsqa_from_hub(languages: Sequence[str]) -> list[Question]:
    from calm.models.hub import load_hub_rows

    rows = [
        read_hub_row(row, code)
        for code in languages
        for row in load_hub_rows(
            XCSQA_HUB, f"X-CSQA-{language(code).codes.hub or code}", "validation"
        )
    ]
    return parse_questions(list(enumerate(rows, start=1)), XCSQA_HUB, distinct=False)
