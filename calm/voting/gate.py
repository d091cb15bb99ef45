"""The gate: how many questions a smallest vote share keeps, and how often their votes are right.

Where gold answers exist this is measured. Where none do there is an estimate, as a range: how many
of all answers, counted plainly, agree with the winner of the kept votes, and how many when they are
weighed by the rule. On the responses it was tried on the truth lay inside the range or up to 10
points below it: languages that share an error agree on it (`docs/VOTING.md`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from calm.records import Response, Rule, Vote
from calm.voting.rules import RULE_NAMES
from calm.voting.vote import plurality, vote

SHARES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9)
FRACTIONS = (1.0, 0.75, 0.5, 0.25)


@dataclass(frozen=True)
class Gate:
    """What a rule gives behind a gate, or what one language gives alone."""

    rule: str
    """A voting rule, or `language alone`."""
    language: str | None
    minimum_share: float
    """The smallest share that is kept."""
    kept: int
    of: int
    """Questions in all."""
    expected_low: float | None
    """The estimate without labels: mean part of all answers that agree with the winner, ..."""
    expected_high: float | None
    """... and the same weighed by the rule, the mean share. `None` where nothing is kept."""
    precision: float | None
    """Share of the kept votes that are right; `None` without gold answers."""
    fraction: float | None = None
    """Set where not a share but a part of the questions was asked for, best share first."""
    judged: int = 0
    """Questions with a gold answer that `precision` rests on."""


def compare_rules(
    answered: Sequence[Response],
    choices: Mapping[str, int],
    golds: Mapping[str, int | None],
    anchor: str | None = None,
) -> list[Gate]:
    """Return every rule at several smallest shares and fractions, then every language alone."""
    rows: list[Gate] = []
    for rule in RULE_NAMES:
        votes, _ = vote(answered, choices, rule, anchor if rule == "anchor" else None)  # type: ignore[arg-type]
        rows += gates(rule, votes, golds)  # type: ignore[arg-type]
    return rows + languages_alone(answered, choices, golds)


def gates(rule: Rule, votes: Sequence[Vote], golds: Mapping[str, int | None]) -> list[Gate]:
    """Return what is kept at each smallest share, and at each fraction of the questions."""
    rows = [gate_at(rule, votes, golds, share) for share in SHARES]
    return rows + [_best(rule, votes, golds, fraction) for fraction in FRACTIONS]


def languages_alone(
    answered: Iterable[Response], choices: Mapping[str, int], golds: Mapping[str, int | None]
) -> list[Gate]:
    """Return how each language does by its own plurality, over all questions."""
    answers: dict[str, dict[str, list[int | None]]] = {}
    for response in answered:
        if response.question_id in choices:
            own = answers.setdefault(response.language, {})
            own.setdefault(response.question_id, []).append(response.answer)
    rows = []
    for code, by_question in answers.items():
        winners = {i: plurality(given) for i, given in by_question.items()}
        decided = [i for i in winners if winners[i] is not None]
        right = [winners[i] == golds[i] for i in choices if _judged(golds, i) and i in winners]
        precision, of = _mean(right), len(choices)
        alone = Gate("language alone", code, 0.0, len(decided), of, None, None, precision)
        rows.append(replace(alone, judged=len(right)))
    return rows


def gate_at(
    rule: Rule, votes: Sequence[Vote], golds: Mapping[str, int | None], share: float
) -> Gate:
    """Return what is kept at a smallest share, and how often it is right."""
    kept = [v for v in votes if v.winner is not None and v.share >= share]
    right = [v.winner == golds[v.question_id] for v in kept if _judged(golds, v.question_id)]
    kept_of = (len(kept), len(votes))
    expected = _expected(kept)
    return Gate(rule, None, share, *kept_of, *expected, _mean(right), judged=len(right))


def _best(
    rule: Rule, votes: Sequence[Vote], golds: Mapping[str, int | None], fraction: float
) -> Gate:
    """Keep a fraction of the questions, those with the largest share first.

    A vote without a winner comes last and is not right. Where only some votes of one share are
    kept, which ones is chance: their precision is that of all of them.
    """
    wanted = round(fraction * len(votes))
    ranked = sorted(votes, key=_rank)
    kept = ranked[:wanted]
    if not kept:
        return Gate(rule, None, 0.0, 0, len(votes), None, None, None, fraction)
    border = _rank(kept[-1])
    inside = [v for v in kept if _rank(v) < border]
    tied = [v for v in ranked if _rank(v) == border]
    judged = [v for v in inside if _judged(golds, v.question_id)]
    judged_ties = [v for v in tied if _judged(golds, v.question_id)]
    precision, places = None, 0.0
    if judged or judged_ties:
        among_ties = _mean([v.winner == golds[v.question_id] for v in judged_ties]) or 0.0
        places = len(judged_ties) * (len(kept) - len(inside)) / len(tied)
        right = sum(v.winner == golds[v.question_id] for v in judged)
        precision = round((right + among_ties * places) / (len(judged) + places), 6)
    smallest = kept[-1].share if kept[-1].winner is not None else 0.0
    rests_on = round(len(judged) + places)
    kept_of = (len(kept), len(votes))
    expected = _expected(kept)
    return Gate(rule, None, smallest, *kept_of, *expected, precision, fraction, rests_on)


def _expected(kept: Sequence[Vote]) -> tuple[float | None, float | None]:
    """Return the range in which the precision of these votes is expected, the smaller first."""
    decided = [v for v in kept if v.winner is not None]
    plain = [v.counts[v.winner] / sum(v.counts) for v in decided if v.winner is not None]
    both = (_mean(plain), _mean([v.share for v in decided]))
    low, high = sorted(both, key=lambda value: value or 0.0)
    return low, high


def _rank(vote: Vote) -> tuple[bool, float]:
    return (vote.winner is None, -vote.share)


def _judged(golds: Mapping[str, int | None], identity: str) -> bool:
    return golds.get(identity) is not None


def _mean(values: Sequence[float | bool]) -> float | None:
    return round(sum(values) / len(values), 6) if values else None
