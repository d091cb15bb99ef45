"""What is minimised where training looks at all choices of a question, and no vote is taken.

A question's scores are tensors (languages, choices) of summed log-probabilities in nats: `policy`
of the model that is trained, `reference` of the one that it began as.
"""

from collections.abc import Mapping, Sequence

import torch
from torch.nn.functional import logsigmoid

SHARPNESS = 3
"""How much more a language counts that agrees more with the others."""
ROUNDS = 10


def dco(
    policy: torch.Tensor,
    reference: torch.Tensor,
    drawn: tuple[int, int],
    strengths: torch.Tensor,
) -> torch.Tensor:
    """Return the loss of Direct Consistency Optimization (Liu et al., ICML 2026, arXiv 2603.04678).

    `drawn` are two of the choices, a and b. In language i, o is by how much the reference prefers
    a to b, and r how much more the policy does. Every r is pulled to the o of each other language:
    then all languages prefer alike, by the sum of what they preferred. For two languages it is
    |r1 - o2 / beta| + |r2 - beta o1|, with beta = strengths[0] / strengths[1]; for more it is the
    mean over all pairs. A language of more strength, (languages,), stays nearer to its reference
    and draws the others more.
    """
    a, b = drawn
    preferred = reference[:, a] - reference[:, b]
    moved = policy[:, a] - policy[:, b] - preferred
    pulled = strengths[None, :] / strengths[:, None] * preferred[None, :]
    apart = (moved[:, None] - pulled).abs()
    count = len(policy)
    others = ~torch.eye(count, dtype=torch.bool, device=policy.device)
    return 2 * apart[others].sum() / (count * (count - 1))


def dpo(policy: torch.Tensor, reference: torch.Tensor, beta: float) -> torch.Tensor:
    """Return the loss of DPO over pairs (Rafailov et al., NeurIPS 2023, arXiv 2305.18290).

    `policy` and `reference` are (pairs, 2): the summed log-probabilities of chosen and rejected.
    """
    moved = policy - reference
    return -logsigmoid(beta * (moved[:, 0] - moved[:, 1])).mean()


def consensus(
    policy: torch.Tensor,
    reference: torch.Tensor,
    lengths: torch.Tensor,
    target: torch.Tensor,
    beta: float,
    sft_weight: float,
) -> torch.Tensor:
    """Return how far the languages are from what they hold together, `target`, (choices,).

    It is DPO over all choices at once, with soft labels: the cross-entropy between the target and
    the softmax over the choices of beta (log policy - log reference), less the target's own
    entropy, averaged over the languages; for two choices and a certain target that is DPO's loss.
    Added is, with its weight, the negative log-likelihood a token of the choices, weighed by the
    target; `lengths`, (languages, choices), are their numbers of tokens.
    """
    preferred = -(target * (beta * (policy - reference)).log_softmax(-1)).sum(-1).mean()
    likelihood = -(target * policy / lengths).sum(-1).mean()
    apart: torch.Tensor = preferred - torch.special.entr(target).sum()
    return apart + sft_weight * likelihood


def product(reference: torch.Tensor, weights: torch.Tensor, power: float = 1.0) -> torch.Tensor:
    """Return the distribution over the choices that all languages have in common, (choices,).

    It is the product of theirs, each to the power of its weight, (languages,): what a pool of
    independent judges holds. `reference` may be of any form that `log_softmax` makes a
    distribution of; `power` sharpens what comes out.
    """
    pooled = (weights[:, None] * reference.log_softmax(-1)).sum(0)
    return (power * pooled).softmax(-1)


def agreeing_weights(tables: Sequence[Mapping[str, torch.Tensor]]) -> dict[str, float]:
    """Return what each language counts in the product, found without a label: 1 on average.

    A language counts the more, the more it agrees with all together: the mean, over the questions,
    of the probability that it gives to the choices as their product does, above chance. The product
    is made anew with these weights, and they with it; what comes out is taken to the power
    `SHARPNESS` once, at the end, since a language that is only surer than the others would outvote
    all of them if that were done every time.
    A table has the scores of a question's choices, (choices,), by language.
    """
    weights = {code: 1.0 for table in tables for code in table}
    for _ in range(ROUNDS):
        agreed: dict[str, list[float]] = {code: [] for code in weights}
        for table in tables:
            scores = torch.stack(list(table.values()))
            own = torch.tensor([weights[code] for code in table], dtype=scores.dtype)
            pooled, chance = product(scores, own), 1 / scores.shape[1]
            alike = ((scores.softmax(-1) * pooled).sum(-1) - chance) / (1 - chance)
            for code, value in zip(table, alike.tolist(), strict=True):
                agreed[code].append(value)
        weights = _on_average_1({i: max(1e-3, sum(v) / len(v)) for i, v in agreed.items()})
    return _on_average_1({code: weight**SHARPNESS for code, weight in weights.items()})


def _on_average_1(weights: Mapping[str, float]) -> dict[str, float]:
    mean = sum(weights.values()) / len(weights)
    return {code: weight / mean for code, weight in weights.items()}
