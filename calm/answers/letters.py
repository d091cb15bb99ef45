"""Letters that number choices: how each language writes them, and which choice one stands for."""

import functools
import re

from calm.answers.patterns import WORD
from calm.languages.rows import Language
from calm.languages.scripts import GLUED, HAN, KATAKANA
from calm.languages.table import either, language

LATIN = "ABCDEFGH"
FULL_WIDTH = "ＡＢＣＤＥＦＧＨ"
CIRCLED = "ⒶⒷⒸⒹⒺⒻⒼⒽ"
SQUARED = "🅰🅱🅲🅳🅴🅵🅶🅷"
LOOKALIKES = {"А": 0, "В": 1, "С": 2, "Е": 4, "Α": 0, "Β": 1, "Ε": 4}
"""Cyrillic and Greek letters that are drawn like Latin ones."""
WORD_GOES_ON = (
    rf"(?<=[{KATAKANA}])[{KATAKANA}]|(?<=[{HAN}])[{HAN}{KATAKANA}]"
    rf"|(?<![{GLUED}])(?![{GLUED}])(?:{WORD})|(?<=\d)[.,]\d"
)
ELIDED = r"['’ʼ＇‘`´]\w"
"""What follows a letter that stands for a word: "C'est", "D'accord"."""
GOES_ON = rf"{WORD}|{ELIDED}"


@functools.cache
def letter_pattern(code: str) -> re.Pattern[str]:
    """Match a letter that is no part of a word; Chinese and Japanese words follow without a gap."""
    row = language(code)
    also, particles = "".join(row.numbering.other), row.numbering.particles
    own = re.escape(row.letters) + (row.numbering.alike or "".join(LOOKALIKES))
    goes_on = rf"(?![{particles}])(?:{WORD})" if particles else GOES_ON
    ends = rf"{_suffix(code)}|(?!{goes_on})"
    mine = rf"[{own}]{'' if particles else 'ـ?'}(?:{ends})"
    latin = (
        rf"[{LATIN}{FULL_WIDTH}{CIRCLED}{SQUARED}]\ufe0f?"
        rf"(?:{_suffix(code)}|(?!(?![{GLUED}])(?:{WORD})|{ELIDED}))"
    )
    small = rf"[{LATIN.lower()}{own.lower()}{also}](?=[ \t*_]*(?:[.):）\]}}>\"”]|[\r\n]|$))"
    spelled = rf"(?:{either(row.numbering.spelled)})(?:{ends})"
    return re.compile(rf"{mine}|{latin}|{small}|{spelled}")


def _suffix(code: str) -> str:
    """Return a pattern of a suffix that is written as one with an answer and ends its word."""
    return rf"(?=(?:{either(language(code).sentences.suffixes)})(?!{WORD}))"


@functools.cache
def word_goes_on(code: str) -> re.Pattern[str]:
    """Match what makes a choice's text the beginning of a longer word or number."""
    return re.compile(rf"(?!{_suffix(code)})(?:{WORD_GOES_ON})")


@functools.cache
def any_letter(code: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{letter_pattern(code).pattern})")


@functools.cache
def glued_letters(code: str) -> re.Pattern[str]:
    """Match letters that are given together without a gap, in their order: "BC"."""
    rising = "".join(f"{letter}?" for letter in language(code).letters)
    latin = "".join(f"{letter}?" for letter in LATIN)
    return re.compile(rf"(?=\w\w)(?:{latin}|{rising})(?!{WORD})")


def place_of(letter: str, row: Language) -> int | None:
    """Return the place of the choice that a letter numbers; `None` where it numbers none."""
    if letter in row.numbering.spelled:
        return row.numbering.spelled.index(letter)
    upper = letter[0].upper()
    upper = {"ا": "أ", "إ": "أ", "آ": "أ"}.get(upper, upper)
    for letters in (
        row.letters,
        LATIN,
        FULL_WIDTH,
        CIRCLED,
        SQUARED,
        *row.numbering.other,
    ):
        if upper in letters:
            return letters.index(upper)
    return LOOKALIKES.get(upper)
