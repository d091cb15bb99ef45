"""The rows of question sets, however they were read: what a question may hold, and its split.

A row is a mapping with the fields of the documented format (see `calm.questions.sets`). Whoever
reads rows as somebody else wrote them may have those that are not right told or left out.
"""

import dataclasses
import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from calm.errors import CalmError
from calm.languages.table import LANGUAGES, code_of
from calm.questions.files import Numbered, RowProblem, refuse, row_errors, shown
from calm.questions.visible import is_seen, same_choices
from calm.records import Question, Split

SPLITS = ("train", "held-out")
MAX_TEXT = 2000
MAX_CHOICES = 8
"""Of a question in a file; more cannot be numbered with the letters of every language."""
MOST_CHOICES = 10
"""Of a question in a run: those of some public sets, which are never numbered with letters."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
HALF = re.compile(r"[\ud800-\udfff]")


def parse_questions(
    raw: Sequence[Numbered], where: str, distinct: bool = True, most_choices: int = MAX_CHOICES
) -> list[Question]:
    """Turn numbered rows into questions; raises one CalmError for all that are not right.

    `distinct` false lets two choices of a question be the same, as in X-CSQA's translations.
    """
    numbered, problems = read_rows(raw, distinct, most_choices)
    refuse(where, row_errors(where, problems))
    return with_splits(numbered, raw)


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


def read_rows(
    raw: Sequence[Numbered], distinct: bool, most_choices: int = MAX_CHOICES
) -> tuple[list[tuple[int, Question]], list[RowProblem]]:
    """Return the rows that are questions, and what is wrong with the fields of the others."""
    questions: list[tuple[int, Question]] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in raw:
        question, wrong = _question(row, distinct, most_choices)
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


def _question(
    row: Mapping[str, Any], distinct: bool, most: int
) -> tuple[Question | None, list[CalmError]]:
    """Return the question that a row holds, or `None` and a problem for each field not right."""
    values: dict[str, Any] = {}
    problems = []
    for field, read in READERS.items():
        try:
            values[field] = _choices(row, most) if field == "choices" else read(row)
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


def _choices(row: Mapping[str, Any], most: int = MAX_CHOICES) -> tuple[str, ...]:
    value = row.get("choices")
    if not isinstance(value, list) or not all(isinstance(choice, str) for choice in value):
        raise CalmError("field.choices-missing")
    if not 2 <= len(value) <= most:
        raise CalmError("field.choices-number", count=len(value), choices=shown(value), most=most)
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


def with_splits(
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
