"""Stage `vote`: which answer do all languages, all samples together, support most?

A rule of `calm.voting.rules` says how much each language counts. The share of the winner tells how
far to trust it, without labels.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from calm.records import LanguageWeight, Response, Rule, Vote
from calm.voting.rules import (
    Counts,
    agreement_with_others,
    apply_rule,
    relative,
    reliabilities,
    self_agreement,
)

SAME = 1e-9
"""Support that differs by less is the same: a tie."""
DIGITS = 6


def vote(
    answered: Iterable[Response],
    choices: Mapping[str, int],
    rule: Rule = "reliability",
    anchor: str | None = None,
) -> tuple[list[Vote], list[LanguageWeight]]:
    """Return one vote a question and what each language counted.

    `choices` maps each question's id to its number of choices and gives the order of the votes.
    `anchor` names the language that the rule `anchor` builds on; `None` lets it find one.
    """
    by_question: dict[str, list[Response]] = {identity: [] for identity in choices}
    languages: dict[str, None] = {}
    for response in answered:
        if response.question_id in by_question:
            by_question[response.question_id].append(response)
            languages.setdefault(response.language)
    if not choices or not languages:
        return [_undecided(identity, number, rule) for identity, number in choices.items()], []
    counts = count_answers(by_question, choices, list(languages))
    place = list(languages).index(anchor) if anchor in languages else None
    result = apply_rule(rule, counts, np.array(list(choices.values())), place)
    votes = [
        _vote(identity, responses, choices[identity], rule, support.tolist())
        for (identity, responses), support in zip(by_question.items(), result.support, strict=True)
    ]
    return votes, language_weights(list(languages), counts, result.weights.tolist())


def count_answers(
    by_question: Mapping[str, Sequence[Response]],
    choices: Mapping[str, int],
    languages: Sequence[str],
) -> Counts:
    """Return how often each language gave each choice, (questions, languages, choices)."""
    column = {code: number for number, code in enumerate(languages)}
    counts = np.zeros((len(by_question), len(languages), max(choices.values())))
    for row, responses in enumerate(by_question.values()):
        for response in responses:
            if response.answer is not None:
                counts[row, column[response.language], response.answer] += 1
    return counts


def language_weights(
    languages: Sequence[str], counts: Counts, weights: Sequence[float]
) -> list[LanguageWeight]:
    """Return what each language counts, and the agreement that this rests on."""
    itself, others = self_agreement(counts), agreement_with_others(counts)
    relative_reliability = relative(reliabilities(counts))
    return [
        LanguageWeight(
            code,
            round(float(weights[number]), DIGITS),
            round(float(itself[number]), DIGITS),
            round(float(others[number]), DIGITS),
            round(float(relative_reliability[number]), DIGITS),
            int(counts[:, number].sum()),
        )
        for number, code in enumerate(languages)
    ]


def _vote(
    identity: str, responses: Sequence[Response], choices: int, rule: Rule, support: list[float]
) -> Vote:
    answers = [response.answer for response in responses]
    codes = dict.fromkeys(response.language for response in responses)
    ranked = sorted((*support, 0.0), reverse=True)
    tied = ranked[0] - ranked[1] < SAME
    return Vote(
        question_id=identity,
        rule=rule,
        counts=tuple(answers.count(choice) for choice in range(choices)),
        support=tuple(round(value, DIGITS) for value in support[:choices]),
        unreadable=answers.count(None),
        winner=None if tied else support.index(ranked[0]),
        share=round(ranked[0], DIGITS),
        margin=0.0 if tied else round(ranked[0] - ranked[1], DIGITS),
        entropy=round(entropy(support), DIGITS),
        by_language={
            code: plurality([r.answer for r in responses if r.language == code]) for code in codes
        },
    )


def _undecided(identity: str, choices: int, rule: Rule) -> Vote:
    return _vote(identity, [], choices, rule, [0.0] * choices)


def entropy(support: Sequence[float]) -> float:
    """Return the entropy of the support in bits: 0 where all agree, 2 for four choices alike."""
    parts = np.array([value for value in support if value > 0])
    return float(-(parts * np.log2(parts)).sum()) + 0.0


def plurality(answers: Iterable[int | None]) -> int | None:
    """Return the most frequent answer; `None` for a tie or where none could be read."""
    ranked = Counter(answer for answer in answers if answer is not None).most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
