"""What the pages pass around, beside the records of `calm`. Frozen and plain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from calm.asking.free_questions import FreeAsked
from calm.records import Question, Response, Vote
from calm.voting.vote import vote

Phase = Literal["working", "done", "stopped"]


@dataclass(frozen=True)
class Asked:
    """A question asked in several languages, as far as it has come."""

    phase: Phase
    message: str
    """What is being done now; empty when there is nothing to say."""
    model: str
    versions: tuple[Question, ...] = ()
    """The question in every language that it is asked in."""
    responses: tuple[Response, ...] = ()
    """In the order of the versions; their answers are read when all are there."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Languages that the question could not be put into, and why."""
    recorded: Vote | None = None
    """The vote as it was counted when this was asked; None for one that is counted now."""
    prompts: tuple[str, ...] = ()
    """What the model was asked, in the order of the responses; empty where that is not known."""

    @property
    def vote(self) -> Vote | None:
        """The plurality of all answers; None before the last one is there.

        One question is too little to learn from how much each language can be trusted.
        """
        if self.recorded is not None:
            return self.recorded
        if self.phase != "done" or not self.versions:
            return None
        first = self.versions[0]
        return vote(self.responses, {first.id: len(first.choices)}, "plurality")[0][0]

    def of(self, code: str) -> list[Response]:
        """Return the responses in one language."""
        return [response for response in self.responses if response.language == code]


Answered = Asked | FreeAsked
"""A question with choices, or one without."""


@dataclass(frozen=True)
class Tally:
    """How many voted one answer up and down, and this browser's own ballot."""

    up: int
    down: int
    mine: str | None


@dataclass(frozen=True)
class Duel:
    """One question answered by two models, side by side: blind until a ballot is cast."""

    first: Asked
    second: Asked
    turned: frozenset[str]
    """Languages in which the second model stands on the left."""
    cast: Mapping[str, str] = field(default_factory=dict)
    """What this browser has said, by language: the side, `both` or `neither`."""
    opinions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """All ballots by language: for the `left`, the `right`, `both` and `neither`."""
    shown: bool = False
    """Whether the visitor has asked which is which; then no further ballot is blind."""

    def open(self, code: str) -> bool:
        """Tell whether it is seen in this language which model stands where."""
        return self.shown or code in self.cast

    @property
    def is_ready(self) -> bool:
        """Tell whether both have answered, so that one can choose between them."""
        return self.first.phase == self.second.phase == "done"

    @property
    def all_open(self) -> bool:
        """Tell whether it is seen everywhere."""
        return all(self.open(question.language) for question in self.first.versions)

    def sides(self, code: str) -> tuple[Asked, Asked]:
        """Return both models' answers, the left one's first."""
        turned = code in self.turned
        return (self.second, self.first) if turned else (self.first, self.second)
