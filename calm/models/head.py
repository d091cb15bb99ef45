"""The output head, read for a few tokens or at a few places only.

A row that must continue with one of its choices has a few tokens to pick from; the other entries
of a vocabulary of 262,144 need no scores, and the head is most of a small model's weights.
What a family does to its logits after the head (capping, scaling) is done to these too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


def has_plain_head(model: Any) -> bool:
    """Tell whether the scores come from one matrix with a row a token."""
    return type(model.get_output_embeddings()) is nn.Linear


@contextmanager
def head_for(model: Any, ids: torch.Tensor) -> Iterator[None]:
    """While the block runs, `model` scores these tokens only: `ids` (rows, few).

    Its logits then have shape (rows, positions, few).
    """
    head = model.get_output_embeddings()
    weights, biases = head.weight[ids], None if head.bias is None else head.bias[ids]

    def few(states: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = states @ weights.transpose(1, 2)
        return scores if biases is None else scores + biases[:, None]

    with _forward(head, few):
        yield


@contextmanager
def head_at(model: Any, rows: torch.Tensor, columns: torch.Tensor) -> Iterator[None]:
    """While the block runs, `model` scores only these places of its batch, (places,) each.

    Its logits then have shape (1, places, vocabulary).
    """
    head = model.get_output_embeddings()
    plain = head.forward
    with _forward(head, lambda states: plain(states[rows, columns][None])):
        yield


@contextmanager
def _forward(module: nn.Module, forward: Callable[[torch.Tensor], torch.Tensor]) -> Iterator[None]:
    before = module.__dict__.get("forward")
    module.forward = forward
    try:
        yield
    finally:
        del module.forward
        if before is not None:
            module.forward = before
