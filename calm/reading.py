"""What a model reads before it answers: passages, and a question that stands behind them."""

from dataclasses import dataclass

from calm.records import Question, TextSource


@dataclass(frozen=True)
class WithPassages(Question):
    """A question as it is asked where passages were found for it: they stand before it."""

    passages: tuple[str, ...] = ()
    """The best match first."""


@dataclass(frozen=True)
class Passage:
    """A passage that stands before a question in one language, and where it is from."""

    question_id: str
    language: str
    """Of the question that it stands before."""
    place: int
    """Which of the question's passages it is, from 1: the best match first."""
    text: str
    """As the model reads it."""
    found_in: str
    """The language of the text that it is from."""
    file: str
    """That text's file within its folder, with `/` between the parts of its path."""
    score: float
    """How well it matches the question in that language, by BM25."""
    source: TextSource = "original"
    """Who put it into the question's language; `original` where it stands as it was written."""
