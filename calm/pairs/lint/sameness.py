"""Whether two sides of a preference pair, or two pairs, are the same, or nearly so.

A vowel sign, a sign before a number, a capital, an operator make another answer. Only what nobody
sees is no difference: white space within lines, invisible marks, two codings of one character.
"""

import re
import unicodedata
from collections import Counter

from calm.languages.identify import DENSE
from calm.languages.table import language
from calm.records import PreferencePair

SHINGLE = 4
NEAR_EQUAL = 0.9
"""Share of four-character pieces that two texts must have in common to be nearly the same."""
COMPARED = 50_000
"""Characters from the beginning that are compared."""
PROSE = 40
DENSE_PROSE = 20
"""Characters from which a text is a sentence; in a shorter one a small difference says much."""
INVISIBLE = re.compile(r"[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Marks that are not seen and change no word."""
INNER_SPACE = re.compile(r"(?<=[^\s])[^\S\n]+")
NUMBER = re.compile(r"(?:(?<!\w)[-−])?\d+(?:[.,:/]\d+)*")
FULL_STOPS = " .。．।۔"


def settled(text: str) -> str:
    """Return a text without differences that nobody sees; lines keep their indentation."""
    text = INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    lines = (INNER_SPACE.sub(" ", line).rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line).strip()


def pair_identity(pair: PreferencePair) -> tuple[str, str, str, str]:
    """Return what two pairs that are the same have in common: language, prompt and sides."""
    return pair.language, settled(pair.prompt), settled(pair.chosen), settled(pair.rejected)


def nearly_equal(one: str, other: str, code: str) -> bool:
    """Tell whether two texts in a language differ in next to nothing that they say.

    They do differ where their numbers or their mathematical signs do. Of texts that are shorter
    than a sentence a full stop alone may differ.
    """
    if min(len(one), len(other)) < prose(code):
        return settled(one).rstrip(FULL_STOPS) == settled(other).rstrip(FULL_STOPS)
    one, other = one[:COMPARED], other[:COMPARED]
    if min(len(one), len(other)) < NEAR_EQUAL * max(len(one), len(other)):
        return False
    if _figures(one) != _figures(other):
        return False
    mine, theirs = _shingles(_words(one)), _shingles(_words(other))
    return len(mine & theirs) >= NEAR_EQUAL * len(mine | theirs)


def prose(code: str) -> int:
    """Return the characters from which a text in a language is held to be a sentence."""
    return DENSE_PROSE if language(code).script in DENSE else PROSE


def _figures(text: str) -> Counter[str]:
    """Return the numbers of a text with their signs, and its mathematical signs."""
    signs = (c for c in text if c not in "|~" and unicodedata.category(c) == "Sm")
    return Counter([*NUMBER.findall(text), *signs])


def _shingles(text: str) -> set[str]:
    return {text[i : i + SHINGLE] for i in range(max(1, len(text) - SHINGLE + 1))}


def _words(text: str) -> str:
    """Return the words alone: no case, no marks, and no spaces between them but one."""
    kept = (c if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") else " " for c in text)
    return " ".join("".join(kept).casefold().split())
