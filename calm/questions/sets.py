"""Where questions come from: the built-in set, a public set by its name, a file or a folder.

The documented format, as JSON Lines or CSV, one row a question and language:
`id, split, language, text, choices, gold, topic`. `choices` is a list (in CSV: separated by `|`),
`gold` an index from 0. `split` is `train` or `held-out`; where a file gives none, a third of the
ids is held out. `gold` and `topic` may be left out. How files are read is told in
`calm.questions.files`, how other columns become these in `calm.questions.columns`, what a row may
hold in `calm.questions.rows`, what a set as a whole must be like in `calm.questions.checks`, which
public sets there are in `calm.questions.public_sets`.
"""

import contextlib
import functools
import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from calm.config import BUILT_IN
from calm.errors import CalmError
from calm.languages.table import LANGUAGES, language
from calm.questions.checks import Finding, faults, hints
from calm.questions.columns import Columns, columns_of, read_columns
from calm.questions.files import (
    RowProblem,
    Sheet,
    read_sheet,
    refuse,
    row_errors,
)
from calm.questions.public_load import load_public
from calm.questions.public_sets import is_public
from calm.questions.rows import parse_questions, read_rows, with_splits
from calm.questions.xcsqa import read_xcsqa_folder
from calm.records import Question

READING = threading.Lock()
"""Held while a file is read, so that who else asks for it gets what was read."""


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

    `name` is `built-in`, a public set (see `calm.questions.public_sets`), a question file, or a
    folder of X-CSQA files (`x_csqa_<language>_test.json`); `columns` says what the columns of a
    file are (see `calm.questions.columns`). Raises CalmError where there is no such set or where
    rows of a file are not right, naming each row, the field and what to do.
    """
    for code in languages:
        language(code)
    if name == BUILT_IN:
        rows = [q for code in languages for q in _built_in(code)]
    elif is_public(name):
        rows = list(load_public(name, languages).questions)
    else:
        path = Path(os.path.expanduser(name))  # noqa: PTH111 - that of Path raises for `~nobody`
        rows = read_xcsqa_folder(path) if path.is_dir() else read_question_file(path, columns)
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
    numbered, more = read_rows(raw, distinct=True)
    return FileRead(
        sheet,
        found,
        tuple(with_splits(numbered, raw)),
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


def _built_in(code: str) -> list[Question]:
    file = resources.files("calm").joinpath(f"data/questions/{code}.jsonl")
    if not file.is_file():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    return parse_questions(list(enumerate(map(json.loads, lines), start=1)), "built-in set")
