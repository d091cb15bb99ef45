"""The rows of a patch: which questions a model was taught, and what came of it.

A patch is a run whose training questions are its edits and whose held-out questions are a probe:
what must not change. How it is made is told in `calm.fixing`.
"""

from dataclasses import dataclass
from typing import Any, Literal

from calm.records import Evaluation, Question, Reading

ALL = "all"
GaugeName = Literal["efficacy", "generality", "locality"]
GaugeOf = Literal[
    "question", "reworded", "languages", "unchanged", "right", "kept", "continuations"
]
"""What a gauge rests on. Efficacy: the question itself. Generality: other wordings, and languages
not trained. Locality, on the probe: answers unchanged, right answers, answers that were right and
are still, free continuations unchanged."""


@dataclass(frozen=True)
class Edit:
    """One question and the answer that it is taught, in all its languages."""

    question_id: str
    answer: int
    """The choice, an index from 0."""
    by: Literal["vote", "person"]
    """Who says that it is the answer."""
    share: float
    """The share of the votes that the answer has; 0 where there was no vote."""
    made_at: float
    """In seconds since the epoch."""


@dataclass(frozen=True)
class Gauge:
    """One number that tells what a patch did, as a share before and after it."""

    gauge: GaugeName
    of: GaugeOf
    reading: Reading
    language: str
    """A language, or `all` of them."""
    before: float
    after: float
    n: int
    """Answers that it rests on."""


FILES: dict[str, type[Any]] = {
    "edits": Edit,
    "reworded": Question,
    "generality": Evaluation,
    "gauges": Gauge,
}
"""The typed files that a patch has beside those of every run. `reworded` are other wordings of the
edited questions, `generality` the answers to these and in languages that were not trained."""
