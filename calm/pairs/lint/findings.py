"""What the lint knows of a pair, and what it says about one or about all of them."""

from dataclasses import dataclass
from typing import Literal

from calm.records import PreferencePair, Question

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Rule:
    """One thing that the lint looks for."""

    severity: Severity
    """An error teaches the model something wrong; a warning may."""
    remedy: str
    """What a person does about it."""


RULES = {
    "empty-side": Rule("error", "Drop the pair: a side says nothing. --fix does it."),
    "equal-sides": Rule("error", "Drop the pair: there is nothing to prefer. --fix does it."),
    "near-equal-sides": Rule("warning", "Drop the pair, or take another response as one side."),
    "duplicate-pair": Rule("error", "Keep it once. --fix does it."),
    "swapped-pair": Rule(
        "error", "Keep the one of the two pairs that is right: they take each other back."
    ),
    "prompt-in-sides": Rule("error", "Begin the sides where the prompt ends. --fix does it."),
    "html-entities": Rule("warning", "Write the characters themselves. --fix does it."),
    "written-out-breaks": Rule(
        "warning", "Break the line where \\n is written out. --fix does it."
    ),
    "same-answer": Rule("error", "Drop the pair, or make it again: rejected must state another."),
    "doubled-label": Rule("warning", "Write the label once. --fix does it."),
    "argues-for-another": Rule("error", "Drop the pair, or take another response as this side."),
    "wrong-language": Rule("error", "Take a response in the pair's own language, or translate it."),
    "label-junk": Rule("error", "Delete what follows the answer on its line. --fix does it."),
    "cut-off": Rule("warning", "Sample again with more new tokens, or drop the pair."),
    "markdown-on-one-side": Rule("warning", "Render both sides in one form."),
    "answer-on-one-side": Rule("warning", "Give both sides an answer line, or drop the pair."),
    "no-answer": Rule("warning", "Drop the pair: neither side states an answer."),
    "told-apart-by-surface": Rule(
        "error",
        "Render both sides in one form, so that only what they say differs. --fix brings label "
        "words, blank lines and the form of the answer to one form.",
    ),
    "unbalanced-languages": Rule("warning", "Keep as many pairs of each: --fix --cap N trims."),
    "unbalanced-positions": Rule(
        "warning", "Shuffle the choices of every prompt before the model sees them."
    ),
    "unbalanced-topics": Rule("warning", "Take pairs of every topic in proportion."),
    "question-in-both-splits": Rule("error", "Keep the question in one split only."),
}
"""Every rule, in the order in which findings are listed."""
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
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.file} row {self.row}"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a pair, or with all of them."""

    rule: str
    severity: Severity
    pair: int | None
    """Index of the pair among all that were linted, from 0; `None` where it is about the set."""
    place: str
    """Where that pair stands; empty where it is about the set."""
    question_id: str
    language: str
    """The pair's language, or the one that the finding is about; `all` for all together."""
    message: str
    """What was seen."""
    remedy: str
    fixable: bool
    """Whether `--fix` takes it away."""


def found(rule: str, message: str, language: str = "all", fixable: bool | None = None) -> Finding:
    """Return a finding about the set, with what the rule says of itself."""
    can = rule in FIXABLE if fixable is None else fixable
    known = RULES[rule]
    return Finding(rule, known.severity, None, "", "", language, message, known.remedy, can)
