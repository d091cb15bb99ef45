"""Other spellings of one text: without accents, with signs written out, numbers in groups.

What a choice is compared by where a response does not write it letter by letter. Folding keeps
track of where each sign came from, so that what is found has its place in the response.
"""

import functools
import re
import unicodedata

from calm.languages.scripts import SCRIPTS
from calm.languages.table import all_words, either

MINUS_WORDS = either(all_words("spelling", "negatives"))
MINUS = re.compile(rf"(?:[-‐‑‒–—−]|\b(?:{MINUS_WORDS}))\s*(?=\d)", re.IGNORECASE)
"""What stands before a number less than zero."""
BETWEEN_GROUPS = re.compile(
    r"(?<=\d)[,.'’ \u00a0\u202f٬](?=(?:\d{2,3}[,.'’ \u00a0\u202f٬])*\d{3}(?!\d))"
)
"""What stands between the groups of a number's digits."""
SIGNS = {
    **dict.fromkeys("-‐‑‒–—−", "-"),
    **dict.fromkeys("’ʼ＇‘`´", "'"),
    **dict.fromkeys(",٫", "."),
    "œ": "oe",
    "æ": "ae",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ı": "i",
    "ँ": "ं",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "ہ": "ه",
    "ة": "ه",
    "ۃ": "ه",
    "ھ": "ه",
    **dict.fromkeys("^_\u00ad\u0640\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
}
"""What a sign is folded to, beside what Unicode says of it."""
ARTICLES = either(all_words("sentences", "articles"))
LEADING = re.compile(rf"(?:{ARTICLES})(?:(?<=')|\s+)(?=\w{{2}})")
"""The article of a choice, which may be another in a sentence."""
BEFORE = re.compile(rf"(?<!\w)(?:{ARTICLES})\s*\Z", re.IGNORECASE)
KEPT = re.compile(rf"{SCRIPTS['Devanagari']}|{SCRIPTS['Bengali']}|[\u3099\u309a]")
"""Signs upon letters that make another word."""


def spelt_at(text: str, start: int, choices: tuple[str, ...], optional: str = "") -> dict[int, int]:
    """Return which choices stand at `start` in any spelling, and where each ends.

    `optional` is what a choice may begin with or not, such as an article.
    """
    longest = max(map(len, choices), default=0)
    below = MINUS.match(text, start)
    begin = below.end() if below else start
    plain, ends = _folded(text[begin : begin + 3 * longest + 12])
    plain = f"-{plain}" if below else plain
    found = {}
    for index, choice in enumerate(choices):
        wanted = _plain_choice(choice)
        bare = LEADING.sub("", wanted) if BEFORE.search(text[max(0, start - 8) : start]) else ""
        for form in {wanted, bare, optional + wanted, wanted.removeprefix(optional)}:
            if form and plain.startswith(form):
                place = len(form) - (1 if below else 0)
                found[index] = begin + ends[place - 1] if place else begin
    return found


@functools.lru_cache(maxsize=8192)
def _plain_choice(choice: str) -> str:
    choice = choice.strip().rstrip(".。") or choice
    below = MINUS.match(choice)
    rest = choice[below.end() :] if below else choice
    return ("-" if below else "") + _folded(rest)[0]


@functools.lru_cache(maxsize=64)
def _folded(text: str) -> tuple[str, list[int]]:
    """Return the text in its plainest spelling, and for each sign where what it stands for ends."""
    skipped = {match.start() for match in BETWEEN_GROUPS.finditer(text)}
    plain: list[str] = []
    ends: list[int] = []
    for place, character in enumerate(text):
        signs = "" if place in skipped else _plainest(character)
        if not signs and ends:
            ends[-1] = place + 1 if place not in skipped else ends[-1]
        for sign in signs:
            if sign == "e" and plain and plain[-1] in "aou":
                ends[-1] = place + 1
            elif sign != " " or (plain and plain[-1] != " "):
                plain.append(sign)
                ends.append(place + 1)
    return "".join(plain), ends


@functools.lru_cache(maxsize=8192)
def _plainest(character: str) -> str:
    if character.isspace():
        return " "
    if character in SIGNS:
        return SIGNS[character]
    if character.isdigit() and character.isdecimal():
        return str(unicodedata.digit(character))
    signs = unicodedata.normalize("NFKD", character).casefold()
    kept = (c for c in signs if KEPT.match(c) or not unicodedata.combining(c))
    return "".join(SIGNS.get(c, c) for c in kept)
