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


def _rank_consistency(scores: Values, pairs: Sequence[tuple[int, int]]) -> float:
    size = int(np.isfinite(scores[0]).sum())
    orders = np.argsort(-scores, axis=1, kind="stable")[:, :size]
    weights = np.exp(-np.arange(size, dtype=float))
    weights /= weights.sum()
    total = 0.0
    for left, right in pairs:
        for count in range(1, size + 1):
            common = np.intersect1d(orders[left, :count], orders[right, :count]).size
            total += float(weights[count - 1]) * common / count
    return total / len(pairs)


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
