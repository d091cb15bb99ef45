"""The stage `evaluate`: both models answer what was held out, and what was trained on."""

import itertools
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calm.config import RunConfig
from calm.errors import CalmError
from calm.evaluation.efficacy import Taught, efficacy, taught
from calm.evaluation.evaluate import READINGS, ROLES, evaluate, scores
from calm.models.interface import LanguageModel
from calm.pairs.edits import training_pairs
from calm.pipeline.context import Context, Progress
from calm.pipeline.rounds import write_rounds
from calm.pipeline.run_questions import Groups, golds_of, groups_of, languages_of, split_of
from calm.pipeline.tracking import track_scores
from calm.questions.passages import without_passages
from calm.records import Evaluation, ModelRole, Question, Reading
from calm.runs.folder import Run
from calm.runs.rounds import earlier_rounds, round_of

EVALUATE_IDS_AT_ONCE = 16


def evaluate_both(context: Context) -> None:
    run = context.run
    groups = groups_of(run)
    held_out = split_of(groups, "held-out")
    if not held_out:
        raise CalmError("run.no-held-out", folder=run.folder)
    parts = [*earlier_rounds(run), (round_of(run), run)]
    lessons = {number: lessons_of(part, groups_of(run, number)) for number, part in parts}
    again = {number: _asked_again(groups_of(run, number), lessons[number]) for number in lessons}
    if run.has("passages"):
        _ask_without_passages(context, held_out)
    _ask(
        context,
        [
            Asked(part, role, adapter, {"efficacy": again[number], "evaluations": held_out})
            for number, part in parts
            for role, adapter in zip(ROLES, (None, part.adapter), strict=True)
            if part == run or role == "aligned"
        ],
    )
    codes, number = languages_of(run, held_out), round_of(run)
    found = scores(run.rows("evaluations"), golds_of(held_out), codes)
    learned = efficacy(run.rows("efficacy"), lessons[number], languages_of(run, again[number]))
    write_rounds(run, parts, lessons)
    run.write("scores", [*found, *learned])
    track_scores(context)


def lessons_of(part: Run, groups: Groups) -> Taught:
    """Return what a run, or one of its rounds, taught on the questions that it asked."""
    trained_on = split_of(groups, "train")
    pairs = training_pairs(part)
    return taught((p for p in pairs if p.language in trained_on.get(p.question_id, ())), trained_on)


ASKED_FOR: dict[str, tuple[Reading, ...]] = {"efficacy": ("response",), "evaluations": READINGS}
"""How the answers of each file of the evaluation are read."""


def _asked_again(groups: Groups, lessons: Taught) -> Groups:
    """Return the questions trained on that are asked again, in the languages that were taught."""
    ids = dict.fromkeys(identity for identity, _ in lessons)
    return {i: {c: q for c, q in groups[i].items() if (i, c) in lessons} for i in ids}


@dataclass(frozen=True)
class Asked:
    """What one model is asked, and where its answers are kept."""

    part: Run
    role: ModelRole
    adapter: Path | None
    groups: Mapping[str, Groups]
    """The questions of each file."""

    @property
    def count(self) -> int:
        return sum(len(versions) for groups in self.groups.values() for versions in groups.values())


def _ask(context: Context, models: Sequence[Asked]) -> None:
    """Ask every model the questions of each file that it has not answered yet."""
    model = context.model()
    have: dict[Path, set[tuple[str, str, str, str]]] = {}
    for asked in models:
        for name in asked.groups:
            path = asked.part.path(name)
            if path not in have:
                have[path] = {_evaluation_key(row) for row in asked.part.rows(name)}
                asked.part.append(name, [])

    def answers() -> int:
        return sum(len(keys) // len(ASKED_FOR[path.stem]) for path, keys in have.items())

    progress = Progress(context, "evaluate", answers(), sum(asked.count for asked in models))
    for asked in models:
        with model.use(asked.adapter):
            for name, groups in asked.groups.items():
                known = have[asked.part.path(name)]
                for batch in _batched(groups.values(), EVALUATE_IDS_AT_ONCE):
                    new = _asked_now(model, context.run.config, asked, name, batch, known)
                    if new:
                        known |= new
                        progress.reach(answers())


def _asked_now(
    model: LanguageModel,
    config: RunConfig,
    asked: Asked,
    name: str,
    batch: Sequence[Mapping[str, Question]],
    known: Set[tuple[str, str, str, str]],
) -> set[tuple[str, str, str, str]]:
    """Ask a batch of questions, keep the answers that were not known, and return their keys."""
    every = [question for versions in batch for question in versions.values()]
    if {(q.id, q.language, asked.role, ASKED_FOR[name][-1]) for q in every} <= known:
        return set()
    rows = evaluate(model, every, asked.role, config.sampling, readings=ASKED_FOR[name])
    new = [row for row in rows if _evaluation_key(row) not in known]
    asked.part.append(name, new)
    return set(map(_evaluation_key, new))


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
