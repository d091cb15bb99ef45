"""The record of a question that was asked, with choices or without: its answers and the vote.

Its options are the choices it was asked with, or the groups that its answers were found to make.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from calm.config import SamplingConfig
from calm.messages import Message
from calm.reading import Passage
from calm.records import Question, Response, Vote
from calm.voting.groups import PIVOT, NotCompared, Option, Wording
from calm.voting.vote import vote

Step = Literal["waiting", "translating", "answering", "comparing", "done", "stopped", "nowhere"]
"""What is being done; `nowhere` ends a question that no language was left for."""


@dataclass(frozen=True)
class Asked:
    """A question asked in several languages, as far as it has come."""

    step: Step
    model: str
    at: str = ""
    """The language that the question is being put into, or was put into last."""
    sampling: SamplingConfig | None = None
    """How responses were drawn; `None` where that was not kept."""
    versions: tuple[Question, ...] = ()
    """The question in every language that it is asked in; all have choices, or none has."""
    left_out: Mapping[str, Message | str] = field(default_factory=dict)
    """Languages that the question could not be put into, and why."""
    responses: tuple[Response, ...] = ()
    """In the order of the versions; `answer` is the index of an option once they are read."""
    prompts: tuple[str, ...] = ()
    """What the model was asked, in the order of the responses; empty where that is not known."""
    options: tuple[Option, ...] = ()
    """The choices given, or the groups found, the largest first; empty before the vote."""
    not_compared: tuple[NotCompared, ...] = ()
    """Of a question without choices: what no group could take in, and why."""
    passages: tuple[Passage, ...] = ()
    """What stood before the question in each language, where passages were looked up."""
    vote: Vote | None = None
    """The plurality of all answers; `None` before the last one is there.

    One question is too little to learn from how much each language can be trusted.
    """
    asked_at: float = 0.0
    """In seconds since the epoch; 0 where that was not kept."""

    @property
    def has_choices(self) -> bool:
        """Whether it was asked with choices."""
        return any(question.choices for question in self.versions)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is being done, for whatever reason."""
        return self.step in ("done", "stopped", "nowhere")

    @property
    def winner(self) -> Option | None:
        """The option with most answers; `None` for a tie, or before there are any."""
        if self.vote is None or self.vote.winner is None:
            return None
        return self.options[self.vote.winner]

    def of(self, code: str) -> list[Response]:
        """Return the responses in one language."""
        return [response for response in self.responses if response.language == code]

    def own(self, code: str) -> int | None:
        """Return a language's own answer, the option that most of its responses give.

        `None` for a tie, where nothing could be read, and before the vote.
        """
        return self.vote.by_language.get(code) if self.vote else None

    def prompt_of(self, response: Response) -> str:
        """Return what the model was asked for one of the responses; empty if it is not known."""
        return self.prompts[self.responses.index(response)] if self.prompts else ""


def voted(asked: Asked) -> Asked:
    """Return a question with choices whose answers were read, with its options and the vote."""
    first = asked.versions[0]
    counted = vote(asked.responses, {first.id: len(first.choices)}, "plurality")[0][0]
    options = choices_given(asked.versions, asked.responses)
    return dataclasses.replace(asked, step="done", options=options, vote=counted)


def choices_given(
    versions: Sequence[Question], responses: Sequence[Response]
) -> tuple[Option, ...]:
    """Return the choices of a question as options, in the words of each language."""
    filed = pivot_version(versions)
    given = [(response.language, response.answer) for response in responses]
    return tuple(
        Option(
            filed.choices[n],
            filed.language,
            tuple(
                Wording(q.language, q.choices[n], given.count((q.language, n)), None, None)
                for q in versions
            ),
        )
        for n in range(len(filed.choices))
    )


def pivot_version(versions: Sequence[Question]) -> Question:
    """Return the version that a question is filed under, whoever reads it: English, or the first.

    What is kept must not depend on the reader's language.
    """
    return next((version for version in versions if version.language == PIVOT), versions[0])
