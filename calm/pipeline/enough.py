"""Whether there is enough to learn from: told before a run starts, and again once it has voted."""

import math

from calm.config import RunConfig
from calm.errors import CalmError
from calm.pairs.edits import training_pairs
from calm.pipeline.context import NotEnough
from calm.pipeline.run_questions import choice_questions, split_of
from calm.questions.sets import by_id
from calm.records import Question, Vote
from calm.runs.folder import Run
from calm.training.loggers import check_logger
from calm.training.methods import trains_on_choices, trains_on_pairs

LEAST_QUESTIONS = 2
"""Questions that make pairs, below which nothing is trained: one answer learnt by heart aligns
nothing."""
FEW_QUESTIONS = 5
"""Training questions below which it may well end so: about half of all votes are trusted."""
STEP = 0.05
"""The gate that is proposed is a multiple of it."""


def check_questions(config: RunConfig, questions: list[Question]) -> None:
    """Raise CalmError where a training would come to nothing, whatever is answered.

    That is where a set has too few questions for one, or lacks what the method needs: choices, or
    right answers; and where its logger is not installed.
    """
    check_logger(config.train.report_to)
    train = split_of(by_id(questions), "train")
    rows = [question for versions in train.values() for question in versions.values()]
    if trains_on_choices(config.train) and rows and all(len(row.choices) < 2 for row in rows):
        raise CalmError("choices.none")
    if config.pairs_given or not trains_on_pairs(config.train):
        return
    if config.pairs.source == "gold" and rows and all(row.gold is None for row in rows):
        raise CalmError("pairs.no-gold")
    parts = config.train.rounds if config.train.fresh_questions else 1
    few = 0 < len(train) < LEAST_QUESTIONS * parts
    if few and config.pairs.source in ("votes", "gold"):
        raise CalmError("questions.too-few", count=len(train), needed=FEW_QUESTIONS * parts)


def not_enough(run: Run) -> NotEnough | None:
    """Return why a run that has its pairs cannot be trained, and what to do; `None` where it can.

    People's ballots may stand for one question: they say themselves what is right. Pairs of a file
    were enough when the run was made of it.
    """
    if trains_on_choices(run.config.train) and not choice_questions(run):
        return NotEnough("choices.none")
    return _pairs_not_enough(run) if trains_on_pairs(run.config.train) else None


def _pairs_not_enough(run: Run) -> NotEnough | None:
    pairs = training_pairs(run)
    if run.config.pairs_given or run.config.pairs.source == "gold":
        return None if pairs else NotEnough("pairs.none")
    questions = {pair.question_id for pair in pairs}
    if len(questions) >= LEAST_QUESTIONS or any(pair.source == "ballot" for pair in pairs):
        return None
    least, votes = run.config.pairs.min_vote_share, run.rows("votes")
    trusted = [v for v in votes if v.winner is not None and v.share >= least]
    if run.config.pairs.source == "ballots" or len(trusted) >= LEAST_QUESTIONS:
        return None if pairs else NotEnough("pairs.none")
    lower = lower_gate(votes)
    kept, of = len(trusted), len(votes)
    if lower is None or lower >= least:
        return NotEnough("pairs.too-few", kept=kept, of=of, least=least)
    return NotEnough("pairs.too-few-at-gate", kept=kept, of=of, least=least, lower=lower)


def lower_gate(votes: list[Vote]) -> float | None:
    """Return the highest smallest share that would keep enough votes; `None` where none would."""
    shares = sorted((vote.share for vote in votes if vote.winner is not None), reverse=True)
    if len(shares) < LEAST_QUESTIONS:
        return None
    return round(math.floor(shares[LEAST_QUESTIONS - 1] / STEP + 1e-6) * STEP, 2)
