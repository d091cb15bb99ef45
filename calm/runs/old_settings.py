"""Settings as runs and archives of before wrote them down, in today's names."""

from collections.abc import Mapping
from typing import Any


def in_todays_names(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a file with a `method` where it says `loss_type`, TRL's name.

    The likelihood term had a weight beside any loss; now it is in a method of its own. Another loss
    keeps its name alone.
    """
    train = raw.get("train")
    if not isinstance(train, dict) or "loss_type" not in train:
        return dict(raw)
    now = {name: value for name, value in train.items() if name != "loss_type"}
    return {**raw, "train": {"method": method_of(train), **now}}


def method_of(train: Mapping[str, Any]) -> Any:
    """Return the method that a loss of before and its weight of the likelihood were."""
    loss = train["loss_type"]
    if loss != "sigmoid":
        return loss
    return "dpo+sft" if train.get("sft_weight", 0.3) else "dpo"
