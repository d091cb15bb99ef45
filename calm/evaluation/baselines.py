"""What is to be had without any training: a vote when a question is asked, or one language alone.

A vote asks every language, gives all the same answer, and costs as many answers as there are
languages. It is what an alignment is to put into the weights, so its gain is the measure of one:
(aligned - base) / (vote - base). All rests on answers that the comparison has anyway.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from calm.evaluation import metrics
from calm.evaluation.evaluate import (
    ALL,
    NO_GOLD,
    ROLES,
    answer_tables,
    log_prob_tables,
    pairs_of,
    resamples,
    score_of,
)
from calm.evaluation.metrics import UNREADABLE, Answers, Golds, Values
from calm.intervals import can_tell
from calm.records import Evaluation, LanguageWeight, Reading, Score

Way = Literal["base", "without", "aligned", "vote", "scores", "english", "surest"]
"""A language alone before and after; the plurality of all; the product of their scores; English
alone; the language alone that counts most in the run's votes, which no label has chosen. Where
passages stand before the questions, `without` is a language alone before, without them."""
ENGLISH = "en"


@dataclass(frozen=True)
class Baseline:
    """One way to an answer, on the held-out questions that have a gold answer."""

    way: Way
    language: str
    """Which one is asked; empty where that is each, or all."""
    accuracy: Score
    consistency: float
    """Share of language pairs that get one answer; 1 where all get the same."""
    calls: int
    """Answers or scores of the model that one answer takes."""
    ahead: Score
    """How much more is right than by the aligned model, question by question."""


@dataclass(frozen=True)
class Learnt:
    """How much of what a vote is better by is in the aligned model's own answers."""

    way: Way
    share: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class _Found:
    right: Values
    """How much of each question's answers is right, (questions,)."""
    consistency: float
    calls: int
    language: str = ""


@dataclass(frozen=True)
class Ways:
    """What every way reaches in one reading; nothing where no question has a gold answer.

    Nothing either where one language was asked, so that there is no vote.
    """

    reading: Reading
    found: Mapping[Way, _Found]

    @property
    def baselines(self) -> list[Baseline]:
        """Every way to an answer, the models themselves first."""
        return [
            _baseline(way, found, self.found["aligned"].right, self.reading)
            for way, found in self.found.items()
        ]

    @property
    def learnt(self) -> Learnt | None:
        """Which share of the vote's gain is in the weights now.

        The vote is the plurality where answers are read, and the product where choices are scored.
        `None` where it is not surely better than the base model, or the questions are too few to
        tell.
        """
        way: Way = "vote" if self.reading == "response" else "scores"
        if way not in self.found or not can_tell(len(self.found[way].right)):
            return None
        base = self.found["base"].right
        gain, known = self.found["aligned"].right - base, self.found[way].right - base
        drawn = resamples(len(base))
        of_vote = known[drawn].mean(1)
        if np.percentile(of_vote, 2.5) <= 0:
            return None
        low, high = np.percentile(gain[drawn].mean(1) / np.maximum(of_vote, 1e-9), [2.5, 97.5])
        share = float(gain.mean() / known.mean())
        return Learnt(way, round(share, 6), round(float(low), 6), round(float(high), 6), len(base))


def ways_to_answers(
    evaluations: Iterable[Evaluation],
    golds: Mapping[str, int | None],
    languages: Sequence[str],
    weights: Iterable[LanguageWeight],
    reading: Reading,
    without: Iterable[Evaluation] = (),
) -> Ways:
    """Return what every way reaches in one reading.

    `weights` are what the languages count in the run's votes on its training questions; without
    any, all count alike. `without` are the base model's answers without passages, in a run
    that asks with them.
    """
    rows = list(evaluations)
    gold = np.array([NO_GOLD if g is None else g for g in golds.values()])
    judged = gold != NO_GOLD
    tables = answer_tables(rows, list(golds), languages)
    if not judged.any() or len(languages) < 2 or any((r, reading) not in tables for r in ROLES):
        return Ways(reading, {})
    base, aligned = (tables[role, reading][judged] for role in ROLES)
    right, pairs, many = gold[judged], pairs_of(languages), len(languages)
    ways: dict[Way, _Found] = {
        "base": _Found(metrics.accuracy(base, right), _mean(base, pairs), 1),
        "aligned": _Found(metrics.accuracy(aligned, right), _mean(aligned, pairs), 1),
        "vote": _Found(plurality_right(base, right), 1.0, many),
    }
    plain = answer_tables(list(without), list(golds), languages).get(("base", reading))
    if plain is not None:
        plain = plain[judged]
        ways["without"] = _Found(metrics.accuracy(plain, right), _mean(plain, pairs), 1)
    counts = {row.language: row.weight for row in weights}
    scored = log_prob_tables(rows, list(golds), languages).get("base")
    if scored is not None:
        by_language = np.array([counts.get(code, 0.0 if counts else 1.0) for code in languages])
        best = product_of(scored[judged], by_language)
        ways["scores"] = _Found((best == right).astype(float), 1.0, many)
    alone: dict[Way, str] = {}
    if ENGLISH in languages:
        alone["english"] = ENGLISH
    surest = max(counts, key=lambda code: counts[code], default="")
    if surest in languages and surest != ENGLISH:
        alone["surest"] = surest
    for way, code in alone.items():
        answers = base[:, [languages.index(code)]]
        ways[way] = _Found(metrics.accuracy(answers, right), 1.0, 1, code)
    return Ways(reading, ways)


def plurality_right(answers: Answers, golds: Golds) -> Values:
    """Return how likely the answer that most languages give is right, (questions,).

    Where several are given as often, one of them is drawn by lot.
    """
    values = np.zeros(len(answers))
    for row, (given, gold) in enumerate(zip(answers, golds, strict=True)):
        said, count = np.unique(given[given != UNREADABLE], return_counts=True)
        if len(said):
            most = said[count == count.max()]
            values[row] = (most == gold).sum() / len(most)
    return values


def product_of(log_probs: Values, weights: Values) -> Answers:
    """Return the choice with the largest product over languages, (questions,).

    `log_probs`, (questions, languages, choices), are made probabilities of the choices first; each
    language's has its weight, (languages,), as exponent.
    """
    top = log_probs.max(-1, keepdims=True)
    normal = log_probs - top - np.log(np.exp(log_probs - top).sum(-1, keepdims=True))
    with np.errstate(invalid="ignore"):  # 0 times the minus infinity of a choice there is not
        support = np.where(np.isfinite(normal), weights[:, None] * normal, -np.inf).sum(1)
    best: Answers = support.argmax(1)
    return best


def _mean(answers: Answers, pairs: Sequence[tuple[int, int]]) -> float:
    return float(metrics.agreement(answers, pairs).mean())


def _baseline(way: Way, found: _Found, aligned: Values, reading: Reading) -> Baseline:
    role = "aligned" if way == "aligned" else "base"
    return Baseline(
        way,
        found.language,
        score_of(role, reading, ALL, "accuracy", found.right),
        round(found.consistency, 6),
        found.calls,
        score_of("change", reading, ALL, "accuracy", found.right - aligned),
    )
