"""A key-value cache that is written in place, cropped without a copy, and spread to batches.

The layers of transformers copy everything they hold at each step, and its sliding ones forget what is needed to go
back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import psutil
import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

_GROWTH = 256
"""Tokens by which a full buffer grows at least."""


class Kind(NamedTuple):
    """What a layer of a model keeps."""

    window: int | None
    """Tokens that it sees, or None for all."""
    token_bytes: int
    """Bytes of one token of one row."""


class Layer(DynamicLayer):
    """Keys and values of one layer: (B, H, capacity, D), of which the first `stored` hold tokens.

    `dropped` tokens before them were seen but are not kept: a sliding layer does not look at them again. The masks that
    transformers builds for it are those of its own layers.
    """

    def __init__(self, window: int | None, capacity: int) -> None:
        """`window`: tokens that the layer sees, or None for all. `capacity`: tokens to make room for at first."""
        super().__init__()
        self.is_sliding = window is not None
        self.window = window
        self.capacity = capacity
        self.stored = 0
        self.dropped = 0
        self._keys: Tensor | None = None
        self._values: Tensor | None = None

    def fill(self, keys: Tensor, values: Tensor, stored: int, dropped: int) -> None:
        """Take buffers over."""
        self._keys, self._values = keys, values
        self.capacity, self.stored, self.dropped = keys.shape[2], stored, dropped
        self._show()

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Append, and give back what the new tokens may see."""
        new = key_states.shape[2]
        end = self.stored + new
        if self._keys is None or self._values is None or end > self.capacity:
            self.capacity = max(self.capacity, end + (0 if self._keys is None else _GROWTH))
            self._keys, self._values = self._grown(self._keys, key_states), self._grown(self._values, value_states)
        self._keys[:, :, self.stored : end] = key_states
        self._values[:, :, self.stored : end] = value_states
        self.stored = end
        self._show()
        first = 0 if self.window is None else max(0, end - (self.window - 1 + new))
        return self._keys[:, :, first:end], self._values[:, :, first:end]

    def get_seq_length(self) -> int:
        """Tokens seen."""
        return self.stored + self.dropped

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Width and offset of the mask of `query_length` new tokens, in the terms of transformers."""
        seen = self.get_seq_length()
        if self.window is None:
            return seen + query_length, 0
        return min(seen, self.window - 1) + query_length, max(seen - self.window + 1, 0)

    def get_max_length(self) -> int:
        """The window, or -1 for none."""
        return -1 if self.window is None else self.window

    def truncate(self, length: int) -> None:
        """Forget all but the first `length` tokens; nothing may have been dropped."""
        if self.dropped:
            raise ValueError("a layer that dropped tokens cannot go back")
        self.stored = min(self.stored, length)
        self._show()

    def select(self, rows: Tensor) -> None:
        """Keep some rows of the batch."""
        if self._keys is not None and self._values is not None:
            self._keys, self._values = self._keys[rows], self._values[rows]
            self._show()

    def copy_into(self, target: tuple[Tensor, Tensor], row: int, length: int, end: int) -> None:
        """Copy tokens [.., length) of every row so that the last one stands at end - 1 in rows `row`.. of the target.

        As many as are kept and fit; what is left of them stays as it is (zeros: a mask hides it).
        """
        last = length - self.dropped
        count = min(last, end)
        for source, buffer in zip((self._keys, self._values), target, strict=True):
            if source is not None and count > 0:
                buffer[row : row + len(source), :, end - count : end] = source[:, :, last - count : last]

    def empty(self, rows: int, capacity: int) -> tuple[Tensor, Tensor]:
        """Zeroed buffers in this layer's shape."""
        if self._keys is None or self._values is None:
            raise ValueError("the layer has seen nothing")
        return tuple(  # type: ignore[return-value]
            held.new_zeros((rows, held.shape[1], capacity, held.shape[3])) for held in (self._keys, self._values)
        )

    def _grown(self, held: Tensor | None, new: Tensor) -> Tensor:
        buffer = new.new_empty((new.shape[0], new.shape[1], self.capacity, new.shape[3]))
        if held is not None:
            buffer[:, :, : self.stored] = held[:, :, : self.stored]
        return buffer

    def _show(self) -> None:
        """What readers of transformers' layers expect."""
        if self._keys is not None and self._values is not None:
            self.keys, self.values = self._keys[:, :, : self.stored], self._values[:, :, : self.stored]
            self.dtype, self.device, self.is_initialized = self._keys.dtype, self._keys.device, True


def make_cache(windows: Iterable[int | None], capacity: int) -> DynamicCache:
    """An empty cache of such layers."""
    cache = DynamicCache()
    cache.layers = [Layer(window, capacity) for window in windows]
    cache.layer_class_to_replicate = None
    return cache


def layer_kinds(cache: Any) -> list[Kind] | None:
    """The layers of a model's own cache after a pass, or None where they are of kinds that cannot be cropped."""
    if type(cache) is not DynamicCache:
        return None
    kinds = (DynamicLayer, DynamicSlidingWindowLayer)
    if not all(type(layer) in kinds and layer.is_initialized for layer in cache.layers):
        return None
    return [
        Kind(
            layer.sliding_window if layer.is_sliding else None,
            sum(held.shape[1] * held.shape[3] * held.element_size() for held in (layer.keys, layer.values)),
        )
        for layer in cache.layers
    ]


def kept(window: int | None, length: int) -> int:
    """Tokens of `length` that a layer needs to go on."""
    return length if window is None else min(length, window - 1)


def row_bytes(kinds: Sequence[Kind], length: int) -> int:
    """Bytes of one row of `length` tokens that goes on from its end."""
    return sum(kind.token_bytes * kept(kind.window, length) for kind in kinds)


def spread(cache: DynamicCache, lengths: Sequence[int], room: int) -> DynamicCache:
    """A batch of beginnings of a cache of one row: row i holds its first lengths[i] tokens, padded on the left.

    `room`: tokens that will be added.
    """
    width = max(lengths)
    result = make_cache([layer.window for layer in cache.layers], width + room)
    if width == 0:
        return result
    for source, target in zip(cache.layers, result.layers, strict=True):
        stored = kept(source.window, width)
        buffers = source.empty(len(lengths), stored + room)
        for row, length in enumerate(lengths):
            source.copy_into(buffers, row, length, stored)
        target.fill(*buffers, stored, width - stored)
    return result


def join(caches: Sequence[DynamicCache], room: int) -> DynamicCache:
    """One batch of several, each padded on the left to the longest. The parts are emptied layer by layer."""
    if len(caches) == 1:
        return caches[0]
    lengths = [cache.get_seq_length() for cache in caches]
    rows = [len(cache.layers[0].keys) for cache in caches]
    width = max(lengths)
    result = make_cache([layer.window for layer in caches[0].layers], width + room)
    for number, target in enumerate(result.layers):
        parts = [cache.layers[number] for cache in caches]
        stored = kept(target.window, width)
        buffers = parts[0].empty(sum(rows), stored + room)
        row = 0
        for part, count, length, cache in zip(parts, rows, lengths, caches, strict=True):
            part.copy_into(buffers, row, length, stored)
            row += count
            cache.layers[number] = Layer(None, 0)
        target.fill(*buffers, stored, width - stored)
    return result


def select(cache: DynamicCache, rows: Tensor) -> None:
    """Keep some rows of a batch."""
    for layer in cache.layers:
        layer.select(rows)


def is_ours(cache: Any) -> bool:
    """Whether the cache was made here."""
    return all(isinstance(layer, Layer) for layer in cache.layers)


def cache_budget(device: torch.device) -> int:
    """Bytes that caches waiting for their batch may take: a part of the memory that is free."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free * 0.3)
    return min(4 * 2**30, psutil.virtual_memory().available // 5)
