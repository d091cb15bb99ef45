"""What a question set as a whole must be like: parallel, in the right scripts, with no leak.

A language that a question lacks is not wrong: it is translated later.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple

from calm.languages.table import language
from calm.messages import Message, message
from calm.questions.pointing import points_at_choices
from calm.records import Question

NEAR_DUPLICATE = 0.8
LACKING = {
    *("nan", "NaN", "NAN", "<NA>", "NaT", "null", "NULL", "undefined"),
    *("#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"),
}
"""What programs and spreadsheets write where a value lacks."""
FORMULA = re.compile(r"\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\]|\\[a-zA-Z]+|\{[^{}]*\}")
"""Formulas and their commands, whose letters belong to no language."""
WORD = re.compile(r"[^\W\d_]{2,}")


class Finding(NamedTuple):
    """Something to know of a question."""

    question: Question
    what: Message
    advice: Message
    """What was seen, and what to do."""

    @property
    def message(self) -> Message:
        """Both, one behind the other."""
        return message("finding.told", what=self.what, advice=self.advice)


Versions = Mapping[str, Question]


def faults(questions: Sequence[Question]) -> list[Finding]:
    """Return what is wrong with a set.

    Translations must be parallel (same number of choices, gold, split and topic), written in their
    language's script and not the same text; nothing may stand for a value that lacks; and no
    held-out question may repeat a question of the train split.
    """
    found: list[Finding] = []
    groups: dict[str, dict[str, Question]] = defaultdict(dict)
    for question in questions:
        groups[question.id][question.language] = question
    for versions in groups.values():
        found += _not_parallel(versions)
        found += _same_text(versions)
    for question in questions:
        found += _lacking_value(question)
        found += _wrong_script(question)
    return found + list(_repeated_across_splits(questions))


def hints(questions: Sequence[Question]) -> Iterator[Finding]:
    """Yield what is worth knowing of a set and not wrong: choices that point at others."""
    for question in questions:
        pointing = [choice for choice in question.choices if points_at_choices(choice, question)]
        if pointing:
            yield Finding(
                question,
                message(
                    "finding.points",
                    question=question.id,
                    language=question.language,
                    choice=repr(pointing[0]),
                ),
                message("finding.points.do"),
            )


def _named(versions: Versions, value: Any) -> list[Message]:
    """Return what each language has, as `2 in en, 3 in de`."""
    return [
        message("finding.seen-in", value=value(question), language=code)
        for code, question in versions.items()
    ]


def _not_parallel(versions: Versions) -> Iterator[Finding]:
    last = list(versions.values())[-1]
    for field in ("split", "gold", "topic"):
        if len({getattr(q, field) for q in versions.values()}) > 1:
            seen = _named(versions, lambda q, field=field: repr(getattr(q, field))[:40])
            what = message("finding.differs", question=last.id, field=field)
            yield Finding(last, what, message("finding.differs.do", seen=seen))
    if len({len(q.choices) for q in versions.values()}) > 1:
        seen = _named(versions, lambda q: len(q.choices))
        what = message("finding.choices-differ", question=last.id)
        yield Finding(last, what, message("finding.choices-differ.do", seen=seen))


def _same_text(versions: Versions) -> Iterator[Finding]:
    """Yield a finding for each text of two words and more that several languages have."""
    by_text: dict[str, list[Question]] = defaultdict(list)
    for question in versions.values():
        by_text[_letters(question.text)].append(question)
    for rows in by_text.values():
        first = rows[0]
        if len(rows) > 1 and _has_words(first.text):
            what = message(
                "finding.same-text",
                question=first.id,
                languages=[q.language for q in rows],
                text=repr(first.text[:60]),
            )
            yield Finding(first, what, message("finding.same-text.do"))


def _has_words(text: str) -> bool:
    """Tell whether a text has so many words that two languages do not share it by chance."""
    words = WORD.findall(FORMULA.sub(" ", text))
    return len(words) > 1 or sum(map(len, words)) > 12


def _lacking_value(question: Question) -> Iterator[Finding]:
    for field in ("id", "text", "choices", "topic"):
        value = getattr(question, field)
        for seen in LACKING.intersection(value if isinstance(value, tuple) else (value,)):
            yield Finding(
                question,
                message(
                    "finding.lacking-value",
                    question=question.id,
                    language=question.language,
                    field=field,
                    seen=repr(seen),
                ),
                message("finding.lacking-value.do"),
            )
        if "\ufffd" in "".join(value):
            yield Finding(
                question,
                message(
                    "finding.lost-character",
                    question=question.id,
                    language=question.language,
                    field=field,
                    seen="\ufffd",
                ),
                message("finding.lost-character.do"),
            )


def _wrong_script(question: Question) -> Iterator[Finding]:
    script = language(question.language).script
    names = [unicodedata.name(c, "") for c in FORMULA.sub(" ", question.text) if c.isalpha()]
    names = [name for name in names if not name.startswith(("GREEK", "MATHEMATICAL"))]
    fitting = sum(name.startswith(SCRIPTS.get(script, script.upper())) for name in names)
    if names and fitting < len(names) * NEEDED.get(script, 0.5):
        text = repr(question.text[:60])
        yield Finding(
            question,
            message(
                "finding.wrong-script",
                question=question.id,
                language=question.language,
                script=script,
                text=text,
            ),
            message("finding.wrong-script.do"),
        )


SCRIPTS = {"Han": ("CJK",), "Hiragana": ("HIRAGANA", "KATAKANA")}
"""How the names of a script's letters begin, where that is not the script's own name."""
NEEDED = {"Han": 0.05, "Hiragana": 0.01, "Arabic": 0.2, "Cyrillic": 0.3, "Devanagari": 0.2}
"""The share of a text's letters that must be of the script. Latin words stand in texts of every
language, and are long where a word is one sign."""


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _repeated_across_splits(questions: Iterable[Question]) -> Iterator[Finding]:
    """Yield a finding for each train question that is nearly a held-out one, naming one such.

    Of two texts that are near, each has one of the other's rarest parts among its own: only texts
    that share one of these are compared, so that thousands of questions take seconds.
    """
    by_language: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_language[question.language].append(question)
    for rows in by_language.values():
        parts_of = {q.id: _shingles(q.text) for q in rows}
        counts = Counter(part for parts in parts_of.values() for part in parts)
        having: dict[str, list[Question]] = defaultdict(list)
        for held_out in (q for q in rows if q.split == "held-out"):
            for part in _rarest(parts_of[held_out.id], counts):
                having[part].append(held_out)
        for question in (q for q in rows if q.split == "train"):
            mine = parts_of[question.id]
            others = (other for part in _rarest(mine, counts) for other in having.get(part, ()))
            for other in others:
                if _same_answer(question, other) and _is_near(mine, parts_of[other.id]):
                    what = message(
                        "finding.repeated",
                        question=question.id,
                        language=question.language,
                        other=other.id,
                    )
                    yield Finding(question, what, message("finding.repeated.do"))
                    break


def _rarest(own: frozenset[str], counts: Mapping[str, int]) -> list[str]:
    """Return so many of a set's rarest members that a near duplicate must have one of them."""
    ordered = sorted(own, key=lambda member: (counts[member], member))
    return ordered[: len(own) - ceil(NEAR_DUPLICATE * len(own)) + 1]


def _same_answer(a: Question, b: Question) -> bool:
    if a.gold is None or b.gold is None:
        return True
    return a.choices[a.gold].casefold() == b.choices[b.gold].casefold()


def _shingles(text: str) -> frozenset[str]:
    letters = "".join(c for c in text.casefold() if c.isalnum() or c == " ")
    return frozenset(letters[i : i + 3] for i in range(max(1, len(letters) - 2)))


def _is_near(a: frozenset[str], b: frozenset[str]) -> bool:
    alike = min(len(a), len(b)) >= NEAR_DUPLICATE * max(len(a), len(b))
    return alike and len(a & b) / len(a | b) >= NEAR_DUPLICATE
