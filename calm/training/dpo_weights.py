"""Pairs that count more than others: TRL's losses have no weight a pair, so gradients get it.

A pair's loss depends on the log-probabilities of its own two sides alone. Where what flows back
through these is multiplied by the pair's weight, the gradient is that of the weighted sum of all
losses, whichever loss it is. The loss that is logged stays that of the pairs as they are, so that
curves with and without weights can be compared.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch

WEIGHT = "pair_weight"
"""The column of the weights in the data set, and their name in a batch."""


class WeighedCollator:
    """Hands the weights of a batch's pairs on beside what another collator makes of them."""

    def __init__(self, collator: Callable[[Any], dict[str, Any]]) -> None:
        self._collator = collator

    def __call__(self, examples: Sequence[dict[str, Any]]) -> dict[str, Any]:
        weights = torch.tensor([example[WEIGHT] for example in examples])
        return {**self._collator(examples), WEIGHT: weights}


def weighed(model: Any, weights: torch.Tensor) -> Callable[..., Any]:
    """Return the model with the gradient of each pair's log-probabilities multiplied by its weight.

    `weights` is (pairs,); the rows of a batch are all chosen sides, then all rejected ones. Every
    number that comes out is what it is without.
    """
    rows = weights.repeat(2)[:, None]

    def run(**inputs: Any) -> Any:
        outputs = model(**inputs)
        kept = outputs.log_probs.detach()
        outputs.log_probs = kept + rows * (outputs.log_probs - kept)
        return outputs

    return run
