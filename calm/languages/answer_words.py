"""The words around short answers, by language: articles, yes and no, units, in one spelling.

The spelling is that of `calm.languages.spellings`.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from calm.languages.number_words import NumberWords
from calm.languages.spellings import folded
from calm.languages.table import language
from calm.languages.word_rows import Numbers

FOLDED = ("yes", "no", "leads", "minus", "no_answer", "none")
WRITTEN = (*("counters", "it_is", "is_behind", "denies", "corrects", "only", "not_that"),)
"""The lists that are kept in the one spelling, and those that are kept as they are written."""


@dataclass(frozen=True)
class AnswerWords:
    """A language's own words around short answers."""

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
    row = language(code)
    short = row.short
    words = {key: _folded(getattr(short, key), code) for key in FOLDED}
    written = {key: getattr(short, key) for key in WRITTEN}
    return AnswerWords(
        numbers=_number_words(row.numbers, short.leads, code),
        measures={key: _folded(names, code) for key, names in short.measures.items()},
        ordinals=_valued(row.ordinals.words, code),
        ordinal_marks=row.ordinals.marks,
        date_words=_folded(row.dates.words, code),
        **words,
        **written,
    )


def _number_words(row: Numbers, articles: Iterable[str], code: str) -> NumberWords:
    return NumberWords(
        values=_valued(row.values, code),
        scales=_valued(row.scales, code),
        bound=_valued(row.bound, code),
        joins=frozenset(_folded(row.joins, code)),
        apart=frozenset(_folded(row.apart, code)),
        units=frozenset(_folded(row.units, code)),
        articles=frozenset(_folded(articles, code)),
    )


def _folded(words: Iterable[str], code: str) -> tuple[str, ...]:
    return tuple(folded(word, code) for word in words)


def _valued(words: Mapping[int, Iterable[str]], code: str) -> dict[str, int]:
    return {folded(word, code): n for n, row in words.items() for word in row}
