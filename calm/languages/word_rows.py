"""The parts of a language's file that tell how words, numbers and short answers are written."""

from dataclasses import dataclass, field
from typing import Literal

from calm.languages.fields import FORBID, Pattern, Patterns, Words


@dataclass(frozen=True)
class Spelling:
    """How texts are brought into one spelling before they are compared."""

    __pydantic_config__ = FORBID
    rules: tuple[Literal["arabic", "devanagari", "kana", "tones", "plurals"], ...] = ()
    """Rules of `calm.languages.spellings` that the language needs."""
    capital_nouns: bool = False
    """Whether every noun has a capital, so that it tells no name."""
    own_letters: str = ""
    """Letters of the alphabet that are no accented ones: Spanish `año` is not `ano`."""
    two_letters: dict[str, str] = field(default_factory=dict)
    """Letters that may be written as two: `ä = "ae"`."""
    polite: Words = ()
    """What ends a sentence, written as one with what comes before: "です"."""
    negatives: Words = ()
    """What stands before a number less than zero, as choices have it."""
    telling: str = ""
    """Letters that another language of the script has not."""
    translate: Words = ()
    """Beginnings of words that ask for a translation."""


@dataclass(frozen=True)
class Numbers:
    """Number words, and how they are put together."""

    __pydantic_config__ = FORBID
    glued: bool = False
    """Whether number words are written together, with `joins` between them."""
    tens_last: bool = False
    """Whether one says "five and twenty"."""
    scale_first: bool = False
    """Whether one says "thousand two", and "legs eight"."""
    no_gaps: bool = False
    """Whether "hundred five" is 150; 105 has a word for the zero between."""
    always_joined: bool = False
    """Whether a smaller value goes on only behind one of `joins`."""
    decimal_comma: bool = False
    joins: Words = ()
    apart: Words = ()
    """What beside a number makes another one of it: "point", "dozen", "half"."""
    units: Words = ()
    """Values that are units, too: Vietnamese "năm" is five, and a year."""
    elided: dict[str, str] = field(default_factory=dict)
    """Pieces that lose their last letter before another: `cent = "cento"`."""
    values: dict[int, Words] = field(default_factory=dict)
    bound: dict[int, Words] = field(default_factory=dict)
    """Values that are no number by themselves: Vietnamese "lăm", the five of fifteen."""
    scales: dict[int, Words] = field(default_factory=dict)
    """What multiplies: "hundred", "lakh"; a value, too, if it is a number by itself."""


@dataclass(frozen=True)
class Ordinals:
    """What makes an ordinal."""

    __pydantic_config__ = FORBID
    marks: Words = ()
    """What makes an ordinal of the number that it is written to: "th"; as it is written."""
    before: str = ""
    """What makes an ordinal of the number behind it."""
    behind: str = ""
    """What makes an ordinal of the number before it, in a language without spaces."""
    dotted: bool = False
    """Whether a dot makes an ordinal: "3. Oktober"."""
    of_words: bool = False
    """Whether a mark also makes an ordinal of a number word: "zwanzigste"."""
    spaced_marks: bool = False
    """Whether a space or a hyphen may stand before a mark."""
    words: dict[int, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Dates:
    """What stands in dates beside CLDR's names of months."""

    __pydantic_config__ = FORBID
    words: Words = ()
    """What stands between the parts of a date: "of", "the"."""
    month_first: bool = False
    """Whether `03/04/2020` may be the fourth of March."""
    months: dict[str, int] = field(default_factory=dict)
    """Further names of months."""


@dataclass(frozen=True)
class ShortAnswers:
    """What a language says around answers of a few words."""

    __pydantic_config__ = FORBID
    instruction: str
    """What a chat model is told: a few words, no explanation."""
    examples: tuple[tuple[str, str], ...]
    """Worked examples, question and answer, the same ones as in every other language."""
    leads: Words = ()
    """Articles and prepositions that may stand before an answer."""
    counters: Words = ()
    """What follows a number in Chinese and Japanese and says no unit."""
    yes: Words = ()
    no: Words = ()
    minus: Words = ()
    """What stands before a number below zero."""
    no_answer: Words = ()
    """What a short text says that knows no answer: "no idea"."""
    none: Words = ()
    """What answers that there is none: "nobody"; nothing else stands beside it."""
    it_is: Words = ()
    """What links before an answer; this and what follows as it is written: "it's"."""
    is_behind: Words = ()
    """What links behind an answer, in Hindi and Urdu."""
    denies: Words = ()
    denies_in_a_word: bool = False
    """Whether a single word says "is not"."""
    corrects: Words = ()
    """What stands before the answer when another one was denied: "but"."""
    only: Words = ()
    """What makes of a denial none: "not only"."""
    not_that: Words = ()
    """What stands before another answer that is denied: "and not"."""
    and_not: Words = ()
    """How those of them begin that need no comma though they are one word."""
    polite: Words = ()
    """What ends a sentence, written as one with its answer: "です"."""
    label_first: Pattern = ""
    """A regular expression of what announces an answer that stands before its link."""
    denied_first: Pattern = ""
    """A regular expression of a denied answer before the right one: "not X but"."""
    denied_last: Pattern = ""
    """A regular expression of another answer that is denied behind the right one."""
    ends_denied: Patterns = ()
    """Regular expressions of how an answer ends whose denial comes last."""
    is_not: Patterns = ()
    """Regular expressions of how a sentence ends whose denial comes last."""
    measures: dict[str, Words] = field(default_factory=dict)
    """Further words for units and currencies that `calm.languages.measures` knows."""


@dataclass(frozen=True)
class Translation:
    """What a translation service says that is no translation, and what tells a foreign text."""

    __pydantic_config__ = FORBID
    error: Words = ()
    """What an error is called where its number follows."""
    notices: Words = ()
    """What notices speak of: errors, requests, limits."""
    open_ends: Words = ()
    """Words at the end that another must follow."""
    labels: Words = ()
    """What is said before a translation, with a colon."""
    scales: Patterns = ()
    """Regular expressions of words beside which a number may become another one: "million"."""
    density: float = 1.0
    """Letters for one letter of English, about."""
    needs: str = ""
    """Letters of which every sentence has one; others of the script do without them."""
    lacks: str = ""
    """Letters of others that are written alike."""
    needs_accents: bool = False
    """Whether a sentence without accents is none."""
