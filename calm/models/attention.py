"""Attention masks by position, for each kind of layer that a model has."""

from typing import Any

import torch

Masks = torch.Tensor | dict[str, torch.Tensor]


def layer_masks(
    config: Any, visible: torch.Tensor, distance: torch.Tensor, dtype: torch.dtype
) -> Masks:
    """Return what a model takes as `attention_mask`: one mask, or one for each kind of layer.

    A mask is added to the attention's scores: 0 where a query may look, else the least number of
    `dtype`, the model's own. Attention in plain torch adds whatever it is given, so a mask of
    truths would only shift its scores by one.

    `visible`, (rows, 1, queries, keys), tells which keys a query may look at, and `distance`, of
    the same shape, how many positions lie between them: a sliding layer looks back less than its
    window. Rows of `visible` that allow nothing would give NaN: allow the query itself.
    """
    window = getattr(config, "sliding_window", None)
    if window is None or getattr(config, "use_sliding_window", True) is False:
        sliding = visible
    else:
        sliding = visible & (distance < window)
    if getattr(config, "layer_types", None):
        return {
            "full_attention": _additive(visible, dtype),
            "sliding_attention": _additive(sliding, dtype),
        }
    return _additive(sliding, dtype)


def _additive(visible: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    nothing = torch.zeros((), dtype=dtype, device=visible.device)
    return nothing.where(visible, torch.finfo(dtype).min)
