"""A run that comes with its pairs: read from a file, trained on, and measured as any other.

No question is sampled and no vote is taken. The questions of the run are those that its set holds
out, and of the others those that pairs are about: by id, language, and their text in the prompt. A
pair that asks what is held out is left out, since the run is measured with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from calm.config import RunConfig
from calm.errors import CalmError
from calm.pairs.files import Rejected, numbered_pairs
from calm.pairs.lint.report import left_out_reasons
from calm.pipeline.enough import LEAST_QUESTIONS
from calm.pipeline.run_questions import Groups, chosen_questions, split_of
from calm.questions.sets import by_id
from calm.records import PreferencePair, Question
from calm.runs.folder import Run, create_run
from calm.training.loggers import check_logger
from calm.training.methods import trains_on_pairs

NumberedPairs = Iterable[tuple[int, PreferencePair | Rejected]]
OTHER = "given-"
"""What an id begins with that the set has for another question."""


@dataclass(frozen=True)
class GivenPairs:
    """The pairs of a file, as a run takes them."""

    pairs: tuple[PreferencePair, ...]
    left_out: tuple[Rejected, ...]
    questions: tuple[Question, ...]
    """What is held out, and what pairs are about."""


def with_given_pairs(config: RunConfig) -> RunConfig:
    """Return the settings of a run that comes with its pairs.

    Raises CalmError for a method that trains on no pairs.
    """
    if not trains_on_pairs(config.train):
        raise CalmError("setting.method-without-pairs", method=config.train.method)
    return replace(config, pairs_given=True)


def given_pairs(path: Path, config: RunConfig) -> GivenPairs:
    """Return the pairs of a file for a run with these settings (see `check_given`)."""
    return check_given(numbered_pairs(path), config, str(path))


def check_given(rows: NumberedPairs, config: RunConfig, where: str) -> GivenPairs:
    """Return the rows that can be trained on, those that cannot, and the questions of the run.

    Raises CalmError, `where` being what the rows stand in, for a file that cannot be read, where no
    row is a pair, where all are about one question, for a question set that is not right, and for a
    logger that is not installed.
    """
    check_logger(config.train.report_to)
    set_of = by_id(chosen_questions(with_given_pairs(config)))
    train, held_out = split_of(set_of, "train"), split_of(set_of, "held-out")
    pairs: list[PreferencePair] = []
    left_out: list[Rejected] = []
    for number, row in rows:
        leak = None if isinstance(row, Rejected) else _leak(row, held_out)
        if isinstance(row, Rejected):
            left_out.append(row)
        elif leak:
            detail = f"its prompt asks {leak!r}, which is held out to measure with"
            left_out.append(Rejected(number, "held-out question", detail))
        else:
            pairs.append(row if _is_about(row, train) else _renamed(row, set_of))
    if not pairs:
        reasons, first = left_out_reasons(left_out)
        raise CalmError("pairs-file.no-pairs", path=where, reasons=reasons, first=first)
    if len({pair.question_id for pair in pairs}) < LEAST_QUESTIONS:
        raise CalmError("pairs-file.one-question", path=where)
    asked = {pair.question_id for pair in pairs if _is_about(pair, train)}
    kept = [*(train[i] for i in train if i in asked), *held_out.values()]
    questions = tuple(question for versions in kept for question in versions.values())
    return GivenPairs(tuple(pairs), tuple(left_out), questions)


def run_with_pairs(name: str, config: RunConfig, given: GivenPairs) -> Run:
    """Make a run that trains on these pairs, or return the one that there is.

    Raises CalmError where the run of that name has other settings or other pairs.
    """
    run = create_run(name, with_given_pairs(config))
    if not run.has("pairs"):
        run.write("questions", given.questions)
        run.write("pairs", given.pairs)
    elif run.rows("pairs") != list(given.pairs):
        raise CalmError("run.other-pairs", folder=run.folder)
    return run


def _leak(pair: PreferencePair, held_out: Groups) -> str | None:
    """Return the id of the held-out question that a pair asks; `None` where it asks none."""
    versions = (v.get(pair.language) for v in held_out.values())
    return next((q.id for q in versions if q is not None and q.text in pair.prompt), None)


def _is_about(pair: PreferencePair, train: Groups) -> bool:
    question = train.get(pair.question_id, {}).get(pair.language)
    return question is not None and question.text in pair.prompt


def _renamed(pair: PreferencePair, known: Groups) -> PreferencePair:
    """Return a pair that is about no question of the set under an id that none of them has."""
    identity = pair.question_id
    while identity in known:
        identity = OTHER + identity
    return replace(pair, question_id=identity)
