"""A language's own words around short answers, read from `data/answer_words.jsonl`.

All but the instruction are in the one spelling of `calm.languages.spellings`.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

from calm.languages.number_words import NumberWords
from calm.languages.spellings import folded

UNSPACED = ("zh", "ja")
FOLDED = ("yes", "no", "leads", "minus", "date_words", "no_answer", "none")
WRITTEN = (
    *("counters", "ordinal_marks", "it_is", "is_behind", "denies", "corrects", "only", "not_that"),
)
"""The lists that are kept in the one spelling, and those that are kept as they are written."""


@dataclass(frozen=True)
class AnswerWords:
    """A language's own words around short answers."""

    instruction: str
    """What a chat model is told: a few words, no explanation."""
    leads: tuple[str, ...]
    """Articles and prepositions that may stand before an answer."""
    counters: tuple[str, ...]
    """What follows a number in Chinese and Japanese and says no unit."""
    yes: tuple[str, ...]
    no: tuple[str, ...]
    numbers: NumberWords
    minus: tuple[str, ...]
    """What stands before a number below zero."""
    measures: dict[str, tuple[str, ...]]
    """Further words for units and currencies that `calm.languages.measures` knows."""
    ordinals: dict[str, int]
    ordinal_marks: tuple[str, ...]
    """What makes an ordinal of the number that it is written to: "th"; as it is written."""
    date_words: tuple[str, ...]
    """What stands between the parts of a date: "of", "the"."""
    no_answer: tuple[str, ...]
    """What a short text says that knows no answer: "no idea"."""
    none: tuple[str, ...]
    """What answers that there is none: "nobody"; nothing else stands beside it."""
    it_is: tuple[str, ...]
    """What links before an answer; this and what follows as it is written: "it's"."""
    is_behind: tuple[str, ...]
    """What links behind an answer, in Hindi and Urdu."""
    denies: tuple[str, ...]
    corrects: tuple[str, ...]
    """What stands before the answer when another one was denied: "but"."""
    only: tuple[str, ...]
    """What makes of a denial none: "not only"."""
    not_that: tuple[str, ...]
    """What stands before another answer that is denied: "and not"."""


@functools.cache
def answer_words(code: str) -> AnswerWords:
    """Return a language's words around short answers."""
    text = resources.files("calm").joinpath("data/answer_words.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    row = next(row for row in rows if row["language"] == code)
    words = {key: _folded(row[key], code) for key in FOLDED}
    written = {key: tuple(row[key]) for key in WRITTEN}
    sets = (frozenset(_folded(row[key], code)) for key in ("joins", "apart", "units", "leads"))
    numbers, scales, bound, ordinals = (
        _valued(row[key], code) for key in ("numbers", "scales", "bound", "ordinals")
    )
    return AnswerWords(
        instruction=row["instruction"],
        numbers=NumberWords(numbers, scales, bound, *sets),
        measures={key: _folded(names, code) for key, names in row["measures"].items()},
        ordinals=ordinals,
        **words,
        **written,
    )


def _folded(words: Iterable[str], code: str) -> tuple[str, ...]:
    return tuple(folded(word, code) for word in words)


def _valued(words: Mapping[str, Iterable[str]], code: str) -> dict[str, int]:
    return {folded(word, code): int(n) for n, row in words.items() for word in row}
