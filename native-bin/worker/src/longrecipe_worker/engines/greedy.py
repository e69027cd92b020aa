"""A loaded model that continues prompts by the most probable token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from ..devices import Device
from ..faults import Fault, non_finite_logits
from ..head import Head
from ..models import load_model, load_tokenizer, locate
from .cache import is_ours, select
from .prompts import Check, Lost, Outcome, Prompt, answer, is_stopped


class Generator:
    """Passes of a model, and the loop that continues a batch.

    Not `model.generate`: a checkpoint's generation_config may hold penalties and forced tokens, which would make the
    comparison of models depend on them.
    """

    def __init__(self, model: Any, head: Head, tokenizer: PreTrainedTokenizerBase, device: Device) -> None:
        """Take a model that is loaded, in eval mode."""
        self.model = model
        self.tokenizer = tokenizer
        self.device = device
        self._head = head
        self._ends = frozenset(end_tokens(model.generation_config, model.config))

    @staticmethod
    def load(spec: dict[str, Any], device: Device) -> Generator:
        """Load the model and its tokenizer."""
        model = load_model(spec, device.dtype, device)
        return Generator(model, Head.of(model), load_tokenizer(locate(spec["path"])), device)

    def decode(self, ids: np.ndarray) -> str:
        """Text of new tokens."""
        return self.tokenizer.decode(ids.tolist(), skip_special_tokens=True)

    @property
    def window(self) -> int | None:
        """Tokens that the model's positions are made for, where its config says."""
        return getattr(self.model.config.get_text_config(), "max_position_embeddings", None)

    def require_known(self, ids: np.ndarray) -> None:
        """Raise a fault where a prompt holds tokens that the model has not."""
        if len(ids) and int(ids.max()) >= self.model.get_input_embeddings().num_embeddings:
            raise Fault(
                "token-out-of-range",
                f"A prompt holds token {ids.max()}, which the model does not have.",
                "Generate with models that share the tokenizer of the prompts.",
            )

    @torch.inference_mode()
    def forward(self, ids: Tensor, first: Tensor, mask: Tensor, cache: Any) -> tuple[Tensor, Any]:
        """Hidden state of the last token (B, D) and the cache after a pass over ids (B, n).

        first: position of the first token of each row (B,); mask: (B, tokens seen and new), 0 where there is padding.
        The mask is passed though it hides nothing as a rule: see `Position skips and attention` in ARCHITECTURE.md.
        """
        output = self.model.base_model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=first[:, None] + torch.arange(ids.shape[1], device=ids.device),
            past_key_values=cache,
            use_cache=True,
        )
        return output.last_hidden_state[:, -1], output.past_key_values

    def continue_batch(self, prompts: np.ndarray, max_new_tokens: int) -> list[np.ndarray]:
        """New tokens of each prompt of a batch (B, N), up to and without the end token; int32 (<= max_new_tokens,).

        Raises a fault for non-finite logits.
        """
        rows = [Prompt(row, ids, max_new_tokens) for row, ids in enumerate(prompts)]
        found = {outcome.number: outcome for outcome in self.continue_equal(rows, lambda: None)}
        results = []
        for row in range(len(rows)):
            outcome = found[row]
            if isinstance(outcome, Lost):
                raise non_finite_logits("The model gives non-finite logits while generating.")
            results.append(outcome.ids)
        return results

    def continue_equal(self, prompts: list[Prompt], check: Check) -> list[Outcome]:
        """Outcomes of prompts of one length, in one pass and with the model's own cache."""
        ids = np.stack([prompt.ids for prompt in prompts])
        self.require_known(ids.reshape(-1))
        step = torch.from_numpy(ids.astype(np.int64)).to(self.device.torch)
        mask = torch.ones_like(step)
        first = torch.zeros(len(ids), dtype=torch.long, device=step.device)
        hidden, cache = self.forward(step, first, mask, None)
        return self.continue_rows(prompts, hidden, cache, mask, check)

    @torch.inference_mode()
    def continue_rows(
        self, prompts: Sequence[Prompt], hidden: Tensor, cache: Any, mask: Tensor, check: Check
    ) -> list[Outcome]:
        """Outcomes of prompts, given their last hidden states (B, D) and cache; mask (B, N): 0 for padding."""
        rows = [_Row(prompt) for prompt in prompts]
        outcomes: list[Outcome] = []
        width = mask.shape[1]
        mask = torch.nn.functional.pad(mask, (0, max(prompt.max_new_tokens for prompt in prompts)), value=1)
        positions = mask[:, :width].sum(1)
        step = 0
        while True:
            chosen = self._choose(hidden)
            for row, token in zip(rows, chosen.tolist(), strict=True):
                if row.open:
                    outcome = row.take(token, self._ends, self.tokenizer)
                    if outcome is not None:
                        outcomes.append(outcome)
            if len(outcomes) == len(prompts):
                return outcomes
            check()
            if is_ours(cache) and 2 * sum(row.open for row in rows) <= len(rows):
                left = [place for place, row in enumerate(rows) if row.open]
                index = torch.tensor(left, device=mask.device)
                select(cache, index)
                rows, mask, positions, chosen = (
                    [rows[place] for place in left],
                    mask[index],
                    positions[index],
                    chosen[index],
                )
            step += 1
            hidden, cache = self.forward(chosen.clamp(min=0)[:, None], positions, mask[:, : width + step], cache)
            positions = positions + 1

    def _choose(self, hidden: Tensor) -> Tensor:
        """The most probable token of each row (B,), or -1 where logits are not finite."""
        logits = self._head.logits(hidden)
        return torch.where(torch.isfinite(logits).all(-1), logits.argmax(-1), -1)


class _Row:
    """One prompt of a batch that is being continued."""

    def __init__(self, prompt: Prompt) -> None:
        self.open = True
        self._prompt = prompt
        self._ids: list[int] = []

    def take(self, token: int, ends: frozenset[int], tokenizer: PreTrainedTokenizerBase) -> Outcome | None:
        """Take the next token (-1: there is none); returns the outcome where this is the end."""
        prompt = self._prompt
        if token < 0:
            self.open = False
            return Lost(prompt.number)
        if token in ends:
            self.open = False
            return answer(tokenizer, prompt, self._ids)
        self._ids.append(token)
        if len(self._ids) >= prompt.max_new_tokens or is_stopped(tokenizer, self._ids, prompt.stops):
            self.open = False
            return answer(tokenizer, prompt, self._ids)
        return None


def end_tokens(generation_config: Any, config: Any) -> list[int]:
    """Ids that end a text, by the generation config first, then the model's."""
    ends = getattr(generation_config, "eos_token_id", None)
    if ends is None:
        ends = config.get_text_config().eos_token_id
    if ends is None:
        return []
    return list(ends) if isinstance(ends, list) else [ends]
