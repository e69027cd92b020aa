"""A model as lm-evaluation-harness asks it: its own HFLM, on a model that we loaded, with answers that are kept.

Importing this module imports lm_eval, the worker's extra `evaluation`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from transformers import LogitsProcessor, LogitsProcessorList, PreTrainedTokenizerBase

from .ability_store import Answers
from .devices import Device
from .faults import non_finite_logits

MAX_BATCH = 64
# HFLM holds the logits of a whole batch three times over: as computed, in float32, and as log-probabilities.
_LOGITS = {"cpu": 1 << 28, "cuda": 1 << 30, "xpu": 1 << 30, "mps": 1 << 28}


class AbilityModel(HFLM):
    """HFLM with batches by length, answers kept one by one, and non-finite logits and cut prompts told."""

    def __init__(
        self,
        name: str,
        model: Any,
        tokenizer: PreTrainedTokenizerBase,
        device: Device,
        max_length: int,
        batch_size: int | None,
        answers: Answers,
        on_answer: Callable[[int, int], None],
    ) -> None:
        """Take a loaded model. `on_answer(done, total)` is called after each answer of a request type; it may raise."""
        super().__init__(
            pretrained=model,
            backend="causal",
            tokenizer=tokenizer,
            max_length=max_length,
            batch_size=batch_size or "auto",
        )
        self.name = name
        self.cut: set[tuple[str | None, int | None]] = set()
        """Task and document of prompts that were longer than the model sees."""
        self._answers = answers
        self._on_answer = on_answer
        vocabulary = model.get_output_embeddings().weight.shape[0]
        self._logits_tokens = max(1, _LOGITS[device.kind] // vocabulary)
        self._tokens = 2 * device.token_budget
        self._asked: dict[str, Instance] = {}
        self._count = (0, 0)
        self._longest = max_length
        self._batch = (0, 0)
        self._strings: list[str] = []
        self.set_cache_hook(self)

    def loglikelihood(self, requests: list[Instance], disable_tqdm: bool = False) -> list[tuple[float, bool]]:
        """Log-probability of each continuation, and whether it is the greedy one."""
        found = self._ask("loglikelihood", requests, super().loglikelihood)
        return [(float(logprob), bool(greedy)) for logprob, greedy in found]

    def loglikelihood_rolling(self, requests: list[Instance], disable_tqdm: bool = False) -> list[float]:
        """Log-probability of each whole text."""
        return [float(value) for value in self._ask("loglikelihood_rolling", requests, super().loglikelihood_rolling)]

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        """Continuation of each prompt."""
        return self._ask("generate_until", requests, super().generate_until)

    def _ask(self, kind: str, requests: list[Instance], ask: Callable[..., list[Any]]) -> list[Any]:
        """Answers to all requests, in order; only those that are not known are computed, equal ones once."""
        keys = [None if _is_sampled(request) else Answers.key(kind, request.args) for request in requests]
        rest: list[Instance] = []
        self._asked = {}
        for key, request in zip(keys, requests, strict=True):
            if key is None or (key not in self._answers and key not in self._asked):
                rest.append(request)
            self._asked.setdefault(Answers.key(kind, request.args), request)
        self._count = (0, len(rest))
        if kind == "generate_until" and rest:
            self._longest = min(self._max_length, max(len(self.tok_encode(str(request.args[0]))) for request in rest))
        new = ask(rest, disable_tqdm=True) if rest else []
        sampled = iter(answer for answer, request in zip(new, rest, strict=True) if _is_sampled(request))
        return [next(sampled) if key is None else self._answers[key] for key in keys]

    def add_partial(self, kind: str, arguments: Sequence[Any], answer: Any) -> None:
        """Take one answer from HFLM, which calls this on its cache hook: on us."""
        key = Answers.key(kind, arguments)
        value = answer[0] if isinstance(answer, tuple) else answer
        request = self._asked.get(key)
        if isinstance(value, float) and not math.isfinite(value):
            raise self._non_finite(request)
        if request is None or not _is_sampled(request):
            self._answers.add(key, answer)
        self._count = (self._count[0] + 1, self._count[1])
        self._on_answer(*self._count)

    def get_model_info(self) -> dict[str, Any]:
        """Nothing: HFLM would ask the hub."""
        return {}

    def _loglikelihood_tokens(self, requests: list[Any], **options: Any) -> list[tuple[float, bool]]:
        for strings, context, continuation in requests:
            if strings is not None and len(context) + len(continuation) > self._max_length + 1:
                self._note_cut("loglikelihood", strings)
        return super()._loglikelihood_tokens(requests, **options)

    def _batch_scheduler(self, pos: int, n_reordered_requests: Sequence[Any]) -> int:
        """Size of the batch that request `pos` belongs to; they come longest first, so its first one is its longest."""
        start, end = self._batch if pos > 0 else (0, 0)
        if pos >= end:
            _, context, continuation = n_reordered_requests[pos]
            length = min(self._max_length, len(context) + len(continuation))
            start, end = pos, pos + _fitting(min(self._tokens, self._logits_tokens), length)
            self._batch = (start, end)
        return end - start

    def _detect_batch_size(self, requests: Sequence[Any] | None = None, pos: int = 0) -> int:
        """Sequences in one pass: by length instead of by trying."""
        length = self._max_length if self._asks_windows() else self._longest
        return _fitting(min(self._tokens, self._logits_tokens) if self._asks_windows() else self._tokens, length)

    def _asks_windows(self) -> bool:
        return any(request.request_type == "loglikelihood_rolling" for request in self._asked.values())

    def tok_batch_encode(
        self, strings: list[str], padding_side: str = "left", left_truncate_len: int | None = None, **options: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and mask of a batch of prompts. Notes which lose their beginning."""
        ids, mask = super().tok_batch_encode(strings, padding_side, None, **options)
        self._strings = list(strings)
        if left_truncate_len is not None:
            for string, length in zip(strings, mask.sum(1).tolist(), strict=True):
                if length > left_truncate_len:
                    self._note_cut("generate_until", string)
            ids, mask = ids[:, -left_truncate_len:], mask[:, -left_truncate_len:]
        return ids, mask

    def _model_generate(self, context: torch.Tensor, max_length: int, stop: list[str], **options: Any) -> torch.Tensor:
        checks = LogitsProcessorList([_RequireFinite(self._non_finite_row)])
        return super()._model_generate(context, max_length, stop, logits_processor=checks, **options)

    def _note_cut(self, kind: str, prompt: Any) -> None:
        """Note the document of a prompt: by its arguments, or (generation) by the text it begins with."""
        request = self._asked.get(Answers.key(kind, prompt)) if kind == "loglikelihood" else self._by_prompt(prompt)
        if request is not None:
            self.cut.add((request.task_name, request.doc_id))

    def _by_prompt(self, prompt: str) -> Instance | None:
        return next((request for request in self._asked.values() if request.args[0] == prompt), None)

    def _non_finite_row(self, row: int) -> Exception:
        return self._non_finite(self._by_prompt(self._strings[row]) if row < len(self._strings) else None)

    def _non_finite(self, request: Instance | None) -> Exception:
        place = "" if request is None else f" for document {request.doc_id} of {request.task_name}"
        return non_finite_logits(f"{self.name} gives non-finite logits{place}.")


class _RequireFinite(LogitsProcessor):
    """Raises where a row of logits is not finite: the most probable of NaNs would be taken for an answer."""

    def __init__(self, fault: Callable[[int], Exception]) -> None:
        self._fault = fault

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        finite = torch.isfinite(scores).all(1)
        if not bool(finite.all()):
            raise self._fault(int((~finite).nonzero()[0, 0]))
        return scores


def _fitting(tokens: int, length: int) -> int:
    return max(1, min(MAX_BATCH, tokens // max(1, length)))


def _is_sampled(request: Instance) -> bool:
    """Whether an answer is drawn: the same question then has many."""
    return len(request.args) > 1 and isinstance(request.args[1], dict) and bool(request.args[1].get("do_sample"))
