"""The stage `evaluate`: both models answer what was held out, and what was trained on."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from calm.errors import CalmError
from calm.evaluation.efficacy import Taught, efficacy, taught
from calm.evaluation.evaluate import READINGS, ROLES, evaluate, scores
from calm.pairs.edits import training_pairs
from calm.pipeline.context import Context, Progress
from calm.pipeline.run_questions import Groups, golds_of, groups_of, languages_of, split_of
from calm.pipeline.tracking import track_scores
from calm.questions.passages import without_passages
from calm.records import (
    Evaluation,
    Reading,
)

EVALUATE_IDS_AT_ONCE = 16


def evaluate_both(context: Context) -> None:
    run = context.run
    groups = groups_of(run)
    held_out, trained_on = (split_of(groups, split) for split in ("held-out", "train"))
    if not held_out:
        raise CalmError("run.no-held-out", folder=run.folder)
    known = (p for p in training_pairs(run) if p.language in trained_on.get(p.question_id, ()))
    lessons = taught(known, trained_on)
    asked_again = _asked_again(trained_on, lessons)
    if run.has("passages"):
        _ask_without_passages(context, held_out)
    _ask_both(context, {"efficacy": asked_again, "evaluations": held_out})
    codes = languages_of(run, held_out)
    found = scores(run.rows("evaluations"), golds_of(held_out), codes)
    learned = efficacy(run.rows("efficacy"), lessons, languages_of(run, asked_again))
    run.write("scores", [*found, *learned])
    track_scores(context)


ASKED_FOR: dict[str, tuple[Reading, ...]] = {"efficacy": ("response",), "evaluations": READINGS}
"""How the answers of each file of the evaluation are read."""


def _asked_again(groups: Groups, lessons: Taught) -> Groups:
    """Return the questions trained on that are asked again, in the languages that were taught."""
    ids = dict.fromkeys(identity for identity, _ in lessons)
    return {i: {c: q for c, q in groups[i].items() if (i, c) in lessons} for i in ids}


def _ask_both(context: Context, asked: Mapping[str, Groups]) -> None:
    """Ask the questions of each file, the base model first, then the aligned one."""
    run, model = context.run, context.model()
    have = {name: {_evaluation_key(row) for row in run.rows(name)} for name in asked}
    for name in asked:
        run.append(name, [])

    def answers() -> int:
        return sum(len(have[name]) // len(ASKED_FOR[name]) for name in asked)

    total = 2 * sum(len(versions) for groups in asked.values() for versions in groups.values())
    progress = Progress(context, "evaluate", answers(), total)
    for role, adapter in zip(ROLES, (None, run.adapter), strict=True):
        with model.use(adapter):
            for name, groups in asked.items():
                for batch in _batched(groups.values(), EVALUATE_IDS_AT_ONCE):
                    every = [question for versions in batch for question in versions.values()]
                    last = ASKED_FOR[name][-1]
                    if {(q.id, q.language, role, last) for q in every} <= have[name]:
                        continue
                    rows = evaluate(
                        model, every, role, run.config.sampling, readings=ASKED_FOR[name]
                    )
                    new = [row for row in rows if _evaluation_key(row) not in have[name]]
                    run.append(name, new)
                    have[name].update(map(_evaluation_key, new))
                    progress.reach(answers())


def _ask_without_passages(context: Context, held_out: Groups) -> None:
    """Ask the base model what is held out without passages: what these alone are good for."""
    run, model = context.run, context.model()
    have = {_evaluation_key(row) for row in run.rows("without_passages")}
    run.append("without_passages", [])
    total = sum(map(len, held_out.values()))
    progress = Progress(context, "evaluate", len(have) // len(READINGS), total)
    with model.use(None):
        for batch in _batched(held_out.values(), EVALUATE_IDS_AT_ONCE):
            every = [without_passages(q) for versions in batch for q in versions.values()]
            if have.issuperset((q.id, q.language, "base", READINGS[-1]) for q in every):
                continue
            rows = evaluate(model, every, "base", run.config.sampling)
            new = [row for row in rows if _evaluation_key(row) not in have]
            run.append("without_passages", new)
            have.update(map(_evaluation_key, new))
            progress.reach(len(have) // len(READINGS))


def _evaluation_key(row: Evaluation) -> tuple[str, str, str, str]:
    return (row.question_id, row.language, row.model, row.reading)


def _batched(items: Iterable[Any], size: int) -> Iterable[tuple[Any, ...]]:
    rest = iter(items)
    while batch := tuple(itertools.islice(rest, size)):
        yield batch
