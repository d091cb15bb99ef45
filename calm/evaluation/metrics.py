"""What is measured on answers and choice scores of several languages: plain functions on arrays.

Every function that can gives one value a question, so that intervals can be drawn by resampling
questions. An unreadable answer is wrong and agrees with nothing, not even with another one.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

UNREADABLE = -1

Answers = npt.NDArray[np.int64]
"""Answers of one model in one reading, (questions, languages); `UNREADABLE` where none."""
Golds = npt.NDArray[np.int64]
"""Right answers, (questions,)."""
Values = npt.NDArray[np.float64]


def accuracy(answers: Answers, golds: Golds) -> Values:
    """Return the share of languages that are right, (questions,)."""
    values: Values = (answers == golds[:, None]).mean(1)
    return values


def agreement(answers: Answers, pairs: Sequence[tuple[int, int]]) -> Values:
    """Return the share of language pairs that give the same answer, (questions,).

    This is the consistency of Wang et al., Findings of NAACL 2025. `pairs` names columns.
    """
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    same = (answers[:, left] == answers[:, right]) & (answers[:, left] != UNREADABLE)
    values: Values = same.mean(1)
    return values


def unreadable(answers: Answers) -> Values:
    """Return the share of answers that could not be read, (questions,)."""
    values: Values = (answers == UNREADABLE).mean(1)
    return values


def consistently_right(answers: Answers, golds: Golds) -> Values:
    """Return 1 where every language gives the right answer, else 0, (questions,)."""
    values: Values = (answers == golds[:, None]).all(1).astype(float)
    return values


def consistently_wrong(answers: Answers, golds: Golds) -> Values:
    """Return 1 where every language gives the same wrong answer, else 0, (questions,)."""
    first = answers[:, :1]
    same = (answers == first).all(1) & (answers[:, 0] != UNREADABLE)
    values: Values = (same & (answers[:, 0] != golds)).astype(float)
    return values


def split(answers: Answers, golds: Golds) -> Values:
    """Return 1 where the languages do not all give one answer, else 0, (questions,)."""
    return 1 - consistently_right(answers, golds) - consistently_wrong(answers, golds)


def rank_consistency(log_probs: Values, pairs: Sequence[tuple[int, int]]) -> Values:
    """Return RankC averaged over language pairs, (questions,) (Qi et al., EMNLP 2023, section 3).

    `log_probs`, (questions, languages, choices), ranks the choices; `-inf` beyond a question's
    own choices. Precision among the first j choices is weighted by the softmax of N - j.
    """
    values = [_rank_consistency(scores, pairs) for scores in log_probs]
    return np.array(values, dtype=float)


def rank_chance(choices: int) -> float:
    """Return the RankC that two independent rankings of so many choices have on average.

    Of the first j of either, j * j / N are then common, so that precision is j / N.
    """
    return float(_rank_weights(choices) @ np.arange(1, choices + 1)) / choices


def rank_floor(choices: int) -> float:
    """Return the least RankC that two rankings of so many choices can have: one the other reversed.

    The first j of either then have max(0, 2j - N) in common, and no two rankings have fewer.
    """
    first = np.arange(1, choices + 1)
    return float(_rank_weights(choices) @ (np.maximum(0, 2 * first - choices) / first))


def _rank_weights(choices: int) -> Values:
    """Return what precision among the first 1, 2, ... N choices counts: the softmax of N - j."""
    weights = np.exp(-np.arange(choices, dtype=float))
    values: Values = weights / weights.sum()
    return values


def _rank_consistency(scores: Values, pairs: Sequence[tuple[int, int]]) -> float:
    size = int(np.isfinite(scores[0]).sum())
    orders = np.argsort(-scores, axis=1, kind="stable")[:, :size]
    weights = _rank_weights(size)
    total = 0.0
    for left, right in pairs:
        for count in range(1, size + 1):
            common = np.intersect1d(orders[left, :count], orders[right, :count]).size
            total += float(weights[count - 1]) * common / count
    return total / len(pairs)


def right_parts(
    answers: Answers, golds: Golds, pairs: Sequence[tuple[int, int]]
) -> tuple[Values, Values]:
    """Return where both languages of a pair are right, and where at least one is.

    Both are (questions, pairs), 1 or 0; `known_consistency` is made of their means.
    """
    right = answers == golds[:, None]
    left, other = right[:, [a for a, _ in pairs]], right[:, [b for _, b in pairs]]
    return (left & other).astype(float), (left | other).astype(float)


def known_consistency(both: Values, either: Values) -> Values:
    """Return how often two languages agree on what at least one of them gets right, (...).

    `both` and `either`, (..., pairs), are the shares of questions on which both and at least one
    of a pair are right. As one answer is right, the two agree there where both are right: it is
    the overlap of correct answers that is reported on KLAR (Wang et al., ACL 2025).
    The mean over pairs; a pair that gets nothing right has none, and not a number is left of none.
    """
    known = either > 0
    ratios = np.where(known, both / np.where(known, either, 1.0), 0.0)
    count = known.sum(-1)
    values: Values = np.where(count > 0, ratios.sum(-1) / np.maximum(count, 1), np.nan)
    return values


def language_gap(accuracies: Values) -> Values:
    """Return how much more the best language gets right than the worst, (...).

    `accuracies` is (..., languages). It cannot be below zero, so that chance alone widens it where
    questions are few.
    """
    values: Values = accuracies.max(-1) - accuracies.min(-1)
    return values


def fleiss_parts(answers: Answers, choices: int) -> tuple[Values, Values]:
    """Return what Fleiss' kappa is made of: agreement, (questions,), and counts of answers.

    The counts, (questions, choices), are shares of all languages. An unreadable answer is a
    category of its own each time.
    """
    languages = answers.shape[1]
    counts = (answers[:, :, None] == np.arange(choices)).sum(1).astype(float)
    observed = (counts * (counts - 1)).sum(1) / (languages * (languages - 1))
    return observed, counts / languages


def fleiss_kappa(observed: Values, shares: Values) -> Values:
    """Return Fleiss' kappa (Psychological Bulletin, 1971) from means over questions.

    `observed`, (...), is the mean agreement and `shares`, (..., choices), the mean share of each
    answer; kappa is 1 where chance alone would agree always.
    """
    expected = (shares**2).sum(-1)
    room = np.where(expected < 1, 1 - expected, 1.0)
    values: Values = np.where(expected < 1, (observed - expected) / room, 1.0)
    return values


def mcnemar(fixed: int, broken: int) -> float:
    """Return the two-sided p-value of McNemar's exact test.

    How likely so uneven a split of the changed answers is, if each were as likely fixed as broken.
    """
    n = fixed + broken
    tail = sum(math.comb(n, k) for k in range(min(fixed, broken) + 1))
    return min(1.0, 2 * tail / (1 << n))
