"""The decode loop: many prompts at once, their common beginnings computed once.

Compared with `model.generate` it computes each shared beginning once and each question once
however many samples are drawn, reserves the cache once, reads the output head only at the last
position, samples exactly with one random number a token (`sampler.py`), and drops a row from the
batch as soon as it is finished. Greedy, in fp32, it gives `generate`'s tokens (tested).

Columns of the cache, for every row: [padding, shared beginning, padding, rest, new tokens].
Attention looks at positions, not columns, so the padding changes nothing.
"""

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from transformers.cache_utils import Cache

from calm.models.attention import Masks, layer_masks
from calm.models.head import has_plain_head, head_for
from calm.models.interface import Draw
from calm.models.kv_cache import KeyValues, keep_rows, roomy_cache
from calm.models.sampler import padded_ids, pick, pick_among, uniforms

NOWHERE = 1 << 30
"""Position of a padding column: later than every query, so never looked at."""
CACHE_BUDGET_BYTES = 1536 << 20
MAX_ROWS = 256
MOST_REMEMBERED = 128
"""Shared beginnings kept: a few MB each for a small model."""


@dataclass(frozen=True)
class Encoded:
    """A prompt as token ids: (shared beginning, rest). The rest is never empty.

    Where `choices` are given, the continuation is one of them. `weights` names the adapter that
    answers: what is computed with one holds for no other.
    """

    shared: tuple[int, ...]
    rest: tuple[int, ...]
    choices: tuple[tuple[int, ...], ...] = ()
    weights: str = ""


@dataclass
class Growing:
    """A row under way: which prompt it continues and the tokens so far."""

    index: int
    draw: Draw
    length: int
    choices: tuple[tuple[int, ...], ...] = ()
    weights: str = ""
    tokens: list[int] = field(default_factory=list)

    def take(self, token: int) -> bool:
        """Add a token; return whether that decides which of the choices it is.

        A decided row is completed without asking the model for what can only follow.
        """
        self.tokens.append(token)
        if not self.choices:
            return False
        self.choices = tuple(c for c in self.choices if c[: len(self.tokens)] == tuple(self.tokens))
        if len(set(self.choices)) == 1:
            self.tokens[:] = self.choices[0]
            return True
        return False

    def allowed(self) -> list[int]:
        """Return the tokens that may come next; empty where any may."""
        return list(dict.fromkeys(c[len(self.tokens)] for c in self.choices))


OnToken = Callable[[int, list[int]], bool]
"""Told a row's number and all its new tokens; returns whether the row is finished."""


class Decoder:
    """Continues batches of encoded prompts with one model; remembers shared beginnings."""

    def __init__(
        self, model: Any, on_rows: Callable[[Sequence[str]], None] = lambda weights: None
    ) -> None:
        """`on_rows` is told which weights answer each row of the batch that is computed next."""
        self.model = model
        self.config = model.config.get_text_config()
        self._on_rows = on_rows
        self._prefixes: dict[tuple[str, tuple[int, ...]], KeyValues] = {}

    @torch.inference_mode()
    def run(
        self,
        prompts: Sequence[Encoded],
        draws: Sequence[Draw],
        on_token: OnToken,
        should_stop: Callable[[], bool],
    ) -> list[list[int]]:
        """Return the new tokens of every prompt, in the order given."""
        results: list[list[int]] = [[] for _ in prompts]
        step = self._rows_at_once(prompts, draws)
        for start in range(0, len(prompts), step):
            batch = range(start, min(start + step, len(prompts)))
            rows = [start_row(i, prompts[i], draws[i]) for i in batch]
            self._run_batch([prompts[i] for i in batch], rows, on_token, should_stop)
            for row in rows:
                results[row.index] = row.tokens
        return results

    def _rows_at_once(self, prompts: Sequence[Encoded], draws: Sequence[Draw]) -> int:
        longest = max((len(p.shared) + len(p.rest) for p in prompts), default=1)
        longest += max((most_new(p, d) for p, d in zip(prompts, draws, strict=True)), default=1)
        fits = CACHE_BUDGET_BYTES // (longest * self._bytes_per_position())
        return max(1, min(MAX_ROWS, int(fits)))

    def _bytes_per_position(self) -> int:
        config = self.config
        size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        return int(2 * config.num_hidden_layers * heads * size * self.model.dtype.itemsize)

    def _run_batch(
        self,
        prompts: list[Encoded],
        rows: list[Growing],
        on_token: OnToken,
        should_stop: Callable[[], bool],
    ) -> None:
        device = self.model.device
        new = max(most_new(p, row.draw) for p, row in zip(prompts, rows, strict=True))
        texts = [dataclasses.replace(prompt, choices=()) for prompt in prompts]
        distinct = list(dict.fromkeys(texts))
        cache, key_positions = self.open_cache(distinct, new)
        logits = self.read_rest(distinct, cache, key_positions)
        if len(distinct) < len(prompts):
            row_of = {text: row for row, text in enumerate(distinct)}
            copies = torch.tensor([row_of[text] for text in texts], device=device)
            keep_rows(cache, copies)
            key_positions = key_positions[copies]
            logits = logits.index_select(0, copies)
        chance = torch.from_numpy(np.stack([uniforms(r.draw.seed, new) for r in rows])).to(device)
        temperature = torch.tensor([r.draw.temperature for r in rows], device=device)
        top_p = torch.tensor([r.draw.top_p for r in rows], device=device)
        few: torch.Tensor | None = None
        for step in range(new):
            if few is None:
                allowed = [row.allowed() for row in rows]
                tokens = pick(logits, temperature, top_p, chance[:, step], allowed)
            else:
                tokens = pick_among(logits, few, temperature, top_p, chance[:, step])
            going = []
            for place, (row, token) in enumerate(zip(rows, tokens.tolist(), strict=True)):
                decided = row.take(token)
                finished = on_token(row.index, row.tokens) or decided
                if not finished and len(row.tokens) < row.draw.max_new_tokens:
                    going.append(place)
            if not going or should_stop():
                return
            if len(going) < len(rows):
                kept = torch.tensor(going, device=device)
                rows = [rows[place] for place in going]
                keep_rows(cache, kept)
                key_positions, chance = key_positions[kept], chance[kept]
                temperature, top_p, tokens = temperature[kept], top_p[kept], tokens[kept]
            positions = torch.tensor([[r.length + step] for r in rows], device=device)
            self._on_rows([row.weights for row in rows])
            few = self._few(rows)
            with nullcontext() if few is None else head_for(self.model, few.clamp(min=0)):
                logits = self.forward(tokens[:, None], positions, cache, key_positions)[:, -1]

    def _few(self, rows: Sequence[Growing]) -> torch.Tensor | None:
        """Return the ids that each row may take, padded; `None` where a row may take any."""
        allowed = [row.allowed() for row in rows]
        if not all(allowed) or not has_plain_head(self.model):
            return None
        return padded_ids(allowed, self.model.device)

    def open_cache(self, prompts: list[Encoded], new: int) -> tuple[Cache, torch.Tensor]:
        """Return a cache that holds every row's shared beginning, and its columns' positions.

        The positions have shape (rows, columns); unused columns are `NOWHERE`.
        """
        device = self.model.device
        width = max(len(p.shared) for p in prompts)
        capacity = width + max(len(p.rest) for p in prompts) + new
        cache = roomy_cache(self.config.num_hidden_layers, capacity)
        key_positions = torch.full((len(prompts), capacity), NOWHERE, device=device)
        if width == 0:
            return cache, key_positions
        distinct = list(dict.fromkeys((p.weights, p.shared) for p in prompts))
        place = [distinct.index((p.weights, p.shared)) for p in prompts]
        longest = self._prefix(*max(distinct, key=lambda prefix: len(prefix[1])))
        prefixes = [self._prefix(*prefix) if prefix[1] else longest for prefix in distinct]
        lengths = [len(shared) for _, shared in distinct]
        places = torch.tensor(place, device=device)
        for layer in range(self.config.num_hidden_layers):
            keys = _left_padded([prefix[layer][0] for prefix in prefixes], lengths, width)
            values = _left_padded([prefix[layer][1] for prefix in prefixes], lengths, width)
            cache.layers[layer].update(keys.index_select(0, places), values.index_select(0, places))
        for row, prompt in enumerate(prompts):
            length = len(prompt.shared)
            key_positions[row, width - length : width] = torch.arange(length, device=device)
        return cache, key_positions

    def read_rest(
        self,
        prompts: list[Encoded],
        cache: Cache,
        key_positions: torch.Tensor,
    ) -> torch.Tensor:
        """Run what follows the shared beginnings; return the logits behind it.

        They have shape (rows, vocabulary).
        """
        width = max(len(p.rest) for p in prompts)
        ids = torch.zeros((len(prompts), width), dtype=torch.long)
        positions = torch.full((len(prompts), width), NOWHERE, dtype=torch.long)
        for row, prompt in enumerate(prompts):
            start = len(prompt.shared)
            ids[row, width - len(prompt.rest) :] = torch.tensor(prompt.rest)
            positions[row, width - len(prompt.rest) :] = torch.arange(
                start, start + len(prompt.rest)
            )
        device = self.model.device
        self._on_rows([prompt.weights for prompt in prompts])
        return self.forward(ids.to(device), positions.to(device), cache, key_positions)[:, -1]

    def forward(
        self,
        ids: torch.Tensor,
        positions: torch.Tensor,
        cache: Cache,
        key_positions: torch.Tensor,
        logits_to_keep: int = 1,
        branches: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Run `ids`, (rows, new), behind what the cache holds; return the last logits.

        `positions` are those of `ids`; padding among them is `NOWHERE`. `key_positions` is
        updated in place. Where a row branches, `branches` numbers the branch of each of `ids`: it
        sees its own branch and what all share, number 0, to which the cache belongs.
        """
        start = cache.get_seq_length()
        end = start + ids.shape[1]
        key_positions[:, start:end] = positions
        seen = key_positions[:, :end]
        out = self.model(
            input_ids=ids,
            position_ids=torch.where(positions == NOWHERE, 0, positions),
            attention_mask=self.attention_mask(positions, seen, branches),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=logits_to_keep,
        )
        return out.logits  # type: ignore[no-any-return]

    def attention_mask(
        self, queries: torch.Tensor, keys: torch.Tensor, branches: torch.Tensor | None
    ) -> Masks:
        """Return which keys each query may look at, by position, for each kind of layer.

        A query that is padding looks at all keys: its result is never used, and a row of a mask
        that allows nothing would give NaN.
        """
        distance = queries[:, None, :, None] - keys[:, None, None, :]
        padding = (queries == NOWHERE)[:, None, :, None]
        distance = torch.where(padding, 0, distance)
        visible = distance >= 0
        if branches is not None:
            ahead = branches.new_zeros((len(keys), keys.shape[1] - branches.shape[1]))
            of_keys = torch.cat([ahead, branches], dim=1)[:, None, None, :]
            visible &= padding | (of_keys == 0) | (of_keys == branches[:, None, :, None])
        return layer_masks(self.config, visible, distance, self.model.dtype)

    def _prefix(self, weights: str, shared: tuple[int, ...]) -> KeyValues:
        key = (weights, shared)
        if key not in self._prefixes:
            cache = roomy_cache(self.config.num_hidden_layers, len(shared))
            ids = torch.tensor([shared], device=self.model.device)
            positions = torch.arange(len(shared), device=self.model.device)[None]
            self._on_rows([weights])
            no_token = torch.zeros((1, 1), dtype=torch.long, device=self.model.device)
            with head_for(self.model, no_token) if has_plain_head(self.model) else nullcontext():
                self.forward(ids, positions, cache, positions.clone())
            if len(self._prefixes) >= MOST_REMEMBERED:
                del self._prefixes[next(iter(self._prefixes))]
            self._prefixes[key] = [layer.buffers for layer in cache.layers]
        return self._prefixes[key]


def most_new(prompt: Encoded, draw: Draw) -> int:
    """Return how many tokens a row can get at most."""
    return min(draw.max_new_tokens, max(map(len, prompt.choices), default=draw.max_new_tokens))


def start_row(index: int, prompt: Encoded, draw: Draw) -> Growing:
    length = len(prompt.shared) + len(prompt.rest)
    return Growing(index, draw, length, prompt.choices, prompt.weights)


def _left_padded(parts: list[torch.Tensor], lengths: list[int], width: int) -> torch.Tensor:
    """Stack the first `lengths` positions of (1, heads, positions, size) tensors.

    The result has `width` positions, padded on the left.
    """
    pad = torch.nn.functional.pad
    padded = [
        pad(part[:, :, :length], (0, 0, width - length, 0))
        for part, length in zip(parts, lengths, strict=True)
    ]
    return torch.cat(padded)
