"""Answers to many prompts under one model: beginnings that prompts share are computed once, answers come in batches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import DynamicCache

from .cache import Kind, cache_budget, join, layer_kinds, make_cache, row_bytes, spread
from .greedy import Generator
from .plan import batches, common, decode_batches, order, runs
from .prompts import Check, Outcome, Prompt

MAX_BATCH = 64
PATIENCE_SECONDS = 60.0
"""Prompts wait no longer than this for company: what is answered is kept when the job is ended."""
_MASK_BYTES = {"cpu": 2**26}
_MASK_BYTES_ELSEWHERE = 2**28
"""Elements of a mask or of attention scores that one pass may hold."""
_STATEFUL_ROPE = ("dynamic", "longrope")
"""Rotary types whose angles depend on the length of the whole input: keys of a beginning differ by what follows."""


@dataclass
class _Waiting:
    """Prompts that are computed and wait to be continued: rows of one cache, padded on the left where mask is 0."""

    prompts: list[Prompt]
    hidden: Tensor
    cache: DynamicCache
    mask: Tensor


class SharedPrefixes:
    """Continues prompts whose beginnings are shared, see plan.py. Answers are those of each prompt alone.

    Memory: the cache of one prompt, and beside it at most `budget` bytes of caches that wait for their batch.
    """

    def __init__(self, generator: Generator, kinds: list[Kind], budget: int | None = None) -> None:
        """`kinds`: of the model's layers, see `sharing_kinds`."""
        self._generator = generator
        self._kinds = kinds
        self._device = generator.device.torch
        self._tokens = generator.device.token_budget
        self._suffix = max(1, self._tokens // 16)
        self._budget = cache_budget(self._device) if budget is None else budget
        self._cache = self._empty(0)
        self._held = np.empty(0, dtype=np.int32)
        self._check: Check = lambda: None

    @torch.inference_mode()
    def answers(self, prompts: list[Prompt], check: Check) -> Iterator[list[Outcome]]:
        """Outcomes, a batch at a time. See Engine."""
        self._check = check
        ordered = [prompts[row] for row in order([prompt.ids for prompt in prompts])]
        for prompt in ordered:
            self._generator.require_known(prompt.ids)
        room = max((len(prompt.ids) + prompt.max_new_tokens for prompt in prompts), default=0)
        self._cache, self._held = self._empty(room), np.empty(0, dtype=np.int32)
        waiting: list[_Waiting] = []
        held, since = 0, time.monotonic()
        for shared, rows in runs([prompt.ids for prompt in ordered], self._suffix):
            members = [ordered[row] for row in rows]
            for width, places in batches([len(p.ids) for p in members], shared, MAX_BATCH, self._fits(members)):
                batch = [members[place] for place in places]
                check()
                size = self._bytes(batch)
                if held and (held + size > self._budget or time.monotonic() - since > PATIENCE_SECONDS):
                    yield from self._continue(waiting)
                    held, since = 0, time.monotonic()
                if len(batch) == 1 and 2 * size > self._budget:
                    yield self._alone(batch[0])
                    continue
                waiting.append(self._compute(batch, width))
                held += size
        yield from self._continue(waiting)

    def _fits(self, members: list[Prompt]) -> Any:
        """Whether a batch of so many rows of so many new tokens is small enough."""
        longest = max(members, key=lambda prompt: len(prompt.ids))

        def fits(rows: int, width: int) -> bool:
            mask = rows * width * len(longest.ids) * self._heads()
            memory = 2 * rows * self._bytes([longest])
            return rows * width <= self._tokens and mask <= self._mask_limit() and memory <= self._budget

        return fits

    def _bytes(self, batch: list[Prompt]) -> int:
        longest = max(len(prompt.ids) + prompt.max_new_tokens for prompt in batch)
        return len(batch) * row_bytes(self._kinds, longest)

    def _heads(self) -> int:
        """Scores a query and key that are in memory: one a head in eager attention, else the mask's one."""
        config = self._generator.model.config
        return config.get_text_config().num_attention_heads if config._attn_implementation == "eager" else 1

    def _mask_limit(self) -> int:
        return _MASK_BYTES.get(self._device.type, _MASK_BYTES_ELSEWHERE)

    def chunk(self, seen: int) -> int:
        """Tokens of one pass of a prefill after `seen` tokens: its activations and its mask stay bounded.

        A first pass is causal by itself; a later one has a mask, over the whole of which attention is computed: narrow
        chunks waste less of it.
        """
        limit = self._mask_limit() // self._heads()
        # The positive root of chunk² + seen · chunk = limit.
        widest = int((np.sqrt(float(seen) ** 2 + 4 * limit) - seen) / 2)
        return max(1, min(self._tokens // 8 if seen else self._tokens, max(widest, 128)))

    def _prefill(self, ids: np.ndarray) -> Tensor | None:
        """Bring the cache to hold exactly `ids`; the hidden state of the last token (1, D), where it was computed."""
        kept = common(self._held, ids)
        for layer in self._cache.layers:
            layer.truncate(kept)
        self._held = ids[:kept]
        hidden = None
        tokens = torch.from_numpy(ids.astype(np.int64)).to(self._device)[None]
        while kept < len(ids):
            self._check()
            end = min(len(ids), kept + self.chunk(kept))
            hidden = self._forward(tokens[:, kept:end], [kept], self._ones(1, end), self._cache)
            kept, self._held = end, ids[:end]
        return hidden

    def _whole(self, prompt: Prompt) -> Tensor:
        """The cache holding a prompt, whose last token is computed anew in any case."""
        if common(self._held, prompt.ids) == len(prompt.ids):
            self._prefill(prompt.ids[:-1])
        hidden = self._prefill(prompt.ids)
        assert hidden is not None
        return hidden

    def _alone(self, prompt: Prompt) -> list[Outcome]:
        """A prompt whose cache is too large for a copy is continued where it is."""
        hidden = self._whole(prompt)
        size = len(prompt.ids)
        outcomes = self._generator.continue_rows([prompt], hidden, self._cache, self._ones(1, size), self._check)
        for layer in self._cache.layers:
            layer.truncate(size)
        return outcomes

    def _compute(self, batch: list[Prompt], width: int) -> _Waiting:
        """Compute a batch up to its prompts' ends."""
        room = max(prompt.max_new_tokens for prompt in batch)
        if len(batch) == 1:
            (prompt,) = batch
            hidden = self._whole(prompt)
            cache = spread(self._cache, [len(prompt.ids)], room)
            return _Waiting(batch, hidden, cache, self._ones(1, len(prompt.ids)))
        before = [len(prompt.ids) - width for prompt in batch]
        most = max(before)
        if most:
            self._prefill(batch[before.index(most)].ids[:most])
        cache = spread(self._cache, before, width + room)
        mask = self._ones(len(batch), most + width)
        for row, count in enumerate(before):
            mask[row, : most - count] = 0
        ids = np.stack([prompt.ids[-width:] for prompt in batch]).astype(np.int64)
        hidden = self._forward(torch.from_numpy(ids).to(self._device), before, mask, cache)
        return _Waiting(batch, hidden, cache, mask)

    def _continue(self, waiting: list[_Waiting]) -> Iterator[list[Outcome]]:
        """Continue everything that waits; the list is emptied."""
        groups = decode_batches([tuple(entry.mask.shape) for entry in waiting], MAX_BATCH)
        left = dict(enumerate(waiting))
        waiting.clear()
        for group in groups:
            parts = [left.pop(place) for place in group]
            prompts = [prompt for part in parts for prompt in part.prompts]
            width = max(part.mask.shape[1] for part in parts)
            mask = torch.cat([torch.nn.functional.pad(part.mask, (width - part.mask.shape[1], 0)) for part in parts])
            hidden = torch.cat([part.hidden for part in parts])
            cache = join([part.cache for part in parts], max(prompt.max_new_tokens for prompt in prompts))
            del parts
            yield self._generator.continue_rows(prompts, hidden, cache, mask, self._check)

    def _forward(self, ids: Tensor, first: list[int], mask: Tensor, cache: DynamicCache) -> Tensor:
        hidden, _ = self._generator.forward(ids, torch.tensor(first, device=self._device), mask, cache)
        return hidden

    def _empty(self, room: int) -> DynamicCache:
        return make_cache((kind.window for kind in self._kinds), room)

    def _ones(self, rows: int, width: int) -> Tensor:
        return torch.ones((rows, width), dtype=torch.long, device=self._device)


def sharing_kinds(generator: Generator) -> list[Kind] | None:
    """The model's layers, or None where beginnings cannot be shared exactly.

    So it is with layers that keep a state instead of keys (it cannot be cropped), with chunked attention, and with
    rotary angles that depend on the length of the whole input. Found by a pass over one token.
    """
    text = generator.model.config.get_text_config()
    rope = getattr(text, "rope_parameters", None) or {}
    kinds = [rope, *(value for value in rope.values() if isinstance(value, dict))]
    if any(kind.get("rope_type") in _STATEFUL_ROPE for kind in kinds):
        return None
    if "chunked_attention" in (getattr(text, "layer_types", None) or ()):
        return None
    one = torch.zeros((1, 1), dtype=torch.long, device=generator.device.torch)
    _, cache = generator.forward(one, one[0], torch.ones_like(one), None)
    return layer_kinds(cache)
