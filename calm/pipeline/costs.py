"""What a run will cost in time on this machine, before it starts, from rates that were measured."""

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from calm.config import BUILT_IN, RunConfig, TrainConfig
from calm.evaluation.efficacy import MOST_QUESTIONS
from calm.pairs.edits import training_pairs
from calm.pipeline.run_questions import (
    choice_questions,
    chosen_questions,
    lacking_of,
    split_of,
    usable_groups_of,
)
from calm.pipeline.stage_damage import answers_in_part
from calm.questions.public_sets import is_public
from calm.questions.sets import by_id
from calm.records import Question
from calm.runs.folder import Run
from calm.runs.rates import rate_of, yield_of
from calm.runs.rounds import round_of
from calm.training.methods import needs_votes, trains_on_choices, trains_on_pairs
from calm.training.schedule import schedule

TIMED = ("translate", "sample", "train", "evaluate", "damage")
"""The stages that take time; all others are over in moments."""


@dataclass(frozen=True)
class Amount:
    """How much there is to do."""

    train: int
    held_out: int
    """Questions of either kind."""
    translations: int
    responses: int
    answers: int
    """Held-out questions and those trained on, by the base and by the aligned model, in every
    language."""
    pairs: int
    """Of one round, as are `choices`; all else is of all rounds that are left."""
    at_most: bool
    """Whether no vote has told yet how many pairs to expect, so that `pairs` is the most."""
    choices: int = 0
    """Questions, each counted in every language, whose choices are trained on as they stand."""
    probed: int = 0
    """Answers by both models in which damage is looked for."""
    rounds: int = 1
    """How many are left, the one under way among them."""


@dataclass(frozen=True)
class Part:
    """One stage: what there is to do, and how long it takes."""

    stage: str
    units: int
    seconds: float | None
    """`None` where this machine has not been measured."""


def amount_of(config: RunConfig, pairs: int | None = None) -> Amount | None:
    """Return how much a run with these settings has to do; `pairs` where it comes with them.

    `None` for a public set whose questions are not limited: reading all of one takes long.
    Raises CalmError where the set cannot be read.
    """
    if is_public(config.question_set):
        train, held_out = config.max_train_questions, config.max_held_out_questions
        return _amount(config, train, held_out, 0) if train and held_out else None
    questions = _chosen(config, _changed(config.question_set))
    amount = _of_questions(config, questions)
    return amount if pairs is None else replace(amount, pairs=pairs, at_most=False)


def amount_of_run(run: Run) -> Amount | None:
    """Return how much there is to do in a run whose questions are chosen; `None` before."""
    groups = usable_groups_of(run)
    if not groups:
        return None
    every = [question for versions in groups.values() for question in versions.values()]
    found = _of_questions(run.config, every, round_of(run))
    if not run.has("pairs"):
        return found
    return Amount(**{**vars(found), "pairs": len(training_pairs(run)), "at_most": False})


def costs(config: RunConfig, amount: Amount) -> list[Part]:
    """Return what each stage that takes time has to do and how long it takes here."""
    asked = amount.choices // len(config.languages)
    units = {
        "translate": amount.translations,
        "sample": amount.responses,
        "train": amount.rounds * _passes(amount.pairs, amount.choices, asked, config.train),
        "evaluate": amount.answers,
        "damage": amount.probed,
    }
    return [_part(config, stage, units[stage]) for stage in TIMED if units[stage]]


def total(parts: Iterable[Part]) -> float | None:
    """Return how long all of it takes, in seconds; `None` where a part is not measured."""
    seconds = [part.seconds for part in parts]
    return None if None in seconds else sum(s for s in seconds if s is not None)


def training_rate(config: TrainConfig) -> str:
    """Return what the speed of a training is kept as: that of choices is not that of pairs."""
    return f"train {config.method}" if trains_on_choices(config) else "train"


def passes_of(run: Run) -> int:
    """Return how many rows the training of a run goes through: pairs and choices, every time."""
    config = run.config.train
    pairs = len(training_pairs(run)) if trains_on_pairs(config) else 0
    versions = choice_questions(run) if trains_on_choices(config) else []
    return _passes(pairs, len(versions), len({version.id for version in versions}), config)


def _part(config: RunConfig, stage: str, units: int) -> Part:
    if stage == "train":  # until one of choices was timed, a question's take as long as a pair
        timed = (training_rate(config.train), "train")
        rates = (rate_of(config.model, config.train.precision, name) for name in timed)
        rate = next(filter(None, rates), None)
    else:
        rate = rate_of(config.model, config.precision, stage)
    if rate is None and stage == "damage":  # the model is there, and answers are read in one way
        other = rate_of(config.model, config.precision, "evaluate")
        return Part(stage, units, units / (2 * other.a_second) if other else None)
    return Part(stage, units, rate.around + units / rate.a_second if rate else None)


def _passes(pairs: int, choices: int, questions: int, config: TrainConfig) -> int:
    """Return how many rows are gone through: steps are of pairs, or of `questions` with all."""
    rows, counted = pairs, pairs
    if trains_on_choices(config):
        rows, counted = pairs + choices, questions
    return round(rows * schedule(counted, config).epochs) if counted else 0


def _of_questions(config: RunConfig, questions: Sequence[Question], number: int = 1) -> Amount:
    groups = by_id(questions)
    train, held_out = len(split_of(groups, "train")), len(split_of(groups, "held-out"))
    asked = split_of(groups, "held-out") if config.pairs_given else groups
    lacking = len(lacking_of(config, asked))
    return _amount(config, train, held_out, lacking, number)


def _amount(
    config: RunConfig, train: int, held_out: int, translations: int, number: int = 1
) -> Amount:
    rounds = config.train.rounds
    of_a_round = math.ceil(train / rounds) if config.train.fresh_questions else train
    versions, left = of_a_round * len(config.languages), rounds - number + 1
    asked = versions if needs_votes(config) else 0
    known = yield_of(config.model, config.pairs.min_vote_share)
    if config.pairs.source == "gold":  # the gate keeps none of them back
        known = None
    most = config.pairs.max_pairs_per_language
    pairs = round(asked * known.pairs / known.of) if known else asked * most
    again = min(MOST_QUESTIONS, of_a_round, math.ceil(pairs / (len(config.languages) * most)))
    return Amount(
        train,
        held_out,
        translations,
        responses=left * asked * config.sampling.num_samples,
        answers=(1 + rounds)
        * (held_out * len(config.measured_languages) + again * len(config.languages)),
        pairs=pairs,
        at_most=known is None and trains_on_pairs(config.train),
        choices=versions if trains_on_choices(config.train) else 0,
        probed=answers_in_part(config, held_out),
        rounds=left,
    )


@functools.lru_cache(maxsize=16)
def _chosen(config: RunConfig, changed_at: int) -> list[Question]:
    return chosen_questions(config)


def _changed(question_set: str) -> int:
    if question_set == BUILT_IN:
        return 0
    path = Path(question_set)
    return path.stat().st_mtime_ns if path.exists() else 0
