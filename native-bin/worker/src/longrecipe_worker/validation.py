"""Measuring while training: held-out losses by position, a few prompts, the effect of skips. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from .devices import Device
from .engines.greedy import Generator
from .engines.plain import equal_batches
from .events import EventLog
from .faults import classify, non_finite
from .models import load_tokenizer, locate, release_memory
from .samples import Sample, Samples, collate
from .tables import NumberLists, read_table
from .trainable import Trainable

_BEARABLE = ("out-of-memory", "non-finite")
"""Faults that end the validation, never the training."""


class _GivenUp(Exception):
    """Someone waits for the training to end: the measurement is given up."""


class Validation:
    """Measures the model that is being trained; see `measurement` in src/protocol/events.ts."""

    def __init__(self, job: dict[str, Any], trainable: Trainable, device: Device, events: EventLog) -> None:
        """`job` is the train job; its key `validation` says what to measure."""
        spec = job["validation"]
        self._trainable = trainable
        self._device = device
        self._events = events
        self.between: bool = spec.get("between", True)
        """Whether to measure at checkpoints, too: not only before the first step and after the last."""
        self._bins: list[int] = spec["bins"]
        documents = read_table(spec["documents"], ["ids"])
        self._documents = NumberLists(documents.column("ids"))
        self._max_new_tokens = spec["maxNewTokens"]
        self._prompts = read_table(spec["prompts"], ["prompt", "ids"]) if "prompts" in spec else None
        vocabulary = trainable.model.get_input_embeddings().num_embeddings
        self._probe = Samples(spec["probe"], vocabulary) if "probe" in spec else None
        self._tokenizer = load_tokenizer(locate(job["model"]["path"]))
        self._failed = False

    def measure(self, step: int, probe: bool, wanted: Callable[[], bool]) -> None:
        """Measure and report. `probe`: with the effect of skips; `wanted` turns false when the training is to end.

        A fault of memory or numbers ends the validation with a warning: the training goes on.
        """
        if self._failed:
            return
        self._events.flush()
        began = time.perf_counter()
        try:
            with self._at_rest():
                fields = self._measurement(probe, wanted)
        except _GivenUp:
            return
        except Exception as error:
            fault = classify(error)
            if fault.code not in _BEARABLE:
                raise
            self._failed = True
            self._events.log("warning", f"Validation is left out from step {step} on: {fault.message}")
            return
        finally:
            release_memory(self._device)
        self._events.emit("measurement", step=step, seconds=time.perf_counter() - began, **fields)

    def _measurement(self, probe: bool, wanted: Callable[[], bool]) -> dict[str, Any]:
        fields: dict[str, Any] = {"bins": self._measure_bins(wanted), "answers": self._answer(wanted)}
        if probe and self._probe is not None:
            fields["probe"] = self._measure_probe(self._probe, wanted)
        return fields

    @contextmanager
    def _at_rest(self) -> Iterator[None]:
        """The model without dropout, in the training's arithmetic, and every generator as it was afterwards."""
        devices = [self._device.torch] if self._device.kind == "cuda" else []
        cast = self._device.dtype != torch.float32
        with (
            torch.random.fork_rng(devices=devices),
            torch.inference_mode(),
            torch.autocast(self._device.kind, self._device.dtype, enabled=cast),
        ):
            self._trainable.eval()
            try:
                yield
            finally:
                self._trainable.train()

    def _measure_bins(self, wanted: Callable[[], bool]) -> list[dict[str, float]]:
        sums = np.zeros(len(self._bins))
        tokens = np.zeros(len(self._bins), dtype=int)
        documents = [Sample(ids, np.arange(len(ids), dtype=np.int32)) for ids in self._rows(self._documents)]
        for losses in self._losses(documents, wanted):
            # The first token has no loss: losses[i] is that of position i + 1.
            at = np.searchsorted(self._bins, np.arange(1, len(losses) + 1), side="right")
            kept = at < len(self._bins)
            np.add.at(sums, at[kept], losses[kept])
            np.add.at(tokens, at[kept], 1)
        rows = zip(self._bins, tokens.tolist(), sums.tolist(), strict=True)
        return [{"end": end, "tokens": count, "sum": total} for end, count, total in rows]

    def _measure_probe(self, probe: Samples, wanted: Callable[[], bool]) -> list[dict[str, float]]:
        samples = [probe[index] for index in range(len(probe))]
        plain = [Sample(sample.ids, np.arange(len(sample.ids), dtype=np.int32)) for sample in samples]
        pairs = zip(self._losses(plain, wanted), self._losses(samples, wanted), strict=True)
        return [{"tokens": len(one), "plain": float(one.sum()), "skipped": float(other.sum())} for one, other in pairs]

    def _answer(self, wanted: Callable[[], bool]) -> list[dict[str, Any]]:
        if self._prompts is None:
            return []
        numbers, prompts = self._prompts.column("prompt").to_pylist(), NumberLists(self._prompts.column("ids"))
        generator = Generator(self._trainable.model, self._trainable.head, self._tokenizer, self._device)
        answers = []
        for rows in equal_batches(prompts.lengths().tolist(), self._device.token_budget):
            _require(wanted)
            texts = generator.continue_batch(np.stack([prompts[row] for row in rows]), self._max_new_tokens)
            answers += [
                {"prompt": numbers[row], "text": generator.decode(ids)} for row, ids in zip(rows, texts, strict=True)
            ]
        return sorted(answers, key=lambda answer: answer["prompt"])

    def _losses(self, samples: list[Sample], wanted: Callable[[], bool]) -> Iterator[np.ndarray]:
        """Negative log-likelihood of each token but the first, float64 (n - 1,), sample by sample."""
        width = max((len(sample.ids) for sample in samples), default=1)
        size = max(1, self._device.token_budget // width)
        for start in range(0, len(samples), size):
            _require(wanted)
            part = samples[start : start + size]
            batch = {name: tensor.to(self._device.torch) for name, tensor in collate(part).items()}
            hidden = self._trainable.model.base_model(
                input_ids=batch["input_ids"],
                position_ids=batch["position_ids"],
                attention_mask=batch["attention_mask"],
                use_cache=False,
            ).last_hidden_state
            for row, sample in enumerate(part):
                end = len(sample.ids)
                _, logprob = self._trainable.head.true_token(
                    hidden[row, : end - 1], batch["input_ids"][row, 1:end], self._device.logits_budget
                )
                losses = -logprob.double().cpu().numpy()
                if not np.isfinite(losses).all():
                    raise non_finite("the model gives a non-finite loss on held-out text.", "")
                yield losses

    @staticmethod
    def _rows(lists: NumberLists) -> Iterator[np.ndarray]:
        return (lists[row] for row in range(len(lists)) if len(lists[row]) > 1)


def validation_of(job: dict[str, Any], trainable: Trainable, device: Device, events: EventLog) -> Validation | None:
    """The validation that a train job asks for, or None."""
    return Validation(job, trainable, device, events) if "validation" in job else None


def _require(wanted: Callable[[], bool]) -> None:
    if not wanted():
        raise _GivenUp
