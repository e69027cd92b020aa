"""Greedy continuation of token-id prompts with a key-value cache, one model in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from transformers import PreTrainedTokenizerBase

from ..context import Context
from ..devices import Device, choose_device
from ..faults import Fault, non_finite
from ..head import Head
from ..job import Job, fingerprint
from ..models import load_model, load_tokenizer, locate, release_memory
from ..tables import GENERATIONS, NumberLists, PartialTable, list_array, read_table

MAX_BATCH = 64


def run(job: Job, context: Context) -> None:
    """Write generations-NAME.arrow for each model; finished batches are kept from an earlier start."""
    table = read_table(job["prompts"], ["prompt", "ids"])
    numbers = table.column("prompt").to_numpy()
    prompts = NumberLists(table.column("ids"))
    if len(prompts) and int(prompts.lengths().min()) == 0:
        empty = int(numbers[int(prompts.lengths().argmin())])
        raise Fault("prompt-empty", f"Prompt {empty} holds no tokens.", "Give prompts of at least one token.")
    device = choose_device(job["device"], job["precision"], context.events)
    identity = fingerprint(job, "prompts")
    total = len(prompts) * len(job["models"])
    for place, entry in enumerate(job["models"]):
        output = Path(job["output"]) / f"generations-{entry['name']}.arrow"
        parts = PartialTable(output, GENERATIONS, identity)
        if parts.is_finished():
            continue
        finished = set(parts.rows().column("prompt").to_pylist())
        open_rows = [row for row in range(len(prompts)) if int(numbers[row]) not in finished]
        done = len(prompts) * (place + 1) - len(open_rows)
        generator = Generator.load(entry["model"], device)
        for rows in batches(open_rows, prompts, device.token_budget * 2):
            context.interrupts.check()
            batch = np.stack([prompts[row] for row in rows])
            continuations = generator.continue_batch(batch, job["maxNewTokens"])
            parts.append(
                [
                    pa.array([int(numbers[row]) for row in rows], pa.int32()),
                    list_array(continuations, pa.int32()),
                    pa.array([generator.decode(ids) for ids in continuations], pa.string()),
                ]
            )
            done += len(rows)
            context.events.progress(done, total, "prompts", entry["name"])
        parts.finish("prompt")
        del generator
        release_memory(device)


def batches(rows: list[int], prompts: NumberLists, budget: int) -> Iterator[list[int]]:
    """Rows of equal length, at most `budget` prompt tokens at once: no padding, so every position is a true one."""
    lengths = prompts.lengths()
    for length, group in groupby(sorted(rows, key=lambda row: int(lengths[row])), key=lambda row: int(lengths[row])):
        same = list(group)
        size = max(1, min(MAX_BATCH, budget // length))
        for start in range(0, len(same), size):
            yield same[start : start + size]


class Generator:
    """A loaded model that continues prompts by the most probable token.

    Not `model.generate`: a checkpoint's generation_config may hold penalties and forced tokens, which would make the
    comparison of models depend on them.
    """

    def __init__(self, model: Any, head: Head, tokenizer: PreTrainedTokenizerBase, device: Device) -> None:
        """Take a model that is loaded, in eval mode."""
        self._model = model
        self._head = head
        self._tokenizer = tokenizer
        self._device = device
        self._ends = _end_tokens(model)

    @staticmethod
    def load(spec: dict[str, Any], device: Device) -> Generator:
        """Load the model and its tokenizer."""
        model = load_model(spec, device.dtype, device)
        return Generator(model, Head.of(model), load_tokenizer(locate(spec["path"])), device)

    def decode(self, ids: np.ndarray) -> str:
        """Text of new tokens."""
        return self._tokenizer.decode(ids.tolist(), skip_special_tokens=True)

    @torch.inference_mode()
    def continue_batch(self, prompts: np.ndarray, max_new_tokens: int) -> list[np.ndarray]:
        """New tokens of each prompt of a batch (B, N), up to and without the end token; int32 (<= max_new_tokens,)."""
        count, length = prompts.shape
        if prompts.max() >= self._model.get_input_embeddings().num_embeddings:
            raise Fault(
                "token-out-of-range",
                f"A prompt holds token {prompts.max()}, which the model does not have.",
                "Generate with models that share the tokenizer of the prompts.",
            )
        step = torch.from_numpy(prompts.astype(np.int64)).to(self._device.torch)
        mask = torch.ones((count, length + max_new_tokens), dtype=torch.long, device=step.device)
        ended = torch.zeros(count, dtype=torch.bool, device=step.device)
        ends = torch.tensor(self._ends, device=step.device)
        new: list[torch.Tensor] = []
        cache = None
        for position in range(length, length + max_new_tokens):
            first = position - step.shape[1]
            output = self._model.base_model(
                input_ids=step,
                attention_mask=mask[:, :position],
                position_ids=torch.arange(first, position, device=step.device).expand(count, -1),
                past_key_values=cache,
                use_cache=True,
            )
            cache = output.past_key_values
            # The head sees the last position alone: logits of a long prompt would not fit.
            chosen = self._choose(output.last_hidden_state[:, -1])
            new.append(chosen)
            ended |= torch.isin(chosen, ends)
            if bool(ended.all()):
                break
            step = chosen[:, None]
        return [_until_end(row, self._ends) for row in torch.stack(new, 1).cpu().numpy().astype(np.int32)]

    def _choose(self, hidden: torch.Tensor) -> torch.Tensor:
        logits = self._head.logits(hidden)
        if not bool(torch.isfinite(logits).all()):
            raise non_finite(
                "The model gives non-finite logits while generating.",
                "Check the model's weights, or take precision float32; a rotary scaling far off can do this too.",
            )
        return logits.argmax(-1)


def _end_tokens(model: Any) -> list[int]:
    """Ids that end a text, by the generation config first, then the model's."""
    ends = getattr(model.generation_config, "eos_token_id", None)
    if ends is None:
        ends = model.config.get_text_config().eos_token_id
    if ends is None:
        return []
    return list(ends) if isinstance(ends, list) else [ends]


def _until_end(ids: np.ndarray, ends: list[int]) -> np.ndarray:
    at = np.flatnonzero(np.isin(ids, ends))
    return ids[: at[0]] if len(at) else ids
