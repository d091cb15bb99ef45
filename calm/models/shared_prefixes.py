"""Training batches whose rows begin alike, computed once where they are alike.

A batch of preference pairs is full of repetition: chosen and rejected follow the same prompt, a
prompt has several pairs, and a base model's prompts in one language begin with the same worked
examples. Rows that share a beginning are merged into a tree of tokens. Each token of a tree is
computed once and looks only at its ancestors, at the distances it had in its row; hidden states
are then handed back row by row. Losses and gradients are those of the plain way (tested).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from calm.models.attention import layer_masks

LEAST_SHARED = 8
"""Rows with fewer tokens in common than this grow trees of their own."""
MOST_TOKENS = 1024
"""A tree is closed at this size: attention costs its square."""
KINDS_OF_LAYERS = {"full_attention", "sliding_attention"}


@dataclass(frozen=True)
class PrefixTrees:
    """Rows of tokens as trees; a node is one token after one beginning."""

    tokens: torch.Tensor
    """Token of every node, (trees, nodes), padded with 0."""
    positions: torch.Tensor
    """How far each node is from its root, (trees, nodes)."""
    ancestors: torch.Tensor
    """Which nodes lie on the way from the root to each, itself included, (trees, nodes, nodes)."""
    places: torch.Tensor
    """Flat index of the node that stands for each place of the rows, (rows, width); 0 where the
    row has ended."""


@contextmanager
def shared_beginnings(model: Any) -> Iterator[None]:
    """While the block runs, the body of `model` computes shared beginnings of a batch once.

    Models with layers other than attention stay as they are.
    """
    body = model.base_model
    config = model.config.get_text_config()
    if not set(getattr(config, "layer_types", None) or ()) <= KINDS_OF_LAYERS:
        yield
        return
    plain = body.forward

    def forward(
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        **options: Any,
    ) -> Any:
        if position_ids is not None:  # rows that do not begin at their beginning
            return plain(
                input_ids=input_ids,
                attention_mask=attention_mask,
                position_ids=position_ids,
                **options,
            )
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        rows = [
            ids[keep.bool()].tolist() for ids, keep in zip(input_ids, attention_mask, strict=True)
        ]
        forest = build_prefix_trees(rows, input_ids.shape[1])
        positions = forest.positions.to(input_ids.device)
        visible = forest.ancestors.to(input_ids.device)[:, None]
        distance = positions[:, None, :, None] - positions[:, None, None, :]
        output = plain(
            input_ids=forest.tokens.to(input_ids.device),
            attention_mask=layer_masks(config, visible, distance, model.dtype),
            position_ids=positions,
            **options,
        )
        states = output.last_hidden_state.flatten(0, 1)
        output.last_hidden_state = states[forest.places.to(states.device)]
        return output

    body.forward = forward
    try:
        yield
    finally:
        del body.forward


def build_prefix_trees(rows: Sequence[Sequence[int]], width: int) -> PrefixTrees:
    """Merge rows of token ids, none longer than `width`, into as few trees as pay."""
    trees: list[_Tree] = []
    previous: Sequence[int] = ()
    homes: dict[int, tuple[int, npt.NDArray[np.int64]]] = {}
    for row in sorted(range(len(rows)), key=lambda index: list(rows[index])):
        shared = _common(previous, rows[row])
        full = trees and len(trees[-1].tokens) + len(rows[row]) - shared > MOST_TOKENS
        if not trees or shared < min(LEAST_SHARED, len(rows[row])) or full:
            trees.append(_Tree())
            shared = 0
        homes[row] = (len(trees) - 1, trees[-1].grow(rows[row], shared))
        previous = rows[row]
    size = max(len(tree.tokens) for tree in trees)
    tokens = np.zeros((len(trees), size), dtype=np.int64)
    positions = np.zeros_like(tokens)
    ancestors = np.tile(np.eye(size, dtype=bool), (len(trees), 1, 1))
    places = np.zeros((len(rows), width), dtype=np.int64)
    for number, tree in enumerate(trees):
        tokens[number, : len(tree.tokens)] = tree.tokens
        positions[number, : len(tree.tokens)] = tree.positions
    for row, (number, path) in homes.items():
        ancestors[number][np.ix_(path, path)] |= np.tri(len(path), dtype=bool)
        places[row, : len(path)] = number * size + path
    return PrefixTrees(*map(torch.from_numpy, (tokens, positions, ancestors, places)))


class _Tree:
    """A tree that grows row by row; a row shares its beginning with the row before it."""

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.positions: list[int] = []
        self._path = np.zeros(0, dtype=np.int64)

    def grow(self, row: Sequence[int], shared: int) -> npt.NDArray[np.int64]:
        """Add a row; return its nodes, from the root."""
        new = np.arange(len(self.tokens), len(self.tokens) + len(row) - shared)
        self.tokens += row[shared:]
        self.positions += range(shared, len(row))
        self._path = np.concatenate([self._path[:shared], new])
        return self._path


def _common(left: Sequence[int], right: Sequence[int]) -> int:
    """Return how many tokens two rows have in common at their beginnings."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count
