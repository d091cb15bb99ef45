"""The methods on one switch: what each is, where it is from, what it needs, and how TRL names it.

Methods of pairs are losses of TRL's `DPOTrainer`, over the same rows and with the same reference.
Methods of choices need no sampling, no vote and no pairs: they take the training questions as they
stand, in all languages (see `calm.training.choice_trainer`). `dpo+dco` is the sum of both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from calm.config import Method, RunConfig, TrainConfig

LEAST_NOISE, MOST_NOISE = 0.01, 0.45
"""Between these lies the rate that `robust` takes votes to be wrong at; TRL's loss ends at 0.5."""


@dataclass(frozen=True)
class MethodRow:
    """One method."""

    source: str
    """The paper, with its number on arXiv; empty for what this project adds."""
    needs: Literal["pairs", "choices", "both"]
    losses: tuple[str, ...] = ()
    """TRL's names of its losses; empty where no pairs are trained on."""


METHODS: Mapping[Method, MethodRow] = {
    "dpo": MethodRow("Rafailov et al., NeurIPS 2023, arXiv 2305.18290", "pairs", ("sigmoid",)),
    "dpo+sft": MethodRow("Pang et al., 2024, arXiv 2404.19733", "pairs", ("sigmoid", "sft")),
    "robust": MethodRow("Chowdhury et al., ICML 2024, arXiv 2403.00409", "pairs", ("robust",)),
    "apo_zero": MethodRow("D'Oosterlinck et al., 2024, arXiv 2408.06266", "pairs", ("apo_zero",)),
    "ipo": MethodRow("Azar et al., AISTATS 2024, arXiv 2310.12036", "pairs", ("ipo",)),
    "hinge": MethodRow("Zhao et al., 2023, arXiv 2305.10425", "pairs", ("hinge",)),
    "sft": MethodRow("Wang et al., NAACL 2025, arXiv 2501.18457", "pairs", ("sft",)),
    "dco": MethodRow("Liu et al., ICML 2026, arXiv 2603.04678", "choices"),
    "dpo+dco": MethodRow("", "both", ("sigmoid",)),
    "consensus": MethodRow("", "choices"),
}
"""Every method. `sft` trains on *chosen* alone: its paper is the one that compares with that."""


def trains_on_pairs(config: TrainConfig) -> bool:
    """Tell whether preference pairs are trained on, alone or among others."""
    return METHODS[config.method].needs != "choices"


def trains_on_choices(config: TrainConfig) -> bool:
    """Tell whether the choices of the training questions are trained on as they stand."""
    return METHODS[config.method].needs != "pairs"


def needs_votes(config: RunConfig) -> bool:
    """Tell whether a run samples and votes: what it trains on is made of votes."""
    return trains_on_pairs(config.train) and not config.pairs_given


def trl_losses(config: TrainConfig, shares: Sequence[float]) -> dict[str, Any]:
    """Return what TRL's `DPOConfig` is told of the loss of the pairs, which have these `shares`."""
    losses = METHODS[config.method].losses
    if losses == ("sigmoid", "sft"):
        if not config.sft_weight:
            return {"loss_type": ["sigmoid"], "label_smoothing": 0.0}
        weights = [1.0, config.sft_weight]
        return {"loss_type": list(losses), "loss_weights": weights, "label_smoothing": 0.0}
    noise = noise_rate(shares) if "robust" in losses else 0.0
    return {"loss_type": list(losses), "label_smoothing": noise}


def noise_rate(shares: Sequence[float]) -> float:
    """Return the share of pairs that `robust` takes to be the wrong way round.

    It is 1 - mean(share), where the share of a pair is that of its vote: what its rule gives the
    winner, and so how sure it is that the winner is right. It is not below 0.01, for no vote is
    certain, and not above 0.45, for the loss has no end at 0.5. It is rather too high than too low:
    a pair of a wrong vote is the wrong way round only where its other side is the right answer.
    """
    wrong = 1 - sum(shares) / len(shares) if shares else 0.0
    return min(MOST_NOISE, max(LEAST_NOISE, wrong))


def pair_weights(config: TrainConfig, shares: Sequence[float]) -> list[float]:
    """Return what the loss of each pair is multiplied by: its vote's share, on average 1.

    The idea of ScPO (Prasad et al., ICML 2025, arXiv 2411.04109), which takes the margin of a vote,
    and of CAPO (Pokharel et al., 2025, arXiv 2511.07691), which takes a reward. Shares of 0 alone
    weigh alike.
    """
    total = sum(shares)
    if config.pair_weights == "none" or not total:
        return [1.0] * len(shares)
    return [share * len(shares) / total for share in shares]
