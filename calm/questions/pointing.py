"""Choices that point at other choices: "both A and B", "none of the above".

Shuffled, they would point at others than were meant. A choice points when it consists of nothing
but letters of choices and words of its language's file, and these point: two letters, a letter
and how many are meant, or how many and which. Any other word makes it an ordinary choice.
"""

import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from calm.languages.table import language
from calm.records import Question

LETTERS = ("abcdefgh", "ABCDEFGH")
"""What numbers choices in all languages."""
APART = re.compile(r"[\s,;、，；،؛۔।&()（）\[\].．。\"“”„«»'’`:：·・…]+")
"""What stands between the words of a choice."""
GAP = " "
ALIKE = str.maketrans("أإآیکہ", "اااي\u0643ه", "\u0640" + "".join(map(chr, range(0x64B, 0x653))))
"""Arabic and Urdu letters that are typed one for the other, and marks that are left out."""


def points_at_choices(choice: str, question: Question) -> bool:
    """Tell whether a choice points at others of its question, in its own language or in English."""
    codes = dict.fromkeys((question.language, "en"))
    return any(_points(choice, code, len(question.choices)) for code in codes)


def points(question: Question) -> bool:
    """Tell whether any choice of a question points at others, so that they keep their places."""
    return any(points_at_choices(choice, question) for choice in question.choices)


def _points(choice: str, code: str, count: int) -> bool:
    words, letters = _vocabulary(code), _letters(code, count)
    rest = _parts(_plain(choice), code)
    found: list[frozenset[str]] = []
    named: list[str] = []
    while rest:
        size = next((n for n in range(len(rest), 0, -1) if _joined(rest[:n]) in words), 0)
        if rest[0] in letters and (rest[0].isupper() or not size):
            if not language(code).spaced and rest[1:2] and rest[1] in letters:
                return False  # the beginning of a word
            named.append(rest[0].casefold())
            size = 1
        elif size:
            found.append(words[_joined(rest[:size])])
        elif rest[0] == GAP:
            size = 1
        else:
            return False
        rest = rest[size:]
    numbers = [kinds for kinds in found if "numbers" in kinds]
    places = [kinds for kinds in found if "places" in kinds]
    if named:
        return len(set(named)) > 1 or bool(numbers)
    return bool(numbers and places) and (len(numbers) > 1 or numbers != places)


def _parts(plain: str, code: str) -> list[str]:
    """Return the words of a text; of a language without spaces, its signs and the gaps between."""
    apart = [part for part in APART.split(plain) if part]
    return apart if language(code).spaced else list(GAP.join(apart))


def _joined(parts: list[str]) -> str:
    return " ".join(parts).casefold()


def _plain(text: str) -> str:
    seen = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return "".join(seen).translate(ALIKE)


@functools.cache
def _vocabulary(code: str) -> dict[str, frozenset[str]]:
    """Return the words of a row, their parts set apart by spaces, and what each may be."""
    row = language(code).pointers
    kinds: dict[str, set[str]] = defaultdict(set)
    for kind in ("numbers", "places", "others"):
        for phrase in getattr(row, kind):
            kinds[_joined(_parts(_plain(phrase), code))].add(kind)
    return {phrase: frozenset(found) for phrase, found in kinds.items()}


@functools.cache
def _letters(code: str, count: int) -> frozenset[str]:
    """Return how the letters that number `count` choices are written."""
    row, joined = language(code).numbering, language(code).sentences.joined_conjunctions
    rows: tuple[Sequence[str], ...] = (*LETTERS, *row.pointing, row.names)
    found = {_plain(letter) for letters in rows for letter in letters[:count]}
    found |= {row.joined_and + letter for letter in found}
    return frozenset(found | {letter + behind for letter in found for behind in joined})
