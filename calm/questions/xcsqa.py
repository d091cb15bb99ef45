"""The rows of X-CSQA: in the files of the paper's authors, and on the Hugging Face Hub.

In the files a row is a text `input`, the question, perhaps after a label, with its choices on lines
`A. ...`, `B. ...` behind it, and `output`, the letter of the right choice; empty where nobody has
said which is right. `calm.exchange.sample_files` reads the same rows with the responses to them.
"""

import dataclasses
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calm.errors import CalmError
from calm.languages.table import LANGUAGES, all_words, code_of
from calm.questions.files import (
    Numbered,
    RowProblem,
    json_rows,
    refuse,
    row_errors,
    shown,
    text_in,
)
from calm.questions.rows import read_rows
from calm.records import Question

LETTERS = "ABCDEFGH"
CHOICE = re.compile(r"\s*([A-H])\s*[.．:：)）、](.*)")
LABELLED = re.compile(r"[^:：]{0,30}[:：].*")
"""What may stand behind the choices and is no part of them: `Answer:`, also with an answer."""
WORDS = {row.question for row in LANGUAGES.values()} | all_words("turns", "questions")
NUMBER = r"(?:\s*(?:n[.°º]*|no\.|nr\.?|№|#)?\s*\d{1,4})?"
QUESTION_LABEL = re.compile(
    rf"\s*(?:\**(?:{'|'.join(sorted(WORDS, key=len, reverse=True))}){NUMBER}\**\s*[:：]\**\s*)+",
    re.IGNORECASE,
)
"""What may stand before a question and is no part of it: `Question:`, `Frage 3:`."""
STATED = re.compile(r"\W*([A-H])(?![^\W_])(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class XcsqaFile:
    """A file of a folder: its language and split stand in its name."""

    path: Path
    language: str
    split: str


def xcsqa_files(folder: Path) -> list[XcsqaFile]:
    """Return the files of a folder in the order of their names.

    Raises CalmError for a language that is not in the table, or that has a file already.
    """
    found: dict[tuple[str, str], XcsqaFile] = {}
    for path in sorted(folder.glob("x_csqa_*.json")):
        name = path.stem.removeprefix("x_csqa_").partition("_")[0]
        code = code_of(name)
        if code is None:
            raise CalmError("xcsqa.unknown-language", path=path, language=repr(name))
        split = "held-out" if path.stem.endswith("test") else "train"
        first = found.setdefault((code, split), XcsqaFile(path, code, split))
        if first.path != path:
            raise CalmError("xcsqa.same-language", path=path, other=first.path.name)
    return list(found.values())


def read_xcsqa_file(file: XcsqaFile) -> tuple[list[Numbered], list[RowProblem]]:
    """Return the rows as fields of questions, and what is wrong with the others.

    Raises CalmError where the file cannot be read.
    """
    try:
        content = file.path.read_bytes()
    except OSError as error:
        raise CalmError("file.unreadable", path=file.path, reason=error.strerror) from None
    raw, problems = json_rows(text_in("utf-8-sig", file.path, content))
    rows = []
    for number, row in raw:
        try:
            rows.append((number, _fields(row, f"{file.split}-{number:04d}", file)))
        except CalmError as error:
            problems.append((number, error))
    return rows, problems


def read_xcsqa_folder(folder: Path) -> list[Question]:
    """Read `x_csqa_<language>_test.json` and `..._train_sampled.json` files.

    Raises CalmError where there is none, and for all that is not right in them.
    """
    files = xcsqa_files(folder)
    if not files:
        raise CalmError("xcsqa.no-files", folder=folder)
    questions: list[Question] = []
    lines: list[CalmError] = []
    for file in files:
        raw, problems = read_xcsqa_file(file)
        numbered, more = read_rows(raw, distinct=False)
        questions += [question for _, question in numbered]
        lines += row_errors(str(file.path), [*problems, *more])
    refuse(str(folder), lines or _gold_problems(folder, questions))
    golds = {q.id: q.gold for q in questions if q.gold is not None}
    return [dataclasses.replace(q, gold=golds.get(q.id)) for q in questions]


def _gold_problems(folder: Path, questions: Iterable[Question]) -> list[CalmError]:
    """Return a problem for each question whose files name different choices as the right one."""
    problems = []
    golds_of: dict[str, dict[str, int]] = defaultdict(dict)
    for question in questions:
        if question.gold is not None:
            golds_of[question.id][question.language] = question.gold
    for identity, golds in golds_of.items():
        if len(set(golds.values())) > 1:
            seen = ", ".join(f"{LETTERS[gold]} in {code}" for code, gold in golds.items())
            problem = CalmError("xcsqa.outputs-differ", folder=folder, question=identity, seen=seen)
            problems.append(problem)
    return problems


def _fields(row: Mapping[str, Any], identity: str, file: XcsqaFile) -> dict[str, Any]:
    asked = row.get("input")
    text, choices, behind = parts(asked) if isinstance(asked, str) else ("", [], [])
    if len(choices) < 2 or any(not LABELLED.fullmatch(line) for line in behind):
        raise CalmError(
            "xcsqa.no-choices", question=identity, language=file.language, input=shown(asked)
        )
    return {
        "id": f"xcsqa-{identity}",
        "split": file.split,
        "language": file.language,
        "text": text,
        "choices": choices,
        "gold": gold_of(row.get("output"), choices),
    }


def read_hub_row(row: Mapping[str, Any], code: str) -> dict[str, Any]:
    """Return a row of the Hub's data set as fields of a question, without a split."""
    choices, key = row["question"]["choices"], row.get("answerKey")
    labels = list(choices["label"])
    return {
        "id": f"xcsqa-{row['id']}",
        "language": code,
        "text": row["question"]["stem"],
        "choices": list(choices["text"]),
        "gold": labels.index(key) if key in labels else None,
    }


def parts(asked: str) -> tuple[str, list[str], list[str]]:
    """Return a question's text, its choices, and the lines behind them that are not empty."""
    lines = asked.splitlines()
    found = [CHOICE.fullmatch(line) for line in lines]
    starts = [at for at, match in enumerate(found) if match and match[1] == "A"]
    if not starts:
        return asked, [], []
    choices: list[str] = []
    at = starts[-1]
    for match in found[at:]:
        if not match or match[1] != LETTERS[len(choices)]:
            break
        choices.append(match[2].strip())
    label = QUESTION_LABEL.match("\n".join(lines[:at]))
    text = "\n".join(lines[:at])[label.end() if label else 0 :]
    return text, choices, [line for line in lines[at + len(choices) :] if line.strip()]


def gold_of(output: Any, choices: Sequence[str]) -> int | None:
    """Return the place of the choice that `output` names, by its letter or by its text.

    `None` where it names none, or a letter and the text of another choice.
    """
    if not isinstance(output, str):
        return None
    said = unicodedata.normalize("NFKC", output).strip()
    stated = STATED.fullmatch(said)
    if stated:
        place = LETTERS.index(stated[1].upper())
        if place < len(choices) and _bare(stated[2]).casefold() in (
            "",
            _bare(choices[place]).casefold(),
        ):
            return place
    for form in (str, str.casefold):
        places = [n for n, choice in enumerate(choices) if form(_bare(choice)) == form(_bare(said))]
        if len(places) == 1 and said:
            return places[0]
    return None


def _bare(text: str) -> str:
    return re.sub(r"^\W+|\W+$", "", unicodedata.normalize("NFKC", text))
