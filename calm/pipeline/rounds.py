"""What each round of a run voted and reached, for a run of several rounds."""

from collections.abc import Mapping, Sequence

from calm.evaluation import metrics
from calm.evaluation.efficacy import Taught, efficacy
from calm.evaluation.evaluate import ALL, NO_GOLD, answer_tables, gold_of, pairs_of
from calm.pairs.edits import training_pairs
from calm.pipeline.run_questions import golds_of, groups_of, languages_of, split_of
from calm.records import Evaluation, Round
from calm.runs.folder import Run


def write_rounds(run: Run, parts: Sequence[tuple[int, Run]], lessons: Mapping[int, Taught]) -> None:
    """Write what came of every round, from what was recorded; nothing for a run of one round."""
    if run.config.train.rounds > 1:
        run.write("rounds", [_round(run, number, part, lessons[number]) for number, part in parts])


def _round(run: Run, number: int, part: Run, lessons: Taught) -> Round:
    train = split_of(groups_of(run, number), "train")
    golds, least = golds_of(train), run.config.pairs.min_vote_share
    kept = [v for v in part.rows("votes") if v.winner is not None and v.share >= least]
    judged = [vote for vote in kept if golds.get(vote.question_id) is not None]
    accuracy, consistency = _reached(run, part.rows("evaluations"))
    return Round(
        number,
        len(train),
        len(kept),
        len(judged),
        sum(vote.winner == golds[vote.question_id] for vote in judged),
        len(training_pairs(part)),
        _learnt(run, part.rows("efficacy"), lessons),
        accuracy,
        consistency,
    )


def _reached(run: Run, answers: Sequence[Evaluation]) -> tuple[float | None, float]:
    """Return how often a round's model is right on what is held out, and how often it agrees."""
    held_out = split_of(groups_of(run), "held-out")
    codes, golds = languages_of(run, held_out), golds_of(held_out)
    table = answer_tables(answers, list(golds), codes)["aligned", "response"]
    gold = gold_of(golds)
    judged = gold != NO_GOLD
    right = _mean(metrics.accuracy(table[judged], gold[judged])) if judged.any() else None
    return right, _mean(metrics.agreement(table, pairs_of(codes)))


def _learnt(run: Run, answers: Sequence[Evaluation], lessons: Taught) -> float | None:
    """Return how often a round's model says what it was taught; `None` where nothing was."""
    taught_in = {code for _, code in lessons}
    codes = tuple(code for code in run.config.languages if code in taught_in)
    found = efficacy(answers, lessons, codes)
    return next((s.value for s in found if (s.model, s.language) == ("aligned", ALL)), None)


def _mean(values: metrics.Values) -> float:
    return round(float(values.mean()), 6)
