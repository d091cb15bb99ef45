"""A finished run as the page `Compare` reads it: once, and then from memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from calm.errors import CalmError
from calm.evaluation.baselines import Ways, ways_to_answers
from calm.evaluation.compare import compare_answers
from calm.model_names import called
from calm.pipeline.run_questions import golds_of, groups_of, split_of
from calm.probes import Damage
from calm.records import Comparison, Evaluation, LanguageWeight, Question, Reading, Round, Score
from calm.runs.folder import Run
from ui.parts.runs import read_once, run_named


@dataclass(frozen=True)
class Finished:
    """What a finished run found."""

    languages: tuple[str, ...]
    scores: Sequence[Score]
    comparisons: Mapping[str, Sequence[Comparison]]
    """By reading; `response` and `likelihood` are never mixed."""
    groups: Mapping[str, Mapping[str, Question]]
    model: str
    evaluations: Mapping[str, Sequence[Evaluation]]
    """By question: the held-out answers as they were recorded."""
    weights: Sequence[LanguageWeight] = ()
    """What each language counts in the run's votes; none in a run without any."""
    damage: Sequence[Damage] = ()
    """What may have been harmed; nothing where that was not looked for."""
    rounds: Sequence[Round] = ()
    """What came of each round; nothing in a run of one."""

    without_passages: Sequence[Evaluation] = ()
    """Held-out answers of the base model without passages, in a run that asks with them."""

    def ways(self, reading: Reading) -> Ways:
        """Return what every way to an answer reaches, those without training among them."""
        rows = [row for rows in self.evaluations.values() for row in rows]
        golds = golds_of(self.groups)
        return ways_to_answers(
            rows, golds, self.languages, self.weights, reading, self.without_passages
        )


def read_finished(name: str) -> Finished:
    """Return what a finished run found; raises CalmError where it is not finished."""
    return found_by(run_named(name))


def found_by(run: Run) -> Finished:
    """Return what a run found, wherever it lies; raises CalmError where it is not finished."""
    if not run.has("comparisons"):
        raise CalmError("run.not-finished", name=run.name)
    return _read(run)


@read_once(lambda run: [run.path("comparisons"), run.path("damage")], most=8)
def _read(run: Run) -> Finished:
    groups = split_of(groups_of(run), "held-out")
    evaluations = run.rows("evaluations")
    by_question: dict[str, list[Evaluation]] = {}
    for row in evaluations:
        by_question.setdefault(row.question_id, []).append(row)
    return Finished(
        run.config.measured_languages,
        run.rows("scores"),
        {how: tuple(compare_answers(evaluations, groups, how)) for how in get_args(Reading)},
        groups,
        called(run.config.model),
        by_question,
        run.rows("weights"),
        run.rows("damage"),
        run.rows("rounds"),
        run.rows("without_passages"),
    )
