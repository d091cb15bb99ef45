"""The stage `damage`: what the alignment may have harmed, in short, or all of it when asked for.

After `evaluate` a run looks at a part of every probe, so that no gain is shown without its price.
All questions, and those of another set, are looked at when somebody asks (`want`); what was asked
before is not asked again.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calm.config import BUILT_IN, DEFAULT_LANGUAGES, RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.evaluation.damage import answer_freely, choose, read_texts
from calm.evaluation.damage_findings import as_probed, damage_of
from calm.evaluation.damage_sets import culture, reworded, sentences, spread
from calm.evaluation.evaluate import ROLES
from calm.intervals import LEAST
from calm.languages.table import LANGUAGES, language
from calm.pairs.edits import training_pairs
from calm.pipeline.context import Context, Progress
from calm.pipeline.run_questions import Groups, golds_of, groups_of, split_of
from calm.probes import Probe, Probed
from calm.questions.pointing import points
from calm.questions.public_load import rewordings_of
from calm.questions.sets import by_id, load_questions
from calm.records import ModelRole, Question
from calm.runs.folder import Run, from_json, to_json, write_whole

WANTED = "damage.wanted.json"
"""What somebody asked to be looked at and is not yet; gone once it is."""
MOST: dict[Probe, int] = {"free": 24, "reworded": 24, "languages": 12, "domain": 24, "culture": 32}
"""How many questions of a probe a run looks at by itself, at most."""
IDS_AT_ONCE = 8
Key = tuple[str, str, str, str]
"""Probe, set, item, language."""
Part = Sequence[Mapping[str, Question]]
"""Some questions, each in its versions."""


@dataclass(frozen=True)
class Wanted:
    """What is to be looked at."""

    whole: bool = False
    """All questions of every probe, not a part."""
    question_set: str = ""
    """Another set to ask, by its name or file; empty for none. In languages that were trained on it
    is another domain, or the held-out questions in other words where it has their ids."""
    languages: tuple[str, ...] = ()
    """Those of the set to ask in; empty for all."""


@dataclass(frozen=True)
class Task:
    """Some questions, or sentences, of one probe that go through the model together."""

    keys: frozenset[Key]
    ask: Callable[[Any, ModelRole], list[Probed]]


def want(run: Run, wanted: Wanted) -> None:
    """Ask a run that is compared to look at more; it does when it goes on.

    Raises CalmError for a set that cannot be read, for a language that there is not, and for a run
    that has no aligned model to look at.
    """
    if not run.has("scores") or not run.adapter.is_dir():
        raise CalmError("damage.not-measured", name=run.name)
    for code in wanted.languages:
        language(code)
    if wanted.question_set:
        load_questions(wanted.question_set, wanted.languages or tuple(LANGUAGES))
    write_whole(run.folder / WANTED, to_json(wanted) + "\n")


def forget(run: Run) -> None:
    """Remove what was found, so that all of it is asked again."""
    for name in ("damage", "damage_answers"):
        run.path(name).unlink(missing_ok=True)


def is_looked_at(run: Run) -> bool:
    """Tell whether what is wanted is there; a run compared before there was such a look has it."""
    return not (run.folder / WANTED).is_file() and (run.has("damage") or run.has("comparisons"))


def look_for_damage(context: Context) -> None:
    """Ask both models what is not asked yet, and write what was found."""
    run = context.run
    wanted = wanted_of(run)
    _ask_both(context, list(_tasks(run, wanted)))
    groups = groups_of(run)
    golds = golds_of(split_of(groups, "held-out"))
    own = as_probed(run.rows("evaluations"), golds, untrained_questions(run, groups))
    run.write("damage", damage_of([*own, *run.rows("damage_answers")]))
    (run.folder / WANTED).unlink(missing_ok=True)


def wanted_of(run: Run) -> Wanted:
    """Return what is to be looked at: a part, unless somebody asked for more."""
    file = run.folder / WANTED
    return from_json(Wanted, file.read_bytes()) if file.is_file() else Wanted()


def answers_in_part(config: RunConfig, held_out: int) -> int:
    """Return about how many answers of both models a run's own look takes."""
    built_in = config.question_set == BUILT_IN
    most = {probe: _most(probe, held_out) for probe in MOST}
    asked = min(most["free"], held_out) * (2 if built_in else 1)
    asked += most["culture"] + (0 if built_in else most["domain"])
    texts = sum(len(sentences(code)) for code in config.languages)
    others = len(set(DEFAULT_LANGUAGES) - set(config.languages))
    return 2 * (asked * len(config.languages) + most["languages"] * others + texts)


def _most(probe: Probe, held_out: int) -> int:
    """Return how many questions of a probe are a part: fewer where the run is small."""
    return min(MOST[probe], max(LEAST, held_out // 2))


def untrained_questions(run: Run, groups: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Return the held-out questions of topics that were not trained on, by id.

    That are those that no pair is about; where training took no pairs, no question to train on.
    """
    topics = {i: next(iter(versions.values())).topic for i, versions in groups.items()}
    taught = {pair.question_id for pair in training_pairs(run)} or split_of(groups, "train").keys()
    trained = {topics.get(identity, "") for identity in taught}
    held_out = split_of(groups, "held-out")
    return frozenset(i for i in held_out if topics[i] and topics[i] not in trained)


def _tasks(run: Run, wanted: Wanted) -> Iterator[Task]:
    config, held_out = run.config, split_of(groups_of(run), "held-out")
    sampling = config.sampling
    plain = {
        i: v for i, v in held_out.items() if not any(points(q) or not q.choices for q in v.values())
    }
    most = {probe: None if wanted.whole else _most(probe, len(held_out)) for probe in MOST}
    for part in _parts(plain, most["free"]):
        freely = functools.partial(_freely, part, sampling)
        yield Task(_keys("free", "", part), freely)
    sets: list[tuple[Probe, str, Groups]] = [
        ("reworded", "", reworded(held_out, _wordings(config))),
        ("culture", "", culture(config.languages)),
        *_other_questions(run, wanted, frozenset(held_out)),
    ]
    for probe, of_set, groups in sets:
        for part in _parts(groups, None if of_set else most[probe]):
            by_choices = functools.partial(_by_choices, probe, of_set, part, sampling)
            yield Task(_keys(probe, of_set, part), by_choices)
    for code in config.languages:
        if lines := len(sentences(code)):
            keys = frozenset(("texts", "", f"{code}-{n}", code) for n in range(1, lines + 1))
            yield Task(keys, functools.partial(_texts, code))


def _wordings(config: RunConfig) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return other wordings of the run's questions; none where their set is not to be had now."""
    try:
        return rewordings_of(config.question_set, config.languages)
    except CalmError:
        return {}


def _freely(part: Part, config: SamplingConfig, model: Any, role: ModelRole) -> list[Probed]:
    return answer_freely(model, part, role, config)


def _by_choices(
    probe: Probe, of_set: str, part: Part, config: SamplingConfig, model: Any, role: ModelRole
) -> list[Probed]:
    return choose(model, probe, of_set, part, role, config)


def _texts(code: str, model: Any, role: ModelRole) -> list[Probed]:
    return read_texts(model, [code], role)


def _other_questions(
    run: Run, wanted: Wanted, held_out: frozenset[str]
) -> Iterator[tuple[Probe, str, Groups]]:
    """Yield questions in languages, and of another set, that the run was not trained on.

    Those of the set that have the ids of held-out questions are these in other words.
    """
    config = run.config
    trained = {pair.language for pair in training_pairs(run)} or set(config.languages)
    asked = _held_out_built_in()
    yield "languages", "", _only(asked, lambda code: code not in {*trained, *config.languages})
    if config.question_set != BUILT_IN:
        yield "domain", "", _only(asked, lambda code: code in trained)
    if wanted.question_set:
        rows = load_questions(wanted.question_set, wanted.languages or tuple(LANGUAGES))
        every = by_id(row for row in rows if row.choices and row.gold is not None)
        given = split_of(every, "held-out") or every
        yield "languages", wanted.question_set, _only(given, lambda code: code not in trained)
        known = _only(given, lambda code: code in trained)
        again = {i: versions for i, versions in known.items() if i in held_out}
        yield "reworded", wanted.question_set, again
        others = {i: versions for i, versions in known.items() if i not in held_out}
        yield "domain", wanted.question_set, others


@functools.cache
def _held_out_built_in() -> Groups:
    return split_of(by_id(load_questions(BUILT_IN, tuple(LANGUAGES))), "held-out")


def _only(groups: Groups, is_asked: Callable[[str], bool]) -> Groups:
    kept = {i: {c: q for c, q in v.items() if is_asked(c)} for i, v in groups.items()}
    return {i: versions for i, versions in kept.items() if versions}


def _parts(groups: Groups, most: int | None) -> Iterator[Part]:
    """Yield at most so many questions, spread over all, as many as are asked together."""
    rest = iter(groups[identity] for identity in spread(list(groups), most))
    while part := tuple(itertools.islice(rest, IDS_AT_ONCE)):
        yield part


def _keys(probe: Probe, of_set: str, part: Part) -> frozenset[Key]:
    every = (question for versions in part for question in versions.values())
    return frozenset((probe, of_set, q.id, q.language) for q in every)


def _ask_both(context: Context, tasks: Sequence[Task]) -> None:
    """Do what is missing of the tasks, by the base model first, then by the aligned one."""
    run = context.run
    have = {(row.model, _key(row)) for row in run.rows("damage_answers")}
    run.append("damage_answers", [])
    missing = {
        role: [task for task in tasks if any((role, key) not in have for key in task.keys)]
        for role in ROLES
    }
    wanted = {(role, key) for role in ROLES for task in tasks for key in task.keys}
    progress = Progress(context, "damage", len(have & wanted), len(wanted))
    for role, adapter in zip(ROLES, (None, run.adapter), strict=True):
        if not missing[role]:
            continue
        model = context.model()
        with model.use(adapter):
            for task in missing[role]:
                rows = task.ask(model, role)
                new = [row for row in rows if (role, _key(row)) not in have]
                run.append("damage_answers", new)
                have |= {(role, _key(row)) for row in new}
                progress.reach(len(have & wanted))


def _key(row: Probed) -> Key:
    return (row.probe, row.set, row.item, row.language)
