"""Whether rows of one batch can each have an adapter of their own.

They can where every adapted layer is a plain LoRA layer that sees one row of the batch a row. A
layer that sees tokens sorted another way (experts), or an adapter that does more than add (DoRA,
layers saved whole), mixes rows up: then one adapter answers after the other.
"""

from collections.abc import Sequence
from typing import Any

import torch
from peft.tuners.lora import LoraLayer

ROWS, TOKENS = 2, 3


def rows_can_differ(peft_model: Any, names: Sequence[str]) -> bool:
    """Tell whether rows with the adapters `names`, loaded in `peft_model`, can share a batch."""
    configs = [peft_model.peft_config[name] for name in names]
    if any(_does_more_than_add(config) for config in configs):
        return False
    layers = [m for m in peft_model.modules() if isinstance(m, LoraLayer)]
    own = [layer for layer in layers if any(name in layer.scaling for name in names)]
    return all(hasattr(layer, "lora_A") for layer in own) and _see_rows(peft_model, own)


def _does_more_than_add(config: Any) -> bool:
    more = ("use_dora", "modules_to_save", "target_parameters", "trainable_token_indices")
    return any(getattr(config, name, None) for name in more) or config.bias != "none"


def _see_rows(peft_model: Any, layers: Sequence[LoraLayer]) -> bool:
    """Tell whether each of `layers` is given (rows, tokens, size), tried with a few tokens."""
    seen: dict[int, bool] = {}

    def look(layer: torch.nn.Module, args: tuple[Any, ...]) -> None:
        shape = tuple(args[0].shape) if args else ()
        rightly = len(shape) == 3 and shape[:2] == (ROWS, TOKENS)
        seen[id(layer)] = rightly and seen.get(id(layer), True)

    hooks = [layer.register_forward_pre_hook(look) for layer in layers]
    try:
        ids = torch.ones((ROWS, TOKENS), dtype=torch.long, device=peft_model.device)
        with torch.inference_mode():
            peft_model.get_base_model()(input_ids=ids, use_cache=False)
    finally:
        for hook in hooks:
            hook.remove()
    return all(seen.get(id(layer), False) for layer in layers)
