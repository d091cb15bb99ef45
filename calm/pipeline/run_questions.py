"""The questions of a run: which ones it asks, by split, in every language."""

from collections.abc import Mapping, Sequence

from calm.config import RunConfig
from calm.errors import CalmError
from calm.questions.passages import behind_passages
from calm.questions.sets import by_id, load_questions
from calm.questions.translate import missing_versions
from calm.records import Question, Split
from calm.runs.folder import Run
from calm.runs.rounds import round_of

Groups = dict[str, dict[str, Question]]
MOST_TOPICS = 20
"""So many topics of a set are named where one is asked for that it has not."""


def groups_of(run: Run, number: int | None = None) -> Groups:
    """Return the questions that a run asks, with their translations: id -> language -> question.

    Where every round has questions of its own, those of the round with this number, by default of
    the one that the run is in.
    """
    groups, config = usable_groups_of(run), run.config.train
    if not config.fresh_questions or config.rounds == 1:
        return groups
    own = list(split_of(groups, "train"))[(number or round_of(run)) - 1 :: config.rounds]
    kept = {*own, *split_of(groups, "held-out")}
    return {i: versions for i, versions in groups.items() if i in kept}


def usable_groups_of(run: Run) -> Groups:
    """Return the questions of all rounds, with their translations.

    All that follows is about runs in which a version could not be made. A training question may
    lack a language, but has two of them. Held-out questions are compared on the same languages,
    all of them: see `comparable`. What was voted on or measured before stays.
    """
    groups = all_groups_of(run)
    if not any(run.rows("untranslated")):
        return groups
    voted_on = {vote.question_id for vote in run.rows("votes")}
    train = {
        i: versions
        for i, versions in split_of(groups, "train").items()
        if len(versions) > 1 or i in voted_on
    }
    held_out = split_of(groups, "held-out")
    ids, codes = _measured(run) or comparable(held_out, run.config.measured_languages)
    compared = {
        i: {code: held_out[i][code] for code in codes if code in held_out[i]}
        for i in held_out
        if i in ids
    }
    return {i: kept[i] for i in groups for kept in (train, compared) if i in kept}


def comparable(
    held_out: Mapping[str, Mapping[str, Question]], languages: Sequence[str]
) -> tuple[set[str], tuple[str, ...]]:
    """Return the held-out questions and the languages that two models are compared on.

    Each of the questions exists in each of the languages. Of the languages that most questions
    have, so many are taken that most answers are left to compare; the more the better. Nothing is
    left where no question exists in two languages.
    """
    count = {code: sum(code in versions for versions in held_out.values()) for code in languages}
    ranked = sorted(languages, key=lambda code: -count[code])
    best: tuple[set[str], tuple[str, ...]] = (set(), ())
    for size in range(len(ranked), 1, -1):
        codes = tuple(code for code in languages if code in ranked[:size])
        ids = {i for i, versions in held_out.items() if all(code in versions for code in codes)}
        if len(ids) * size > len(best[0]) * len(best[1]):
            best = ids, codes
    return best


def _measured(run: Run) -> tuple[set[str], tuple[str, ...]] | None:
    """Return the questions and languages that a run is measured on; `None` before it is."""
    if not run.has("scores"):
        return None
    rows = run.rows("evaluations")
    codes = {row.language for row in rows}
    asked_in = run.config.measured_languages
    return {row.question_id for row in rows}, tuple(code for code in asked_in if code in codes)


def languages_of(run: Run, groups: Mapping[str, Mapping[str, Question]]) -> tuple[str, ...]:
    """Return the languages of a run that these questions exist in."""
    codes = {code for versions in groups.values() for code in versions}
    return tuple(code for code in run.config.measured_languages if code in codes)


def all_groups_of(run: Run) -> Groups:
    """Return all questions, also those that are left out, each behind its passages."""
    return behind_passages(plain_groups_of(run), run.rows("passages"))


def plain_groups_of(run: Run) -> Groups:
    """Return all questions, also those that are left out, without passages."""
    groups = by_id([*run.rows("questions"), *run.rows("translations")])
    return {
        i: {code: v[code] for code in asked_in(run.config, v) if code in v}
        for i, v in groups.items()
    }


def asked_in(config: RunConfig, versions: Mapping[str, Question]) -> tuple[str, ...]:
    """Return the languages that a run asks a question in: more where it is held out."""
    split = next(iter(versions.values())).split
    return config.languages if split == "train" else config.measured_languages


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
    asked = load_questions(config.question_set, config.measured_languages, config.columns)
    groups = by_id(_of_topics(config, asked))
    limits = {
        "train": config.max_train_questions,
        "held-out": config.max_held_out_questions,
    }
    kept = [
        question
        for split, limit in limits.items()
        for versions in _spread(split_of(groups, split), limit).values()
        for code, question in versions.items()
        if code in asked_in(config, versions)
    ]
    splits = {question.split for question in kept}
    if not splits.issuperset(needed_splits(config)):
        raise CalmError("questions.one-split", questions=config.question_set)
    return kept


def _of_topics(config: RunConfig, questions: Sequence[Question]) -> list[Question]:
    """Return the questions of the topics that each split is to be of.

    Raises CalmError for a topic that the set has not.
    """
    wanted = {"train": config.train_topics, "held-out": config.measure_topics}
    known = {question.topic for question in questions}
    for topic in (*config.train_topics, *config.measure_topics):
        if topic not in known:
            listed = sorted(filter(None, known))[:MOST_TOPICS]
            raise CalmError("questions.no-topic", topic=repr(topic[:40]), topics=", ".join(listed))
    return [q for q in questions if not wanted[q.split] or q.topic in wanted[q.split]]


def needed_splits(config: RunConfig) -> tuple[Split, ...]:
    """Return the splits without questions of which a run is none."""
    return ("held-out",) if config.pairs_given else ("train", "held-out")


def lacking_versions(run: Run) -> list[tuple[Question, str]]:
    """Return (original, language) for every version that a run needs and its set has not.

    A run that came with its pairs asks what is held out alone.
    """
    groups = plain_groups_of(run)
    if run.config.pairs_given:
        groups = split_of(groups, "held-out")
    return lacking_of(run.config, groups)


def lacking_of(config: RunConfig, groups: Groups) -> list[tuple[Question, str]]:
    """Return (original, language) for every version that these questions lack."""
    splits: tuple[tuple[Split, tuple[str, ...]], ...] = (
        ("train", config.languages),
        ("held-out", config.measured_languages),
    )
    found = (missing_versions(split_of(groups, split), codes) for split, codes in splits)
    return [row for rows in found for row in rows]


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


def choice_questions(run: Run) -> list[Question]:
    """Return the training questions whose choices can be trained on, in all languages of the run.

    A question has two choices or more, and two languages or more.
    """
    groups = split_of(groups_of(run), "train").values()
    kept = [[q for q in versions.values() if len(q.choices) > 1] for versions in groups]
    return [question for versions in kept if len(versions) > 1 for question in versions]


def golds_of(groups: Mapping[str, Mapping[str, Question]]) -> dict[str, int | None]:
    """Return the right choice of each question; `None` where nobody says which it is."""
    return {i: next(iter(versions.values())).gold for i, versions in groups.items()}
