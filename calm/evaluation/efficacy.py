"""Efficacy: do the languages now say, on the questions trained on, what they were taught?

Held-out questions tell whether something carried over; these tell whether anything was learnt at
all. What was taught is what the pairs' chosen sides state: the winner of the vote, or what people
put in its place. No gold answer is looked at.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from calm.evaluation.evaluate import ALL, ROLES, answer_tables, before_and_after
from calm.records import Evaluation, PreferencePair, Question, Score

MOST_QUESTIONS = 128
"""So many of the questions trained on are asked again, spread evenly over all of them."""
Taught = dict[tuple[str, str], int]
"""The choice that was taught, by question and language."""
Groups = Mapping[str, Mapping[str, Question]]


def taught(pairs: Iterable[PreferencePair], groups: Groups, most: int = MOST_QUESTIONS) -> Taught:
    """Return what was taught on the questions trained on, `most` of them at most.

    A language without a pair was taught what the pairs of all others state. Where pairs of one
    question disagree, as people may have voted, nothing was taught.
    """
    stated: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for pair in pairs:
        choice = stated_choice(groups[pair.question_id][pair.language], pair.chosen)
        if choice is not None:
            stated[pair.question_id][pair.language].add(choice)
    ids = list(stated)
    kept = ids if len(ids) <= most else [ids[n * len(ids) // most] for n in range(most)]
    return {
        (identity, code): next(iter(choices))
        for identity in kept
        for code in groups[identity]
        if len(choices := stated[identity].get(code) or set.union(*stated[identity].values())) == 1
    }


def stated_choice(question: Question, side: str) -> int | None:
    """Return the choice that one side of a pair ends with, the longest that fits; else `None`."""
    ends = side.rstrip().casefold()
    fits = [n for n, text in enumerate(question.choices) if ends.endswith(text.strip().casefold())]
    return max(fits, key=lambda n: len(question.choices[n]), default=None)


def efficacy(
    answers: Iterable[Evaluation], taught: Taught, languages: Sequence[str]
) -> Iterator[Score]:
    """Yield the share of greedy answers that are what was taught, base, aligned and the change.

    An unreadable answer is none of them. Nothing is yielded where nothing was taught.
    """
    ids = list(dict.fromkeys(identity for identity, _ in taught))
    if not ids:
        return
    wanted = np.array([[taught.get((i, code), -2) for code in languages] for i in ids])
    tables = answer_tables(answers, ids, languages)
    asked = wanted >= 0
    hits = [(tables[role, "response"] == wanted) & asked for role in ROLES]
    share = [found.sum(1) / asked.sum(1) for found in hits]
    yield from before_and_after("response", ALL, "efficacy", share)
    for column, code in enumerate(languages):
        own = asked[:, column]
        values = [found[own, column].astype(float) for found in hits]
        yield from before_and_after("response", code, "efficacy", values)
