"""Questions as they were written when those with and without choices were two kinds of record.

Their files and archives are still read, and their links still lead to them: the id in a link is
the hash of what was written then.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from calm.asking.asked import Asked, Step, choices_given
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.records import Question, Response, Vote
from calm.runs.folder import from_json
from calm.voting.groups import Compared


@dataclass(frozen=True)
class WithChoices:
    """A question with choices, whose prompts were not kept."""

    model: str
    sampling: SamplingConfig
    versions: tuple[Question, ...]
    responses: tuple[Response, ...]
    left_out: dict[str, str]
    vote: Vote
    asked_at: float

    def now(self) -> Asked:
        """Return it as it is written today; without options where its versions do not agree."""
        agree = len({len(question.choices) for question in self.versions}) == 1
        return Asked(
            "done",
            self.model,
            sampling=self.sampling,
            versions=self.versions,
            left_out=self.left_out,
            responses=self.responses,
            options=choices_given(self.versions, self.responses) if agree else (),
            vote=self.vote,
            asked_at=self.asked_at,
        )


@dataclass(frozen=True)
class Freely:
    """A question without choices."""

    step: Step
    model: str
    at: str
    versions: tuple[Question, ...]
    responses: tuple[Response, ...]
    left_out: dict[str, str]
    prompts: dict[str, str]
    """By language."""
    compared: Compared | None


@dataclass(frozen=True)
class WithoutChoices:
    """A question without choices, and when it was asked."""

    asked: Freely
    asked_at: float

    def now(self) -> Asked:
        """Return it as it is written today."""
        was, found = self.asked, self.asked.compared
        prompts = tuple(was.prompts.get(row.language, "") for row in was.responses)
        return Asked(
            was.step,
            was.model,
            was.at,
            versions=was.versions,
            left_out=was.left_out,
            responses=was.responses,
            prompts=prompts if was.prompts else (),
            options=found.groups if found else (),
            not_compared=found.not_compared if found else (),
            vote=found.vote if found else None,
            asked_at=self.asked_at,
        )


def from_line(line: str | bytes) -> Asked:
    """Return a question of a line written before; raises CalmError for anything else."""
    try:
        return from_json(WithChoices, line).now()
    except CalmError:
        return from_json(WithoutChoices, line).now()


def content_before(row: Asked) -> Mapping[str, object] | None:
    """Return what was written of a question before; `None` where it could not have been."""
    if row.vote is None or (row.has_choices and row.sampling is None):
        return None
    if row.has_choices:
        return {
            "model": row.model,
            "sampling": asdict(row)["sampling"],
            **_parts(row, "versions", "responses", "left_out", "vote"),
            "asked_at": 0.0,
        }
    compared = Compared(row.options, row.not_compared, row.responses, row.vote)
    prompts = {r.language: p for r, p in zip(row.responses, row.prompts, strict=False)}
    asked = {
        **_parts(row, "step", "model", "at", "versions", "responses", "left_out"),
        "prompts": prompts,
        "compared": asdict(compared),
    }
    return {"asked": asked, "asked_at": 0.0}


def _parts(row: Asked, *names: str) -> dict[str, object]:
    whole = asdict(row)
    return {name: whole[name] for name in names}
