"""Answers by vLLM, where it is installed: its paged cache, kernels and prefix caching.

Nothing of it is imported before it is chosen. It continues token ids; ends, stop texts and what counts as an answer are
those of the other engines.
"""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Iterator
from typing import Any

from transformers import GenerationConfig, PreTrainedTokenizerBase

from ..devices import Device
from ..faults import Fault
from ..models import load_config, load_tokenizer, locate
from .greedy import end_tokens
from .plan import order
from .prompts import Check, Lost, Outcome, Prompt, answer, is_stopped

BATCH = 256
"""Prompts handed over at once: what is answered is kept when the job is ended. Neighbours share their beginnings."""
_PLAIN = {"path"}


def is_chosen(wanted: str, spec: dict[str, Any], device: Device) -> bool:
    """Whether vLLM runs this model. Raises a fault where it was asked for and cannot."""
    if wanted == "transformers":
        return False
    installed = importlib.util.find_spec("vllm") is not None
    plain = set(spec) == _PLAIN
    if wanted == "auto":
        return installed and plain and device.kind == "cuda"
    if not installed:
        raise Fault(
            "engine-missing",
            "The engine vllm was asked for, but it is not installed in the worker's Python environment.",
            "Install vllm there (`pip install vllm`), or take engine auto or transformers.",
        )
    if not plain:
        raise Fault(
            "engine-unsupported",
            "vLLM loads models from a folder as they are: an adapter, a merge in memory and replaced rotary parameters "
            "are not for it.",
            "Write the model first (a merge or an export of the run), or take engine auto or transformers.",
        )
    return True


class VllmEngine:
    """Continues prompts in vLLM's engine. See Engine."""

    def __init__(self, llm: Any, tokenizer: PreTrainedTokenizerBase, ends: list[int], window: int | None) -> None:
        """Take an engine that is loaded; `ends`: ids that end an answer."""
        self.window = window
        self._llm = llm
        self._tokenizer = tokenizer
        self._ends = ends

    @staticmethod
    def load(spec: dict[str, Any], device: Device, longest: int, seed: int) -> VllmEngine:
        """Load a model for prompts and answers of at most `longest` tokens together."""
        folder = locate(spec["path"])
        config = load_config(folder)
        window = getattr(config.get_text_config(), "max_position_embeddings", None)
        # Prompts beyond the window are allowed unless the job says otherwise; vLLM refuses them by itself.
        os.environ.setdefault("VLLM_ALLOW_LONG_MAX_MODEL_LEN", "1")
        import vllm

        llm = vllm.LLM(
            model=str(folder),
            dtype=str(device.dtype).removeprefix("torch."),
            max_model_len=max(longest, 1),
            enable_prefix_caching=True,
            generation_config="vllm",  # not the checkpoint's, which may hold penalties
            seed=seed,
        )
        own = GenerationConfig.from_pretrained(folder) if (folder / "generation_config.json").is_file() else None
        return VllmEngine(llm, load_tokenizer(folder), end_tokens(own, config), window)

    def answers(self, prompts: list[Prompt], check: Check) -> Iterator[list[Outcome]]:
        """Outcomes, a batch at a time."""
        ordered = [prompts[row] for row in order([prompt.ids for prompt in prompts])]
        for start in range(0, len(ordered), BATCH):
            check()
            batch = ordered[start : start + BATCH]
            outputs = self._llm.generate(
                [{"prompt_token_ids": prompt.ids.tolist()} for prompt in batch],
                [self._parameters(prompt) for prompt in batch],
                use_tqdm=False,
            )
            yield [self._outcome(prompt, output.outputs[0]) for prompt, output in zip(batch, outputs, strict=True)]

    def _parameters(self, prompt: Prompt) -> Any:
        import vllm

        return vllm.SamplingParams(
            temperature=0.0,
            max_tokens=prompt.max_new_tokens,
            stop=list(prompt.stops) or None,
            stop_token_ids=self._ends,
            logprobs=1,  # vLLM goes on with NaN logits as if they were numbers; log-probabilities show them
            skip_special_tokens=False,  # a stop text may be a special token
        )

    def _outcome(self, prompt: Prompt, output: Any) -> Outcome:
        total = output.cumulative_logprob
        if total is not None and not math.isfinite(total):
            return Lost(prompt.number)
        ids: list[int] = []
        for token in output.token_ids:
            if token in self._ends:
                break
            ids.append(int(token))
            if is_stopped(self._tokenizer, ids, prompt.stops):
                break
        return answer(self._tokenizer, prompt, ids)
