"""The table of the stages: what each does, when it is done, and which files it writes."""

from collections.abc import Callable
from dataclasses import dataclass

from calm.pipeline.context import Context
from calm.pipeline.stage_compare import write_comparisons
from calm.pipeline.stage_damage import is_looked_at, look_for_damage
from calm.pipeline.stage_evaluate import evaluate_both
from calm.pipeline.stage_extract import extract_answers
from calm.pipeline.stage_pairs import make_pairs
from calm.pipeline.stage_questions import choose
from calm.pipeline.stage_sample import is_sampled, sample_missing
from calm.pipeline.stage_train import train_adapter_of
from calm.pipeline.stage_translate import is_translated, translate
from calm.pipeline.stage_vote import count_votes
from calm.runs.folder import Run
from calm.training.methods import needs_votes, trains_on_pairs

LAST = "compare"


def _file_is_there(name: str) -> Callable[[Run], bool]:
    return lambda run: run.has(name)


def _where_votes_are_needed(is_done: Callable[[Run], bool]) -> Callable[[Run], bool]:
    """What leads to votes has nothing to do in a run that came with pairs, or trains on none."""
    return lambda run: not needs_votes(run.config) or is_done(run)


def _has_its_pairs(run: Run) -> bool:
    return not trains_on_pairs(run.config.train) or run.has("pairs")


@dataclass(frozen=True)
class Stage:
    """One step: what it does, when it is done, what must be done before, what it writes."""

    do: Callable[[Context], None]
    is_done: Callable[[Run], bool]
    needs: tuple[str, ...]
    files: tuple[str, ...]


STAGES: dict[str, Stage] = {
    "questions": Stage(choose, _file_is_there("questions"), (), ("questions",)),
    "translate": Stage(
        translate, is_translated, ("questions",), ("translations", "untranslated", "passages")
    ),
    "sample": Stage(
        sample_missing, _where_votes_are_needed(is_sampled), ("translate",), ("responses",)
    ),
    "extract": Stage(
        extract_answers,
        _where_votes_are_needed(_file_is_there("answers")),
        ("sample",),
        ("answers",),
    ),
    "vote": Stage(
        count_votes,
        _where_votes_are_needed(_file_is_there("votes")),
        ("extract",),
        ("weights", "votes"),
    ),
    "pairs": Stage(make_pairs, _has_its_pairs, ("vote",), ("ballots", "trl_settings", "pairs")),
    "train": Stage(train_adapter_of, lambda run: run.adapter.is_dir(), ("pairs",), ("metrics",)),
    "evaluate": Stage(
        evaluate_both,
        _file_is_there("scores"),
        ("train",),
        ("without_passages", "evaluations", "efficacy", "rounds", "scores"),
    ),
    "damage": Stage(look_for_damage, is_looked_at, ("evaluate",), ("damage_answers", "damage")),
    "compare": Stage(
        write_comparisons, _file_is_there("comparisons"), ("evaluate",), ("comparisons",)
    ),
}


def trains(until: str) -> bool:
    """Tell whether a run that ends after this stage is trained."""
    return list(STAGES).index(until) >= list(STAGES).index("train")


IMPORTED = ("questions", "translate", "sample")
"""The stages whose files an imported run came with."""
PAIRS_GIVEN = (*IMPORTED, "extract", "vote", "pairs")
"""The stages that are not done, or not again, in a run that came with its pairs."""
