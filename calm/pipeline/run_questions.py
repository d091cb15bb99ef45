"""The questions of a run: which ones it asks, by split, in every language."""

from collections.abc import Mapping

from calm.config import RunConfig
from calm.errors import CalmError
from calm.questions.sets import by_id, load_questions
from calm.records import Question
from calm.runs.folder import Run

Groups = dict[str, dict[str, Question]]


def groups_of(run: Run) -> Groups:
    """Return all questions of a run with their translations: id -> language -> question.

    A training question may lack a language. A held-out one that nobody could put into a language
    is left out: languages are compared on the same questions.
    """
    lacking = {row.question_id for row in run.rows("untranslated")}
    return {
        i: versions
        for i, versions in all_groups_of(run).items()
        if not (i in lacking and next(iter(versions.values())).split == "held-out")
    }


def all_groups_of(run: Run) -> Groups:
    """Return all questions, also those that are left out."""
    groups = by_id([*run.rows("questions"), *run.rows("translations")])
    order = run.config.languages
    return {i: {code: v[code] for code in order if code in v} for i, v in groups.items()}


def split_of(groups: Mapping[str, Mapping[str, Question]], split: str) -> Groups:
    """Return the questions of one split, in every language of the run."""
    return {
        i: dict(versions)
        for i, versions in groups.items()
        if next(iter(versions.values())).split == split
    }


def chosen_questions(config: RunConfig) -> list[Question]:
    """Return the questions that a run with these settings asks, in every language of the set.

    Raises CalmError where the set cannot be read, or lacks one of the two splits.
    """
    groups = by_id(load_questions(config.question_set, config.languages, config.columns))
    limits = {
        "train": config.max_train_questions,
        "held-out": config.max_held_out_questions,
    }
    kept = [
        question
        for split, limit in limits.items()
        for versions in _spread(split_of(groups, split), limit).values()
        for question in versions.values()
    ]
    if not any(q.split == "train" for q in kept) or not any(q.split == "held-out" for q in kept):
        raise CalmError("questions.one-split", questions=config.question_set)
    return kept


def _spread(groups: Groups, limit: int | None) -> Groups:
    """Return at most `limit` questions, spread evenly over the set and so over its topics."""
    if limit is None or limit >= len(groups):
        return groups
    ids = list(groups)
    return {ids[i * len(ids) // limit]: groups[ids[i * len(ids) // limit]] for i in range(limit)}


def choices_of(run: Run) -> dict[str, int]:
    """Return how many choices each training question has, in the order of the run."""
    train_split = split_of(groups_of(run), "train")
    return {i: len(next(iter(v.values())).choices) for i, v in train_split.items()}


def golds_of(groups: Mapping[str, Mapping[str, Question]]) -> dict[str, int | None]:
    """Return the right choice of each question; `None` where nobody says which it is."""
    return {i: next(iter(versions.values())).gold for i, versions in groups.items()}
