"""A text and its translation as the checks read them: their words, and the words of notices."""

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calm.languages.table import LANGUAGES, language

UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Marks of direction, and others that nobody sees; joiners stay, Hindi and Urdu need them."""
BREAKS = re.compile(r"[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
QUOTES = {
    '"': '"',
    "'": "'",
    "`": "`",
    "“": "”",
    "„": "“”",
    "‘": "’",
    "«": "»",
    "「": "」",
    "『": "』",
}
KEPT = re.compile(
    r"\{[^{}]*\}|%[sd]\b|\$\{\w+\}|</?[A-Za-z][^<>]*>|\[[A-Z_][A-Z_ ]+\]|\\[A-Za-z]+|\[object \w+\]"
)
"""What a translation neither loses nor invents: places to fill in, tags, commands of LaTeX."""
WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
END = re.compile(r"[.?!。？！؟۔।…:：)）」»”\"]\s*$")


@dataclass(frozen=True)
class Pair:
    """A text and what it became, both tidy."""

    text: str
    given: str
    from_code: str
    to_code: str


def tidied(given: str, text: str) -> str:
    """Return a translation without marks that nobody sees, line breaks, and quotes around it.

    Quotes stay where `text`, the original, has any.
    """
    line = " ".join(unicodedata.normalize("NFC", BREAKS.sub(" ", UNSEEN.sub("", given))).split())
    if len(line) > 2 and line[-1] in QUOTES.get(line[0], "") and text[:1] not in QUOTES:
        inner = line[1:-1].strip()
        if not set(inner) & {line[0], line[-1]}:
            return inner
    return line


def has_words(text: str) -> bool:
    """Tell whether a text has letters; one without is the same in every language."""
    return any(map(str.isalpha, text))


def first_line(continued: str) -> str:
    """Return what a model wrote up to the end of its first line: there an answer ends."""
    return continued.strip().split("\n", 1)[0].strip()


def is_sentence(pair: Pair) -> bool:
    return len(pair.text.split()) > 3 or (
        not language(pair.from_code).spaced and len(pair.text) > 6
    )


def without_names(pair: Pair) -> str:
    """Return the words of a translation that the original has not."""
    names = {*WORD.findall(KEPT.sub(" ", pair.text).casefold())}
    words = WORD.findall(KEPT.sub(" ", pair.given))
    return " ".join(word for word in words if word.casefold() not in names)


def only_words(text: str) -> list[str]:
    """Return the words in lower case; the vowel signs of Hindi are part of them."""
    letters = (c if unicodedata.category(c)[0] in "LMN" else " " for c in text.casefold())
    return "".join(letters).split()


@dataclass(frozen=True)
class Words:
    """How a language speaks of errors and translations."""

    error: re.Pattern[str]
    """An error and its number."""
    notices: re.Pattern[str]
    open_end: re.Pattern[str]
    """A word at the end that another must follow."""
    label: re.Pattern[str]
    """What is said before a translation, with its colon."""
    answer: re.Pattern[str]
    """How an answer begins."""


@functools.cache
def wording_of(code: str) -> Words:
    here = language(code)
    row = here.translation
    begins, ends = (r"(?<!\w)", r"(?!\w)") if here.spaced else ("", "")
    labels = [*row.labels, here.question, *_names()]
    answers = sorted(here.answer_labels, key=len, reverse=True)
    return Words(
        re.compile(rf"(?:{_any(row.error)})\W{{0,4}}[1-5]\d\d\b", re.IGNORECASE),
        re.compile(rf"{begins}(?:{_any(row.notices)})"),
        re.compile(rf"{begins}(?:{_any(row.open_ends)})\s*$"),
        re.compile(rf"[^:：]{{0,40}}?(?:{_any(labels)})[^:：]{{0,25}}[:：]", re.IGNORECASE),
        re.compile(rf"\W*(?:{_any(answers)}){ends}", re.IGNORECASE),
    )


def _names() -> Iterator[str]:
    for row in LANGUAGES.values():
        yield from (row.name, row.native_name)


def _any(words: Sequence[str]) -> str:
    return "|".join(map(re.escape, words))
