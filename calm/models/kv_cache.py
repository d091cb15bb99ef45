"""A key-value cache whose room is reserved once: rows fill up in place, finished rows leave."""

import torch
from transformers.cache_utils import Cache, DynamicLayer

KeyValues = list[tuple[torch.Tensor, torch.Tensor]]
"""Keys and values of every layer, each of shape (rows, key-value heads, length, head size)."""


class RoomyLayer(DynamicLayer):
    """One layer's keys and values, in a buffer with room for `capacity` positions a row."""

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self.capacity = capacity
        self.length = 0
        self.buffers: tuple[torch.Tensor, torch.Tensor] | None = None

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write the new positions behind the old ones and return everything so far, not copied."""
        rows, heads, new, size = key_states.shape
        if self.buffers is None:
            shape = (rows, heads, self.capacity, size)
            self.buffers = (key_states.new_empty(shape), value_states.new_empty(shape))
            self.is_initialized = True
        for buffer, states in zip(self.buffers, (key_states, value_states), strict=True):
            buffer[:, :, self.length : self.length + new] = states
        self.length += new
        return self.buffers[0][:, :, : self.length], self.buffers[1][:, :, : self.length]

    def keep(self, rows: torch.Tensor) -> None:
        """Keep these rows only, in this order; a row named twice is copied."""
        if self.buffers is not None:
            keys, values = self.buffers
            self.buffers = (self._kept(keys, rows), self._kept(values, rows))

    def _kept(self, buffer: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Copy what is filled; `index_select` is three times as fast as `buffer[rows]`."""
        kept = buffer.new_empty((len(rows), *buffer.shape[1:]))
        filled = kept[:, :, : self.length]
        torch.index_select(buffer[:, :, : self.length], 0, rows, out=filled)
        return kept

    def get_seq_length(self) -> int:
        return self.length


def roomy_cache(layers: int, capacity: int) -> Cache:
    """Return an empty cache of `layers` layers with room for `capacity` positions."""
    return Cache(layers=[RoomyLayer(capacity) for _ in range(layers)])


def keep_rows(cache: Cache, rows: torch.Tensor) -> None:
    """Keep these rows of the cache only, in this order; a row named twice is copied."""
    for layer in cache.layers:
        layer.keep(rows)
