"""The number that words state, read whole or not at all.

A number is a run of words of which each is a value ("twenty") or multiplies what stands before it
("hundred"), with "and" between them. Where the run makes no sense, or goes on in a way that is not
understood ("three and a half"), nothing is read: a part of a number is another number.
`calm.languages.meaning` asks here.
"""

import functools
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from calm.languages.table import language

MOST_WORDS = 4
"""Words that a value may have: "quatre vingt dix sept"."""
LONGEST_WORD = 80
"""Letters up to which a word is taken apart."""
TENS = range(20, 100, 10)
PLACES = tuple(10**n for n in range(12, 0, -1))
SHORTEST_NOUN = 4
"""Letters of a Swahili noun before its number; "ya tatu" is "the third"."""


@dataclass(frozen=True)
class NumberWords:
    """A language's number words, as `calm.languages.meaning` folds them."""

    values: dict[str, int]
    scales: dict[str, int]
    """What multiplies: "hundred", "lakh"; a value, too, if it is a number by itself."""
    bound: dict[str, int]
    """Values that are no number by themselves: Vietnamese "lăm", the five of fifteen."""
    joins: frozenset[str]
    apart: frozenset[str]
    """What beside a number makes another one of it: "point", "dozen", "half"."""
    units: frozenset[str]
    """Values that are units, too: Vietnamese "năm" is five, and a year."""
    articles: frozenset[str]

    @functools.cached_property
    def all(self) -> frozenset[str]:
        """Every word that a number goes on with."""
        known = (*self.values, *self.scales, *self.bound)
        return frozenset(word for phrase in known for word in phrase.split()[1:] or [phrase])

    @functools.cached_property
    def piece(self) -> re.Pattern[str]:
        """Match a number word at the beginning of a word that is nothing but number words."""
        single = {w for w in (*self.values, *self.scales, *self.bound, *self.joins) if " " not in w}
        pieces = "|".join(sorted(map(re.escape, single), key=len, reverse=True))
        return re.compile(f"(?:{pieces})(?=(?:{pieces})*$)")


class Read(NamedTuple):
    """A number at the beginning of words, `None` where it is not all understood; and the rest."""

    number: float | None
    rest: list[str]


class _Word(NamedTuple):
    value: float | None
    scale: int | None = None
    joined: bool = False


class _Part(NamedTuple):
    value: float
    place: int
    """What its last digit counts: 1000 of "twenty thousand"."""
    joined: bool


def read_number(words: Sequence[str], row: NumberWords, code: str) -> Read | None:
    """Return the number that words begin with, or `None` where they begin with none.

    A number word that is also an article is a number only by itself.
    """
    words = _apart(words, row, code)
    run, used = _run(words, row)
    alone = " ".join(words[:used])
    if not run or alone in row.bound:
        return None
    found = _checked(run, words[used:], row, code)
    if alone in row.articles and found.rest and found.number is not None:
        return None
    return found


def read_after_noun(words: Sequence[str], row: NumberWords, code: str) -> Read | None:
    """Return the number that ends an answer behind the one word for what is counted."""
    if not language(code).numbers.scale_first or len(words) < 2 or len(words[0]) < SHORTEST_NOUN:
        return None
    found = read_number(words[1:], row, code)
    return found and Read(None if found.rest else found.number, [words[0]])


def read_beside(
    digits: float, before: Sequence[str], after: Sequence[str], row: NumberWords, code: str
) -> Read:
    """Return the number that digits and the words around them state, and the other words."""
    first, before = [_Word(abs(digits))], list(before)
    if language(code).numbers.scale_first and before and before[-1] in row.scales:
        first.insert(0, _Word(None, row.scales[before.pop()]))
    if set(before[-1:]) & ((row.all | row.apart) - row.articles - row.units):
        return Read(None, [])
    words = _apart(after, row, code)
    run, used = _run(words, row, first)
    number, rest = _checked(run, words[used:], row, code)
    return Read(number and math.copysign(number, digits), before + rest)


def _apart(words: Sequence[str], row: NumberWords, code: str) -> list[str]:
    """Return words with those that are several number words in one taken apart."""
    if not language(code).numbers.glued:
        return list(words)
    found: list[str] = []
    for word in words:
        pieces = row.piece.findall(word) if len(word) <= LONGEST_WORD else []
        elided = language(code).numbers.elided
        whole = [*pieces[:1], *(elided.get(piece, piece) for piece in pieces[1:])]
        found += whole if "".join(pieces) == word else [word]
    return found


def _run(
    words: Sequence[str], row: NumberWords, first: Sequence[_Word] = ()
) -> tuple[list[_Word], int]:
    """Return the number words at the beginning, those of `first` before them, and how many."""
    run, used = list(first), 0
    while used < len(words):
        begin = used + (_joins(words[used:], row) if run else 0)
        joined = begin > used
        for end in range(min(begin + MOST_WORDS, len(words)), begin, -1):
            word = " ".join(words[begin:end])
            if word in row.values or word in row.scales or word in row.bound:
                break
        else:
            break
        counts = joined or not run or not row.scales.keys().isdisjoint(words[end : end + 1])
        if word in row.units and not counts:
            break
        value = row.values.get(word, row.bound.get(word))
        run.append(_Word(value, row.scales.get(word), joined))
        used = end
    return run, used


def _joins(words: Sequence[str], row: NumberWords) -> int:
    """Return how many words at the beginning only join numbers: "and", "không trăm linh"."""
    for size in (2, 1):
        if words and " ".join(words[:size]) in row.joins:
            return size + _joins(words[size:], row)
    return 0


def _checked(run: Sequence[_Word], rest: list[str], row: NumberWords, code: str) -> Read:
    """Return the number of a run, if the two words behind it make no other number of it."""
    more = (row.all | row.joins | row.apart) - row.units
    ones = {word for word, value in row.values.items() if value == 1} | row.articles
    goes_on = {*rest[:1]} & more or {*rest[1:2]} & (more - ones)
    return Read(None if goes_on else _composed(run, code), rest)


def _composed(run: Sequence[_Word], code: str) -> float | None:
    """Return the number that a run of number words makes; `None` for what makes none."""
    parts: list[_Part] = []
    for word in _scales_last(run) if language(code).numbers.scale_first else run:
        value, before = word.value, parts[-1].value if parts else 0
        if word.scale and not word.joined and 0 < before < word.scale:
            begin = len(parts) - 1
            while begin and parts[begin - 1].value < word.scale:
                begin -= 1
            factor = _sum(parts[begin:], code)
            if factor is None:
                return None
            parts[begin:] = [_Part(factor * word.scale, word.scale, parts[begin].joined)]
        elif value is None:
            return None
        elif (
            language(code).numbers.tens_last
            and word.joined
            and before in range(1, 10)
            and value in TENS
        ):
            parts.append(_Part(value + before, 1, parts.pop().joined))
        else:
            parts.append(_Part(value, word.scale or _place(value), word.joined))
    return _sum(parts, code)


def _scales_last(run: Sequence[_Word]) -> list[_Word]:
    """Return a run with each "thousand two" as one value; a scale before another is none."""
    if len(run) == 2 and run[1].scale and not run[0].scale:  # "5 thousand"
        return list(run)
    found: list[_Word] = []
    for before, word in itertools.pairwise([_Word(None), *run]):
        if not before.scale or word.joined:
            found.append(_Word(word.value, None, word.joined))
        elif word.scale or word.value is None:
            return [_Word(None)]
        else:
            found[-1] = _Word(word.value * before.scale, None, found[-1].joined)
    return found


def _sum(parts: Sequence[_Part], code: str) -> float | None:
    if all(_follows(big, small, code) for big, small in itertools.pairwise(parts)):
        return float(sum(part.value for part in parts))
    return None


def _follows(big: _Part, small: _Part, code: str) -> bool:
    """Tell whether a value goes on with a smaller one: "twenty one", and not "twenty twelve"."""
    size = 10 ** len(str(int(small.value)))
    if big.value <= 0 or small.value <= 0 or small.value % 1 or big.place % size:
        return False
    if language(code).numbers.no_gaps:
        return small.joined or big.place == size
    if language(code).numbers.scale_first:  # "thousand ten and two" is 10,002 or 12,000
        return big.value < 10**4 or small.value >= 10
    return small.joined or not language(code).numbers.always_joined


def _place(value: float) -> int:
    """Return what the last digit of a number that is not zero counts: 10 for 120."""
    return next((place for place in PLACES if value % place == 0), 1)
