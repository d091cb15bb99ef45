"""Numbers of the evaluation before they are drawn together, question by question, for both models.

Most are means of one value a question. Others are made of several such means: their intervals
take the questions anew and make the whole number again. One list of all of them serves the scores
of one run and those over several seeds.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from calm.evaluation import metrics
from calm.evaluation.metrics import Answers, Golds, Values
from calm.records import Reading

ALL = "all"
ENGLISH = "en"


def itself(means: Values) -> Values:
    """Return the mean of the only part, (..., 1) -> (...)."""
    return means[..., 0]


@dataclass(frozen=True)
class Measured:
    """One number of the base and of the aligned model."""

    reading: Reading
    language: str
    """A language, a pair `en-fr`, or `all`."""
    metric: str
    parts: Sequence[Values]
    """Of base and of aligned, (questions, parts)."""
    of: Callable[[Values], Values] = itself
    """What makes the number of the means of its parts over questions, (..., parts) -> (...)."""
    is_extreme: bool = False
    """Whether a best or worst language goes into it, which draws of questions exaggerate."""
    least: float = -math.inf
    """Below which neither model's number can be."""

    def draws(self, role: str, value: float, resampled: Values) -> Values:
        """Return what resamples gave, (resamples,), about the `value` that the questions gave.

        Taken as they are, those of an extreme lie above it: where all languages are alike, one of
        them is the best in every draw. Their mean is moved to the value.
        """
        if not self.is_extreme:
            return resampled
        least = -math.inf if role == "change" else self.least
        values: Values = np.maximum(resampled + (value - resampled.mean()), least)
        return values


def kappa(reading: Reading, pair: Sequence[Answers]) -> Measured:
    """Return Fleiss' kappa: its chance agreement depends on all questions."""
    choices = max(int(max(table.max() for table in pair)) + 1, 1)
    parts = [metrics.fleiss_parts(table, choices) for table in pair]

    def of(means: Values) -> Values:
        return metrics.fleiss_kappa(means[..., 0], means[..., 1:])

    columns = [np.column_stack([seen, shares]) for seen, shares in parts]
    return Measured(reading, ALL, "fleiss_kappa", columns, of)


def of_right_answers(
    reading: Reading, pair: Sequence[Answers], golds: Golds, languages: Sequence[str]
) -> Iterator[Measured]:
    """Yield the numbers of right answers that are no means: over all languages, and by pair."""
    pairs = list(combinations(range(len(languages)), 2))
    if not pairs:
        return
    yield _known(reading, ALL, pair, golds, pairs)
    right = [(table == golds[:, None]).astype(float) for table in pair]
    gap = metrics.language_gap
    yield Measured(reading, ALL, "language_gap", right, gap, is_extreme=True, least=0.0)
    if ENGLISH in languages:
        first = languages.index(ENGLISH)

        def ahead(accuracies: Values) -> Values:
            others = np.delete(accuracies, first, axis=-1)
            values: Values = accuracies[..., first] - others.min(-1)
            return values

        yield Measured(reading, ALL, "english_gap", right, ahead, is_extreme=True)
    for left, other in pairs:
        name = f"{languages[left]}-{languages[other]}"
        yield _known(reading, name, pair, golds, [(left, other)])


def _known(
    reading: Reading,
    language: str,
    pair: Sequence[Answers],
    golds: Golds,
    pairs: Sequence[tuple[int, int]],
) -> Measured:
    def of(means: Values) -> Values:
        return metrics.known_consistency(means[..., : len(pairs)], means[..., len(pairs) :])

    columns = [np.column_stack(metrics.right_parts(table, golds, pairs)) for table in pair]
    return Measured(reading, language, "known_consistency", columns, of)
