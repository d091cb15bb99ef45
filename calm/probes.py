"""The rows of what an alignment may have harmed: what was asked for it, and what was found.

Flat and frozen, like those of `calm.records`. How they come about is told in
`calm.evaluation.damage`.
"""

import math
from dataclasses import dataclass
from typing import Literal

from calm.records import ModelRole

Probe = Literal["free", "reworded", "asked", "english", "languages", "domain", "texts", "culture"]
"""What is looked at: free answers; other wordings; answers as the run reads them; those in English;
languages and topics not trained on; a fixed text; questions whose answer differs by language."""
PROBES: tuple[Probe, ...] = (
    *("free", "reworded", "asked", "english", "languages", "domain", "texts", "culture"),
)
Measure = Literal[
    "right",
    "in_language",
    "length",
    "repetition",
    "unread",
    "log_prob",
    "agreement",
    "kappa",
]
"""Shares from 0 to 1, but for `length` (characters), `log_prob` (nats a token) and `kappa`."""
Finding = Literal["ok", "worse", "not clear"]
ALL = "all"


@dataclass(frozen=True)
class Kind:
    """How a measure is judged."""

    harm: Literal[-1, 0, 1]
    """What is worse: less, either, or more of it."""
    margin: float
    """A change for the worse that is surely smaller than this is none to speak of."""
    is_share: bool = True


MEASURES: dict[Measure, Kind] = {
    "right": Kind(-1, 0.03),
    "in_language": Kind(-1, 0.03),
    "length": Kind(0, math.log(1.25), is_share=False),
    "repetition": Kind(1, 0.03),
    "unread": Kind(1, 0.03),
    "log_prob": Kind(-1, 0.05, is_share=False),
    "agreement": Kind(1, 0.03),
    "kappa": Kind(1, 0.03, is_share=False),
}
"""The change of a length is that of its logarithm: a quarter longer is no harm yet, nor as much
shorter. 0.05 nats a token make a text 5% less likely, token by token."""


@dataclass(frozen=True)
class Probed:
    """What one model made of one question or sentence of a probe."""

    probe: Probe
    set: str
    """The question set it is of, where that is not the run's own."""
    item: str
    """The question's id, or the sentence's number."""
    language: str
    model: ModelRole
    text: str
    """What was answered; empty for a sentence."""
    answer: int | None
    """The choice that was given; `None` where none was, or for a sentence."""
    values: dict[Measure, float]
    """What was measured on it."""


@dataclass(frozen=True)
class Damage:
    """One measure of one probe, before and after, and whether it got worse."""

    probe: Probe
    measure: Measure
    language: str
    """A language, or `all` of the probe."""
    base: float
    aligned: float
    change: float
    """Aligned less base; of a length the logarithm of how many times as long."""
    low: float | None
    high: float | None
    """The 95% interval of the change; `None` where the questions are too few to tell."""
    n: int
    """Questions or sentences that it rests on."""
    p: float | None
    """How likely chance alone makes so large a change to the worse side; `None` as the interval."""
    finding: Finding
