"""Ordinals, in digits or in words, in one spelling: `3rd` and `third` are `3º`.

An ordinal is not its number: "the third" is not three of them.
"""

import functools
import re
from collections.abc import Iterator, Sequence

from calm.languages.answer_words import AnswerWords
from calm.languages.number_words import read_number
from calm.languages.scripts import SIGNS
from calm.languages.spellings import ORDINAL, folded
from calm.languages.table import language

HAN_NUMBER = "[〇零一二两三四五六七八九十百千]+"


def in_digits(text: str, row: AnswerWords, code: str) -> str:
    """Return a text with its ordinals in digits in one spelling; of Chinese, all ordinals."""
    for pattern in _patterns(code, row.ordinal_marks):
        text = pattern.sub(lambda match: _digits(match[1], row, code) + ORDINAL, text)
    return text


def in_words(words: Sequence[str], row: AnswerWords, code: str) -> list[str]:
    """Return words with those that are ordinals in one spelling.

    What follows a number is none: in "one second", it is the unit.
    """
    found: list[str] = []
    for word in _phrases(words, row):
        value, before = _ordinal(word, row, code), found[-1] if found else ""
        tens = row.numbers.values.get(before, 0)
        if value is None or before[-1:].isdecimal() or (0 < tens < 20) or before in _more(row):
            found.append(word)
        elif tens and tens % 10 == 0 and value < 10:
            found[-1] = f"{tens + value}{ORDINAL}"
        elif tens:
            found.append(word)
        else:
            found.append(f"{value}{ORDINAL}")
    return found


def _phrases(words: Sequence[str], row: AnswerWords) -> Iterator[str]:
    """Yield the words, those of which two are one ordinal together."""
    left = list(words)
    while left:
        long = len(left) > 1 and " ".join(left[:2]) in row.ordinals
        yield " ".join(left[: 1 + long])
        left = left[1 + long :]


def _more(row: AnswerWords) -> frozenset[str]:
    return row.numbers.joins | row.numbers.scales.keys()


def _ordinal(word: str, row: AnswerWords, code: str) -> int | None:
    if word in row.ordinals or not language(code).ordinals.of_words or word in row.numbers.all:
        return row.ordinals.get(word)
    for mark in row.ordinal_marks:
        stem = word.removesuffix(folded(mark, code))
        if stem != word and stem in row.numbers.values:
            return row.numbers.values[stem]
    return None


def _digits(number: str, row: AnswerWords, code: str) -> str:
    if number.isdecimal():
        return number
    read = read_number(list(folded(number, code)), row.numbers, code)
    return number if not read or read.number is None else f"{read.number:.0f}"


@functools.cache
def _patterns(code: str, marks: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    found = [r"(?<![\w.,])(\d+)\.?\s?[ºª](?!\s?[cCfF]\b)(?!\w)"]
    row = language(code)
    if marks:
        gap = "[ -]?" if row.ordinals.spaced_marks else ""
        longest = "|".join(sorted(map(re.escape, marks), key=len, reverse=True))
        found.append(rf"(?<![\w.,])(\d+)\.?{gap}(?:{longest})(?!\w|{SIGNS})")
    if row.ordinals.dotted:
        found.append(r"(?<![\w.,])(\d{1,2})\.(?=\s*[^\W\d_])")
    number = r"\d+(?!\w)" if row.spaced else rf"\d+|{HAN_NUMBER}"
    if row.ordinals.before:
        found.append(rf"{row.ordinals.before}\s*({number})")
    if row.ordinals.behind:
        found.append(rf"({number}){row.ordinals.behind}")
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in found)
