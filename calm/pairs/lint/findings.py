"""What the lint knows of a pair, and what it says about one or about all of them."""

from dataclasses import dataclass
from typing import Literal

from calm.messages import Message, message
from calm.records import PreferencePair, Question

Severity = Literal["error", "warning"]


RULES: dict[str, Severity] = {
    "empty-side": "error",
    "equal-sides": "error",
    "near-equal-sides": "warning",
    "duplicate-pair": "error",
    "swapped-pair": "error",
    "prompt-in-sides": "error",
    "html-entities": "warning",
    "written-out-breaks": "warning",
    "same-answer": "error",
    "doubled-label": "warning",
    "argues-for-another": "error",
    "wrong-language": "error",
    "label-junk": "error",
    "cut-off": "warning",
    "markdown-on-one-side": "warning",
    "answer-on-one-side": "warning",
    "no-answer": "warning",
    "told-apart-by-surface": "error",
    "unbalanced-languages": "warning",
    "unbalanced-positions": "warning",
    "unbalanced-topics": "warning",
    "question-in-both-splits": "error",
}
"""Every rule, in the order in which findings are listed, and how bad a finding is.

An error teaches the model something wrong; a warning may. The messages `lint.rule.*` name them,
`lint.remedy.*` say what a person does about them.
"""
FIXABLE = {
    *("empty-side", "equal-sides", "duplicate-pair", "doubled-label", "label-junk"),
    *("prompt-in-sides", "html-entities", "written-out-breaks"),
}
"""The rules whose findings `--fix` takes away without touching what a side states."""


@dataclass(frozen=True)
class Linted:
    """A pair as the lint sees it."""

    file: str
    """The name of the file it stands in."""
    row: int
    """Its number there, from 1."""
    pair: PreferencePair
    question: Question
    """The question with the choices in the order of their letters; none where not known."""
    held_out: bool = False
    """Whether it was put among what is held out of training."""

    @property
    def place(self) -> Message:
        """Where it stands, for people."""
        return message("lint.place", file=self.file, row=self.row)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a pair, or with all of them."""

    rule: str
    severity: Severity
    pair: int | None
    """Index of the pair among all that were linted, from 0; `None` where it is about the set."""
    place: Message | str
    """Where that pair stands; empty where it is about the set."""
    question_id: str
    language: str
    """The pair's language, or the one that the finding is about; `all` for all together."""
    message: Message
    """What was seen."""
    remedy: Message
    fixable: bool
    """Whether `--fix` takes it away."""


def remedy_of(rule: str) -> Message:
    """Return what a person does about a finding of a rule."""
    return message(f"lint.remedy.{rule}")


def found(rule: str, seen: Message, language: str = "all", fixable: bool | None = None) -> Finding:
    """Return a finding about the set, with what the rule says of itself."""
    can = rule in FIXABLE if fixable is None else fixable
    return Finding(rule, RULES[rule], None, "", "", language, seen, remedy_of(rule), can)
