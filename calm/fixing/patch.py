"""A patch on the disk: a run whose training questions are edits and whose held-out ones a probe.

It is archived, compared, pushed and replayed as any run is. Whatever is changed about its edits
takes its adapter and its numbers away, so that they are made anew (`calm.fixing.fix`); what the
base model answered stays.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace

from calm.config import RunConfig, TrainConfig
from calm.errors import CalmError
from calm.fixes import Edit
from calm.fixing.probe import probe_questions
from calm.messages import message
from calm.records import Question
from calm.runs.folder import Run, create_run, delete_run, open_run, run_path

PATCH = "fixes"
"""What a patch is called that was given no name."""
MOST_EDITS = 100
RESULTS = ("scores", "comparisons", "gauges", "damage", "metrics")
ANSWERS = ("efficacy", "generality", "evaluations", "damage_answers")


@dataclass(frozen=True)
class Taught:
    """An edit with what it needs: the question in all its languages, and in other words."""

    edit: Edit
    versions: tuple[Question, ...]
    reworded: tuple[Question, ...] = ()


def patch_config(config: RunConfig) -> RunConfig:
    """Return the settings of a patch with a model, languages and training as in `config`.

    It trains on the copy of the model that answers, in its precision.
    """
    train: TrainConfig = replace(config.train, method="consensus", precision=config.precision)
    return replace(config, train=train)


def open_patch(name: str, config: RunConfig | None = None) -> Run:
    """Return the patch of that name, made with these settings where there is none.

    Without settings there must be one. Raises CalmError where the run of that name is no patch,
    and where it has other settings.
    """
    folder = run_path(name)
    if (folder / "config.json").exists():
        run = open_run(name)
        if run.is_opened:
            raise CalmError("run.only-replayed", run=run.name)
        if not run.has("edits"):
            raise CalmError("fix.no-patch", name=run.name)
        return run if config is None else create_run(name, patch_config(config))
    if config is None:
        raise CalmError("fix.no-patch", name=name)
    run = create_run(name, patch_config(config))
    run.write("edits", [])
    return run


def add_edits(run: Run, taught: Sequence[Taught]) -> None:
    """Add edits behind those there are; a question that is edited already is taught anew.

    Raises CalmError where these are more than a patch takes, or where an answer is none of the
    question's choices.
    """
    for one in taught:
        _check(one)
    new = {one.edit.question_id: one for one in taught}
    edits = [edit for edit in run.rows("edits") if edit.question_id not in new]
    edits += [one.edit for one in new.values()]
    if len(edits) > MOST_EDITS:
        raise CalmError("fix.too-many", count=len(edits), most=MOST_EDITS)
    kept = [q for q in _edited(run) if q.id not in new]
    versions = [q for one in new.values() for q in one.versions]
    known = [q for q in run.rows("reworded") if q.id not in new]
    other = [q for one in new.values() for q in one.reworded]
    _write(run, edits, [*kept, *(replace(q, split="train") for q in versions)], [*known, *other])


def drop_edit(run: Run, place: int) -> None:
    """Take an edit out, by its place from 1; a patch without any is deleted.

    Raises CalmError where there is no such edit.
    """
    edits = run.rows("edits")
    if not 1 <= place <= len(edits):
        raise CalmError("fix.no-edit", place=place, count=len(edits))
    del edits[place - 1]
    if not edits:
        delete_run(run)
        return
    ids = {edit.question_id for edit in edits}
    reworded = [q for q in run.rows("reworded") if q.id in ids]
    _write(run, edits, [q for q in _edited(run) if q.id in ids], reworded)


def undo(run: Run) -> None:
    """Take the last edit out; see `drop_edit`."""
    drop_edit(run, len(run.rows("edits")))


def reorder(run: Run, places: Sequence[int]) -> None:
    """Put the edits into another order, given by their places of before, from 1.

    Raises CalmError where these are not all of them, each once.
    """
    edits = run.rows("edits")
    if sorted(places) != list(range(1, len(edits) + 1)):
        raise CalmError("fix.other-places", count=len(edits))
    _write(run, [edits[place - 1] for place in places], _edited(run), run.rows("reworded"))


def is_fixed(run: Run) -> bool:
    """Tell whether a patch is trained and measured as its edits are now."""
    return run.adapter.is_dir() and run.has("comparisons")


def _edited(run: Run) -> list[Question]:
    return [question for question in run.rows("questions") if question.split == "train"]


def _check(taught: Taught) -> None:
    edit, versions = taught.edit, taught.versions
    counts = {len(question.choices) for question in versions}
    if len(versions) < 2:
        raise CalmError("fix.one-language")
    if counts & {0, 1} or len(counts) > 1 or not 0 <= edit.answer < min(counts):
        raise CalmError("fix.no-choice", answer=edit.answer + 1)


def _write(
    run: Run, edits: Sequence[Edit], questions: Sequence[Question], reworded: Sequence[Question]
) -> None:
    """Write edits and questions, and forget what was made of others."""
    shutil.rmtree(run.adapter, ignore_errors=True)
    for name in RESULTS:
        run.path(name).unlink(missing_ok=True)
    ids = [edit.question_id for edit in edits]
    ordered = sorted(questions, key=lambda question: ids.index(question.id))
    topics = {question.topic for question in questions} - {""}
    probe = probe_questions(run.config.measured_languages, ids, topics)
    asked = [question for versions in probe.values() for question in versions.values()]
    before = {*_edited(run), *run.rows("reworded")}
    changed = {question.id for question in before ^ {*ordered, *reworded}}
    run.write("questions", [*ordered, *asked])
    run.write("reworded", reworded)
    run.write("edits", edits)
    kept = {"efficacy": {*ids} - changed, "generality": {*ids} - changed}
    for name in ANSWERS:
        rows = [row for row in run.rows(name) if row.model == "base"]
        run.write(name, [row for row in rows if _id(row) in kept.get(name, probe)])
    run.set_status("train", "queued", message=message("status.not-started"))


def _id(row: object) -> str:
    return str(getattr(row, "question_id", "") or getattr(row, "item", ""))
