"""What a report says of a run, read from its files: no model, and nothing that others asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from calm.config import RunConfig
from calm.pipeline.run_questions import groups_of, split_of
from calm.records import ModelRecord
from calm.runs.folder import Run
from calm.voting.gate import Gate, gate_at
from ui.asking.finished import Finished, found_by
from ui.votes.page import Voted, voted_of


@dataclass(frozen=True)
class Facts:
    """One finished run."""

    name: str
    config: RunConfig
    found: Finished
    questions: tuple[int, int]
    """To train on, and held out."""
    voted: Voted | None
    """`None` where the run has no votes of its own."""
    gate: Gate | None
    """What the smallest share that it trusted kept of its votes."""
    pairs: int
    steps: int
    record: ModelRecord | None
    """`None` in a run that did not write down which model it used."""
    ended_at: float
    """In seconds since the epoch; 0 where that was not kept."""

    @property
    def languages(self) -> Sequence[str]:
        return self.found.languages

    @property
    def has_gold(self) -> bool:
        """Whether anybody has said which answers are right."""
        return any(row.gold is not None for row in self.found.comparisons["response"])


def facts_of(run: Run) -> Facts:
    """Return what is to be said of a run; raises CalmError where it has not finished."""
    found, config, groups = found_by(run), run.config, groups_of(run)
    voted = voted_of(run) if run.has("votes") else None
    return Facts(
        name=run.name,
        config=config,
        found=found,
        questions=(len(split_of(groups, "train")), len(split_of(groups, "held-out"))),
        voted=voted,
        gate=_gate(voted, config.pairs.min_vote_share) if voted else None,
        pairs=len(run.rows("pairs")),
        steps=int(max((row.get("step", 0) for row in run.metrics()), default=0)),
        record=run.model_record(),
        ended_at=run.status().updated_at,
    )


def _gate(voted: Voted, share: float) -> Gate:
    return gate_at(voted.rule, voted.votes, voted.golds, share)  # type: ignore[arg-type]
