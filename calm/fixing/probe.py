"""What is kept while a patch is trained, and what it is measured with: the built-in set.

Rehearsal questions are of its training part. The probe is of its held-out part, and of other topics
than the edits: neither was ever taught.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence

from calm.config import BUILT_IN
from calm.evaluation.damage_sets import Groups, reworded, spread
from calm.pipeline.run_questions import split_of
from calm.questions.pointing import points
from calm.questions.public_load import rewordings_of
from calm.questions.sets import by_id, load_questions
from calm.records import Question

PROBE_QUESTIONS = 64
CONTINUATIONS = 10
CANDIDATES = 48
"""So many questions are looked through for those on which the languages agree."""


def probe_questions(
    languages: Sequence[str],
    edited: Collection[str],
    topics: Collection[str],
    most: int = PROBE_QUESTIONS,
) -> Groups:
    """Return the questions that a patch must not change, in every language that has them.

    Those of the edits' topics are left out, unless nothing else is there.
    """
    held_out = split_of(by_id(load_questions(BUILT_IN, languages)), "held-out")
    others = {i: v for i, v in held_out.items() if i not in edited}
    of_other_topics = {i: v for i, v in others.items() if _topic(v) not in topics}
    kept = of_other_topics or others
    return {identity: kept[identity] for identity in spread(list(kept), most)}


def rehearsal_questions(languages: Sequence[str], edited: Collection[str]) -> Groups:
    """Return candidates for what is rehearsed: training questions that are not edited."""
    train = split_of(by_id(load_questions(BUILT_IN, languages)), "train")
    kept = [i for i, v in train.items() if i not in edited and not any(map(points, v.values()))]
    return {identity: train[identity] for identity in spread(kept, CANDIDATES)}


def continued(probe: Mapping[str, Mapping[str, Question]]) -> list[dict[str, Question]]:
    """Return questions of the probe to be answered freely, each in one language, in turns."""
    found = []
    for turn, identity in enumerate(spread(list(probe), CONTINUATIONS)):
        codes = list(probe[identity])
        code = codes[turn % len(codes)]
        found.append({code: probe[identity][code]})
    return found


def other_wordings(versions: Sequence[Question], set_name: str = BUILT_IN) -> tuple[Question, ...]:
    """Return an edited question in other words, in the languages in which its set has any."""
    codes = tuple(question.language for question in versions)
    group = {versions[0].id: {question.language: question for question in versions}}
    found = reworded(group, rewordings_of(set_name, codes)).get(versions[0].id, {})
    return tuple(dataclasses.replace(question, split="train") for question in found.values())


def _topic(versions: Mapping[str, Question]) -> str:
    return next(iter(versions.values())).topic
