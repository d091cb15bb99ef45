"""What the pages pass around, beside the records of `calm`. Frozen and plain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from calm.ballots import Opinion
from calm.records import Question, Response, Vote
from calm.vote import vote

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


@dataclass(frozen=True)
class Tally:
    """How many voted one answer up and down, and this browser's own ballot."""

    up: int
    down: int
    mine: Opinion | None
