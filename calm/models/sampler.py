"""Exact sampling from a large vocabulary with one uniform random number a row and step.

Inverse transform sampling in two levels: find the block in which the running sum of the
unnormalised probabilities passes u times the total, then the entry within that block. It draws
from the same distribution as `torch.multinomial`, which draws one random number per entry.
"""

from collections.abc import Sequence

import numpy as np
import torch

BLOCK = 512
TILE_ROWS = 4


def uniforms(seed: tuple[int, ...], count: int) -> np.ndarray:
    """Return `count` numbers in [0, 1) that depend on `seed` alone."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed))).random(count)


def pick(
    logits: torch.Tensor,
    temperature: torch.Tensor,
    top_p: torch.Tensor,
    uniform: torch.Tensor,
    allowed: Sequence[Sequence[int]],
) -> torch.Tensor:
    """Return one token id a row.

    `logits` is (rows, vocabulary); `temperature`, `top_p` and `uniform` are (rows,). Temperature
    0 takes the largest logit. A row with `allowed` tokens draws among these only.
    """
    if all(allowed):
        ids = padded_ids(allowed, logits.device)
        return pick_among(logits.gather(1, ids.clamp(min=0)), ids, temperature, top_p, uniform)
    if any(allowed):  # a row draws the same whether its neighbours may say anything or not
        rows = range(len(allowed))
        each = ((logits[r : r + 1], temperature[r : r + 1], top_p[r : r + 1]) for r in rows)
        return torch.cat(
            [
                pick(*row, uniform[r : r + 1], [allowed[r]])
                for r, row in zip(rows, each, strict=True)
            ]
        )
    tiles = (t.split(TILE_ROWS) for t in (logits, temperature, top_p, uniform))
    return torch.cat([_pick_tile(*tile) for tile in zip(*tiles, strict=True)])


def pick_among(
    logits: torch.Tensor,
    ids: torch.Tensor,
    temperature: torch.Tensor,
    top_p: torch.Tensor,
    uniform: torch.Tensor,
) -> torch.Tensor:
    """Return one of each row's `ids`, (rows, few), whose logits are given; an id of -1 is none."""
    place = _pick_tile(logits.masked_fill(ids < 0, -torch.inf), temperature, top_p, uniform)
    return ids.gather(1, place[:, None])[:, 0]


def padded_ids(allowed: Sequence[Sequence[int]], device: torch.device) -> torch.Tensor:
    """Return the ids as one tensor, (rows, few), filled up with -1."""
    width = max(map(len, allowed))
    return torch.tensor([[*row, *[-1] * (width - len(row))] for row in allowed], device=device)


def _pick_tile(
    logits: torch.Tensor, temperature: torch.Tensor, top_p: torch.Tensor, uniform: torch.Tensor
) -> torch.Tensor:
    if not temperature.any():
        return logits.max(dim=-1).indices
    divisor = torch.where(temperature > 0, temperature, 1.0)
    weights = logits.to(torch.float32, copy=True)  # from here on in place: it stays in the cache
    weights.sub_(logits.amax(-1, keepdim=True)).div_(divisor[:, None]).exp_()
    if (top_p < 1).any():
        weights = _nucleus(weights, top_p)
    drawn = _inverse_cdf(weights, uniform)
    if temperature.all():
        return drawn
    return torch.where(temperature > 0, drawn, logits.max(dim=-1).indices)


def _nucleus(weights: torch.Tensor, top_p: torch.Tensor) -> torch.Tensor:
    """Zero all but the smallest set of likeliest entries whose share reaches `top_p`."""
    ordered = weights.sort(dim=-1, descending=True).values
    before = ordered.cumsum(-1) - ordered
    kept = before < top_p[:, None] * ordered.sum(-1, keepdim=True)
    smallest = ordered.gather(1, kept.sum(-1, keepdim=True) - 1)
    return torch.where(weights >= smallest, weights, 0.0)


def _inverse_cdf(weights: torch.Tensor, uniform: torch.Tensor) -> torch.Tensor:
    rows, size = weights.shape
    padding = -size % BLOCK
    if padding:
        weights = torch.nn.functional.pad(weights, (0, padding))
    blocks = weights.view(rows, -1, BLOCK)
    running = blocks.sum(-1).double().cumsum(-1)
    target = uniform.double()[:, None] * running[:, -1:]
    block = torch.searchsorted(running, target, right=True).clamp(max=running.shape[1] - 1)
    before = torch.where(block > 0, running.gather(1, (block - 1).clamp(min=0)), 0.0)
    inside = blocks[torch.arange(rows, device=weights.device), block[:, 0]].double().cumsum(-1)
    entry = torch.searchsorted(inside, target - before, right=True).clamp(max=BLOCK - 1)
    entry = _last_possible(inside, entry)
    return (block * BLOCK + entry)[:, 0]


def _last_possible(inside: torch.Tensor, entry: torch.Tensor) -> torch.Tensor:
    """Move an entry that rounding pushed past the end back to the last with any weight."""
    last = torch.searchsorted(inside, inside[:, -1:].contiguous())
    return torch.minimum(entry, last)
