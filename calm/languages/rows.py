"""The parts of a language's file: what every key of `data/languages/<code>.toml` means.

A list holds words in lower case unless it is said to hold regular expressions. What a language has
no word for stays empty; keys without a default must be there. The parts stand in `sentence_rows.py`
and `word_rows.py`.
"""

from dataclasses import dataclass, field
from typing import Literal

from calm.languages.fields import FORBID, Words
from calm.languages.scripts import UNSPACED
from calm.languages.sentence_rows import Doubts, Letters, Pointers, Sentences, Turns
from calm.languages.word_rows import (
    Dates,
    Numbers,
    Ordinals,
    ShortAnswers,
    Spelling,
    Translation,
)


@dataclass(frozen=True)
class Codes:
    """What others call the language."""

    __pydantic_config__ = FORBID
    also: Words = ()
    """Data sets: ISO 639-2's codes and X-CSQA's names."""
    authors: str = ""
    """The paper's authors, in the names of their files, where that differs."""
    hub: str = ""
    """X-CSQA on the Hugging Face Hub, where that differs."""
    google: str = ""
    """Google Translate, where that differs."""
    date_locales: Words = ()
    """CLDR's locales with names of months, where the code alone is not all."""
    unit_locales: Words = ()
    """The same for names of units and currencies."""


@dataclass(frozen=True)
class Example:
    """A worked example: a question with its choices, the right one's place from zero."""

    __pydantic_config__ = FORBID
    text: str
    choices: Words
    gold: int


@dataclass(frozen=True)
class Language:
    """One language, with the words that prompts are built from and answers are read by."""

    __pydantic_config__ = FORBID
    code: str
    """The name of its file, an ISO 639 code."""
    name: str
    native_name: str
    script: str
    """Unicode script that a text in this language must contain: Latin, Han, Arabic, ..."""
    question: str
    choices: str
    answer: str
    explanation: str
    passage: str
    """What a passage is called that stands before a question and may help to answer it."""
    letters: str
    """Letters that number choices, A to H or the language's own."""
    digits: str
    """The ten digits from zero, in the script that the language is also written with."""
    instruction: str
    """What a chat model is told: think briefly, explain, end with one answer line.

    `{answer}` stands for the answer label; the source is the prompt of the CALM paper, appendix.
    """
    answer_labels: Words
    """Ways to announce an answer, lower case, without colon; read by `extract`."""
    explanation_labels: Words
    """Ways to head an explanation, lower case, without colon."""
    examples: tuple[Example, ...]
    """Worked examples, the same ones as in every other language; in neither split of any set."""
    short: ShortAnswers
    question_labels: Words = ()
    """Other ways to head a question, lower case, without colon and number."""
    links: Words = ()
    """What links an announcement to its answer: "is", "would be"."""
    verdicts: Words = ()
    """What says of the choice before it that it is the answer: "is correct"."""
    denials: Words = ()
    """What takes an answer back that stands before it: "is wrong"."""
    refusals: Words = ()
    """How a text begins that gives no answer: "I cannot", "none"."""
    direction: Literal["ltr", "rtl"] = "ltr"
    colon: str = ": "
    """What follows a label, with its space: `": "`, or `"："` in Chinese."""
    separator: str = "; "
    """What stands between choices on one line, with its space."""
    codes: Codes = field(default_factory=Codes)
    numbering: Letters = field(default_factory=Letters)
    doubts: Doubts = field(default_factory=Doubts)
    pointers: Pointers = field(default_factory=Pointers)
    sentences: Sentences = field(default_factory=Sentences)
    turns: Turns = field(default_factory=Turns)
    spelling: Spelling = field(default_factory=Spelling)
    numbers: Numbers = field(default_factory=Numbers)
    ordinals: Ordinals = field(default_factory=Ordinals)
    dates: Dates = field(default_factory=Dates)
    translation: Translation = field(default_factory=Translation)

    @property
    def spaced(self) -> bool:
        """Whether spaces stand between words, which the script decides."""
        return self.script not in UNSPACED
