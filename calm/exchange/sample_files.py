"""Files of sampled responses as the paper's authors write them, read row by row.

A file holds one language, and its rows are those of the other languages' files: a JSON list, or
one object a line, of

    input   the question, perhaps after a label, and its choices on lines `A. ...`, `B. ...`;
            labels that follow them without text are dropped
    output  the letter of the right choice; empty where nobody has said which is right (both are
            read by `calm.questions.xcsqa`)
    pred    the responses, a list of texts
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from calm.errors import CalmError
from calm.questions.rows import parse_questions
from calm.questions.xcsqa import CHOICE, gold_of, parts
from calm.records import Question

MAX_ROW = 16 << 20
"""Characters of a row; a file with a longer one is read no further."""
MAX_INPUT = 20_000
MAX_RESPONSE = 20_000
"""Characters of a response; the rest of a longer one is cut off."""
CHUNK = 1 << 16

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that no text needs: controls, and those that turn the writing direction over."""
HALF = re.compile(r"[\ud800-\udfff]")
LABEL = re.compile(r"[^:：]{0,30}[:：]\s*")


@dataclass(frozen=True)
class Problem:
    """Why something was left out or changed."""

    reason: str
    """The same words for the same thing, so that it can be counted."""
    seen: str
    """What was found there."""
    ends_file: bool = False
    """Whether nothing behind it in its file could be read."""


@dataclass(frozen=True)
class Row:
    """One row: a question, and what stands where its responses should be."""

    question: Question
    pred: Any
    changes: tuple[Problem, ...]
    """What was taken out of the question, or is wrong without making it useless."""


def read_rows(path: Path, code: str) -> Iterator[Row | Problem]:
    """Yield every row of a file in language `code`, or what keeps it from being one.

    The questions are all in the split `train` and have their number in the file as id.
    """
    for number, value in enumerate(json_values(path), start=1):
        yield value if isinstance(value, Problem) else _row(value, str(number), code)


def read_response(value: Any) -> tuple[str | None, list[Problem]]:
    """Return a response's text and what was changed in it; `None` where it is no text."""
    if not isinstance(value, str):
        return None, [Problem("responses that are no text", shown(value))]
    changes = []
    text = value
    if len(text) > MAX_RESPONSE:
        seen = f"{len(text)} characters"
        changes.append(Problem(f"responses cut off after {MAX_RESPONSE} characters", seen))
        text = text[:MAX_RESPONSE]
    text, found = _without_controls(text, "responses")
    return text, changes + found


def json_values(path: Path) -> Iterator[Any]:
    """Yield the JSON values of a list or of lines, and a Problem for what is no JSON."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            begin = stream.read(CHUNK).lstrip()
            stream.seek(0)
            yield from _listed(stream) if begin.startswith("[") else _lines(stream)
    except OSError as error:
        yield Problem("files that cannot be read", str(error.strerror), ends_file=True)


def _listed(stream: TextIO) -> Iterator[Any]:
    """Yield the values of a JSON list; no more than one of them and a chunk are in memory."""
    decode = json.JSONDecoder().raw_decode
    between = re.compile(r"[\s,]*")
    text, at, size = stream.read(CHUNK), 0, CHUNK
    at = text.index("[") + 1
    while True:
        at = _end(between, text, at)
        if text.startswith("]", at):
            if rest := (text[at + 1 :] + stream.read(CHUNK)).strip():
                yield Problem("files with text behind their list", shown(rest), ends_file=True)
            return
        try:
            value, end = decode(text, at)
            size = CHUNK
        except (ValueError, RecursionError) as error:
            more = stream.read(size) if len(text) - at < MAX_ROW else ""
            if not more:
                seen = f"{type(error).__name__}: {error}"[:100]
                yield Problem("files whose rest is not JSON", seen, ends_file=True)
                return
            text, at, size = text[at:] + more, 0, 2 * size
            continue
        yield value
        at = end


def _lines(stream: TextIO) -> Iterator[Any]:
    while line := stream.readline(MAX_ROW):
        if len(line) == MAX_ROW:
            yield Problem("files whose rest is not JSON", "a line without end", ends_file=True)
            return
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                yield Problem("rows that are not JSON", f"{error}"[:100])


def _row(value: Any, number: str, code: str) -> Row | Problem:
    if not isinstance(value, dict) or not isinstance(value.get("input"), str):
        return Problem("rows without a question", shown(value))
    asked = value["input"]
    if len(asked) > MAX_INPUT:
        return Problem("rows whose question is too long", f"{len(asked)} characters")
    asked, changes = _without_controls(asked, "questions")
    text, choices, behind = parts(asked)
    if len(choices) < 2 or any(CHOICE.fullmatch(line) for line in behind):
        return Problem("rows without choices A. B. C. in their order", shown(asked))
    if junk := [line for line in behind if not LABEL.fullmatch(line)]:
        changes.append(Problem("questions with text behind the choices, dropped", shown(junk[0])))
    gold = gold_of(value.get("output"), choices)
    if gold is None and value.get("output") not in (None, ""):
        changes.append(Problem("gold answers that are no choice", shown(value["output"])))
    fields = {"id": number, "split": "train", "language": code, "text": text, "gold": gold}
    try:
        (question,) = parse_questions([(0, fields | {"choices": choices})], "", distinct=False)
    except CalmError as error:
        return Problem("rows whose question cannot be used", str(error).removeprefix(", row 0: "))
    return Row(question, value.get("pred"), tuple(changes))


def _without_controls(text: str, what: str) -> tuple[str, list[Problem]]:
    changes = []
    if found := CONTROL.findall(text):
        seen = f"{len(found)}, first {found[0]!a}"
        changes.append(Problem(f"{what} with control characters, removed", seen))
        text = CONTROL.sub("", text)
    if "\ufffd" in text or HALF.search(text):
        changes.append(Problem(f"{what} with characters that could not be decoded (\ufffd)", ""))
        text = HALF.sub("\ufffd", text)
    return text, changes


def shown(value: Any) -> str:
    """Return the beginning of a value, without anything that a terminal would obey."""
    text = value if isinstance(value, str) else repr(value)[:200]
    return f"{text[:80]!r}"


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
