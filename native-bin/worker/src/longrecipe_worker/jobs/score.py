"""Logit and log-probability of each true token under one or more models, one model in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from ..context import Context
from ..devices import Device, choose_device
from ..faults import Fault, non_finite
from ..head import Head
from ..job import Job, fingerprint
from ..models import load_model, release_memory
from ..tables import SCORES, NumberLists, PartialTable, list_array, read_table
from ..windows import Window, plan_windows

PART_TOKENS = 65_536
"""Tokens scored between two parts on the disk: what a kill can cost."""


def run(job: Job, context: Context) -> None:
    """Write scores-NAME.arrow for each model; finished ones, and finished documents, are kept from an earlier start."""
    if max(1, job["minContext"]) >= job["window"]:
        raise Fault(
            "score-window",
            f"minContext {job['minContext']} must be smaller than window {job['window']}.",
            "Raise significance.window or lower significance.minContext.",
        )
    tokens = read_table(job["tokens"], ["document", "ids"])
    ids = NumberLists(tokens.column("ids"))
    total = int(ids.lengths().sum()) * len(job["models"])
    device = choose_device(job["device"], job["precision"], context.events)
    identity = fingerprint(job, "tokens")
    for place, entry in enumerate(job["models"]):
        output = Path(job["output"]) / f"scores-{entry['name']}.arrow"
        table = PartialTable(output, SCORES, identity)
        if table.is_finished():
            continue
        scorer = _Scorer(entry, job, device, context, total // len(job["models"]) * place, total)
        scorer.run(tokens.column("document").to_numpy(), ids, table)
        del scorer
        release_memory(device)


class _Scorer:
    """Scores every document under one model."""

    def __init__(self, entry: Any, job: Job, device: Device, context: Context, before: int, total: int) -> None:
        self._model = load_model(entry["model"], device.dtype, device)
        self._head = Head.of(self._model)
        self._name = entry["name"]
        self._device = device
        self._context = context
        self._window, self._min_context = _view(job, entry.get("context"))
        self._done, self._total = before, total

    def run(self, documents: np.ndarray, ids: NumberLists, table: PartialTable) -> None:
        finished = set(table.rows().column("document").to_pylist())
        rows = [row for row, document in enumerate(documents) if int(document) not in finished]
        self._done += int(ids.lengths().sum()) - sum(len(ids[row]) for row in rows)
        for group in _parts(rows, ids):
            scores = [self.score(int(documents[row]), ids[row]) for row in group]
            numbers = pa.array([int(documents[row]) for row in group], pa.int32())
            columns = [list_array([score[column] for score in scores], pa.float32()) for column in (0, 1)]
            table.append([numbers, *columns])
        table.finish("document")

    def score(self, document: int, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logits and log-probabilities of one document, float32 (n,) each; NaN for its first token."""
        logit = np.full(len(ids), np.nan, dtype=np.float32)
        logprob = logit.copy()
        plan = plan_windows(len(ids), self._window, self._min_context)
        for batch in _batches(plan, self._device.token_budget):
            self._context.interrupts.check()
            self._score_batch(document, ids, batch, logit, logprob)
        if not plan:
            self._advance(len(ids))
        return logit, logprob

    @torch.inference_mode()
    def _score_batch(
        self, document: int, ids: np.ndarray, batch: list[Window], logit: np.ndarray, logprob: np.ndarray
    ) -> None:
        width = max(window.end - window.start for window in batch)
        inputs = np.zeros((len(batch), width), dtype=np.int64)
        for row, window in enumerate(batch):
            inputs[row, : window.end - window.start] = ids[window.start : window.end]
        if inputs.max() >= self._model.get_input_embeddings().num_embeddings:
            raise Fault(
                "token-out-of-range",
                f"Document {document} holds token {inputs.max()}, which the model {self._name} does not have.",
                "Score with models that share the tokenizer of the tokens.",
            )
        on_device = torch.from_numpy(inputs).to(self._device.torch)
        # Padding stands on the right, where causal attention never looks: an all-ones mask is exact and keeps the
        # fast causal kernel.
        hidden = self._model.base_model(
            input_ids=on_device, attention_mask=torch.ones_like(on_device), use_cache=False
        ).last_hidden_state
        # One call for all windows: a short window alone would not fill the head's matrix product.
        row = np.repeat(np.arange(len(batch)), [window.end - window.first for window in batch])
        token = np.concatenate([np.arange(window.first, window.end) for window in batch])
        column = token - np.repeat([window.start for window in batch], [window.end - window.first for window in batch])
        values = self._head.true_token(hidden[row, column - 1], on_device[row, column], self._device.logits_budget)
        for target, value in zip((logit, logprob), values, strict=True):
            target[token] = value.cpu().numpy()
        for window in batch:
            self._require_finite(document, window, logit, logprob)
            self._advance(window.end - (0 if window.first == 1 else window.first))

    def _require_finite(self, document: int, window: Window, logit: np.ndarray, logprob: np.ndarray) -> None:
        part = slice(window.first, window.end)
        bad = ~(np.isfinite(logit[part]) & np.isfinite(logprob[part]))
        if bad.any():
            token = window.first + int(bad.argmax())
            raise non_finite(
                f"The model {self._name} gives a non-finite logit in document {document} at token {token}.",
                "Check the model's weights, or take precision float32; a rotary scaling far off can do this too.",
            )

    def _advance(self, tokens: int) -> None:
        self._done += tokens
        self._context.events.progress(self._done, self._total, "tokens", self._name)


def _view(job: Job, context: int | None) -> tuple[int, int]:
    """Window and least context. `context` (contrast) cuts what a token sees to at most that many tokens.

    The truncated view slides by half of `context`, so tokens see between a half of it and all of it: one pass over
    twice the text, where exactly `context` tokens each would need one pass a token.
    """
    if context is None or context + 1 >= job["window"]:
        return job["window"], job["minContext"]
    return context + 1, min(job["minContext"], max(1, context // 2))


def _batches(plan: list[Window], budget: int) -> Iterator[list[Window]]:
    """Consecutive windows that go through the model together: at most `budget` tokens, padding included."""
    batch: list[Window] = []
    width = 0
    for window in plan:
        wider = max(width, window.end - window.start)
        if batch and wider * (len(batch) + 1) > budget:
            yield batch
            batch, wider = [], window.end - window.start
        batch.append(window)
        width = wider
    if batch:
        yield batch


def _parts(rows: list[int], ids: NumberLists) -> Iterator[list[int]]:
    part: list[int] = []
    size = 0
    for row in rows:
        part.append(row)
        size += len(ids[row])
        if size >= PART_TOKENS:
            yield part
            part, size = [], 0
    if part:
        yield part
