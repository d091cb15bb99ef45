"""Train a patch on all its edits together, and measure before and after it.

One copy of the model does all of it: it answers, an adapter is trained beside it, and it answers
again with the adapter on.
"""

import itertools
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calm.errors import CalmError
from calm.evaluation import efficacy as taught_scores
from calm.evaluation.damage import answer_freely
from calm.evaluation.evaluate import READINGS, evaluate, scores
from calm.fixing import gauges
from calm.fixing.patch import is_fixed
from calm.fixing.probe import continued, rehearsal_questions
from calm.messages import message
from calm.pipeline.context import Context, Progress, Stopped
from calm.pipeline.run_questions import golds_of, groups_of, languages_of, split_of
from calm.pipeline.stage_compare import write_comparisons
from calm.records import Evaluation, ModelRole, Question
from calm.runs.folder import Run

if TYPE_CHECKING:
    from calm.training.choice_edits import EditSettings, Trained

AT_ONCE = 64
"""So many answers go through the model together."""


def fix(context: Context, settings: "EditSettings | None" = None) -> None:
    """Do what is missing of a patch: answers before, the training, answers after, the numbers.

    Raises Stopped when asked to stop; what was done is kept. Raises CalmError where the patch has
    no edits, and as the training does.
    """
    run = context.run
    if not run.rows("edits"):
        raise CalmError("fix.no-patch", name=run.name)
    if not is_fixed(run):
        if not run.adapter.is_dir():
            _answer(context, "base", None)
            _train(context, settings)
        _answer(context, "aligned", run.adapter)
        write_numbers(run)
        write_comparisons(context)
    context.run.set_status("compare", "done", 1, 1, message("status.finished"))


def _train(context: Context, settings: "EditSettings | None") -> None:
    run, config, model = context.run, context.run.config, context.model()
    edits = run.rows("edits")
    said = message("status.preparing-questions", count=len(edits))
    run.set_status("train", "running", message=said)
    groups = split_of(groups_of(run), "train")
    ids = [edit.question_id for edit in edits]
    rehearsal = rehearsal_questions(config.languages, ids)
    progress: list[Progress] = []

    def on_step(step: int, most: int, loss: float, margin: float) -> None:
        run.append_json("metrics", {"step": step, "loss": loss, "margin": margin})
        if not progress:
            progress.append(Progress(context, "train", step, most))
        if not context.should_stop():
            told = message("status.fixing", done=step, most=most, margin=margin)
            progress[0].reach(step, told)

    for leftover in run.folder.glob(".training-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    run.path("metrics").unlink(missing_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".training-", dir=run.folder))
    try:
        found = trained(
            model,
            [(tuple(groups[edit.question_id].values()), edit.answer) for edit in edits],
            [tuple(versions.values()) for versions in rehearsal.values()],
            config.train,
            work,
            on_step,
            context.should_stop,
            config.sampling.prompt_format,
            settings,
        )
        if found is None:
            raise Stopped
        work.rename(run.adapter)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    steps = found.steps
    held, not_held = message("log.fix-held", steps=steps), message("log.fix-not-held", steps=steps)
    context.tell("train", held if found.held else not_held)


def trained(*given: Any) -> "Trained | None":
    """Return what `calm.training.choice_edits.train_edits` does; torch is loaded for it alone."""
    from calm.training.choice_edits import train_edits

    return train_edits(*given)


def _answer(context: Context, role: ModelRole, adapter: Path | None) -> None:
    """Let one of the two models answer what it was not asked yet."""
    run, config, model = context.run, context.run.config, context.model()
    asked = questions_of(run)
    parts = [
        (name, part) for name, every in asked.items() for part in _lacking(run, name, role, every)
    ]
    total = sum(len(part) for _, part in parts)
    progress, done = Progress(context, "evaluate", 0, total), 0
    with model.use(adapter):
        for name, part in parts:
            run.append(name, evaluate(model, part, role, config.sampling))
            done += len(part)
            progress.reach(done)
        freely = continued(split_of(groups_of(run), "held-out"))
        have = {(row.item, row.language) for row in run.rows("damage_answers") if row.model == role}
        left = [v for v in freely if not {(q.id, q.language) for q in v.values()} <= have]
        if left:
            run.append("damage_answers", answer_freely(model, left, role, config.sampling))


def questions_of(run: Run) -> dict[str, list[Question]]:
    """Return what both models are asked, by the file that their answers go to."""
    config = run.config
    edited = [question for question in run.rows("questions") if question.split == "train"]
    probe = split_of(groups_of(run), "held-out")
    elsewhere = [q for q in edited if q.language not in config.languages]
    return {
        "efficacy": [q for q in edited if q.language in config.languages],
        "generality": [*run.rows("reworded"), *elsewhere],
        "evaluations": [question for versions in probe.values() for question in versions.values()],
    }


def _lacking(
    run: Run, name: str, role: ModelRole, asked: Sequence[Question]
) -> Iterable[list[Question]]:
    """Yield the questions without an answer in one file, some at a time."""
    last = READINGS[-1]
    have = {(row.question_id, row.language, row.model, row.reading) for row in run.rows(name)}
    run.append(name, [])
    left = iter([q for q in asked if (q.id, q.language, role, last) not in have])
    while part := list(itertools.islice(left, AT_ONCE)):
        yield part


def write_numbers(run: Run) -> None:
    """Write the gauges, and the scores that every run has: those of the probe."""
    groups = groups_of(run)
    edited, probe = (split_of(groups, split) for split in ("train", "held-out"))
    answers = {edit.question_id: edit.answer for edit in run.rows("edits")}
    golds = golds_of(probe)
    learnt: list[Evaluation] = run.rows("efficacy")
    probed = run.rows("evaluations")
    run.write(
        "gauges",
        [
            *gauges.efficacy(learnt, answers),
            *gauges.generality(run.rows("generality"), answers, run.config.languages),
            *gauges.locality(probed, golds, run.rows("damage_answers")),
        ],
    )
    taught = {(i, code): answers[i] for i, versions in edited.items() for code in versions}
    own = taught_scores.efficacy(learnt, taught, languages_of(run, edited))
    run.write("scores", [*scores(probed, golds, languages_of(run, probe)), *own])
