"""A voting rule of one's own: the two languages that read best count, the others do not."""

import numpy as np
import numpy.typing as npt

from calm.voting.rules import Counts, RuleResult, reliabilities


def best_two(counts: Counts, choices: npt.NDArray[np.int64]) -> RuleResult:
    """Count the two most reliable languages alike and no other."""
    weights = np.zeros(counts.shape[1])
    weights[np.argsort(reliabilities(counts))[-2:]] = 1
    support = (counts * weights[None, :, None]).sum(1)
    total = support.sum(1, keepdims=True)
    return RuleResult(
        np.divide(support, total, out=np.zeros_like(support), where=total > 0), weights
    )


counts = np.array([[[3.0, 0.0], [3.0, 0.0], [1.0, 2.0]]])  # one question, three languages
print(best_two(counts, np.array([2])).support)
