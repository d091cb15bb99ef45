"""What a run will be able to show, from its settings and what was measured before."""

import numpy as np

from calm.config import RunConfig
from calm.evaluation.evaluate import NO_GOLD, answer_tables, gold_of
from calm.evaluation.power import Smallest, deviations, smallest
from calm.pipeline.run_questions import golds_of, groups_of, languages_of, split_of
from calm.runs.folder import Run
from calm.runs.rates import Spread, keep_spread, spread_of


def smallest_of(config: RunConfig, held_out: int) -> Smallest | None:
    """Return the smallest changes that a run with so many held-out questions can show.

    `None` where the questions are too few to tell anything.
    """
    known = spread_of(config.model, _asked(config))
    base = (known.together, known.alone) if known else None
    return smallest(held_out, len(config.measured_languages), base)


def keep_base_spread(run: Run) -> None:
    """Remember how the base model's greedy answers vary over a run's held-out questions.

    Nothing where too few of them have a right answer.
    """
    held_out = split_of(groups_of(run), "held-out")
    golds, languages = golds_of(held_out), languages_of(run, held_out)
    if languages != run.config.measured_languages:
        return
    gold = gold_of(golds)
    answers = answer_tables(run.rows("evaluations"), list(golds), languages)["base", "response"]
    judged = gold != NO_GOLD
    right = (answers[judged] == gold[judged, None]).astype(np.float64)
    if found := deviations(right):
        keep_spread(run.config.model, _asked(run.config), Spread(*found))


def _asked(config: RunConfig) -> str:
    """Return what names the questions of a run: their set, the languages, and the topics."""
    asked = (config.measured_languages, config.measure_topics)
    return " ".join((config.question_set, *(",".join(names) for names in asked if names)))
