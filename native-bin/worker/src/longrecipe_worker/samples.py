"""Training samples and their batches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .faults import Fault
from .head import IGNORED
from .tables import NumberLists, has_column, read_table

Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Sample:
    """One sample; shape (n,) each."""

    ids: np.ndarray
    positions: np.ndarray
    weights: np.ndarray | None = None
    """What each token counts in the loss; None: all alike."""


class Samples:
    """The samples table in its own order, which the method has already shuffled; it wraps around at its end."""

    def __init__(self, path: str | Path, vocabulary: int) -> None:
        """Map the table and check that it can be trained on by a model of `vocabulary` tokens."""
        table = read_table(path, ["sample", "ids", "positions"])
        self._numbers = table.column("sample")
        self._ids = NumberLists(table.column("ids"))
        self._positions = NumberLists(table.column("positions"))
        weighted = has_column(path, "weights")
        self._weights = NumberLists(read_table(path, ["weights"]).column("weights")) if weighted else None
        self._vocabulary = vocabulary
        if len(self._ids) == 0:
            raise Fault("samples-empty", f"The table {path} holds no samples.", "Give a larger corpus or a smaller L.")

    def __len__(self) -> int:
        """Samples in the table."""
        return len(self._ids)

    def __getitem__(self, index: int) -> Sample:
        """A sample; any index >= 0, modulo the number of samples."""
        row = index % len(self)
        weights = None if self._weights is None else self._weights[row]
        sample = Sample(self._ids[row], self._positions[row], weights)
        problem = self._problem(sample)
        if problem:
            number = self._numbers[row].as_py()
            raise Fault("sample-invalid", f"Sample {number} {problem}.", "Build the samples again for this model.")
        return sample

    def _problem(self, sample: Sample) -> str | None:
        ids, positions = sample.ids, sample.positions
        if len(ids) != len(positions):
            return f"has {len(ids)} ids and {len(positions)} positions"
        if len(ids) < 2:
            return f"has {len(ids)} tokens, and none can be predicted"
        if ids.min() < 0 or ids.max() >= self._vocabulary:
            return f"holds a token outside the model's vocabulary of {self._vocabulary}"
        if positions[0] < 0 or not (np.diff(positions) > 0).all():
            return "has positions that do not increase"
        return None if sample.weights is None else _weights_problem(sample.weights, len(ids))


def _weights_problem(weights: np.ndarray, tokens: int) -> str | None:
    if len(weights) != tokens:
        return f"has {tokens} ids and {len(weights)} weights"
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        return "has a loss weight that is no number of at least 0"
    return None


def collate(samples: list[Sample]) -> Batch:
    """Pad samples on the right to one batch: input_ids, position_ids, labels, attention_mask, int64 (B, N) each.

    Where the samples have weights, so has the batch, float32 (B, N).

    The attention mask is there and all ones. There, because without one transformers takes a skip in position_ids for
    the border between packed sequences and lets nothing attend across it. All ones over the padding too, because
    causal attention never looks right, padding has no label, and a mask with zeros in it would be expanded to N × N.
    Labels are the ids; the loss shifts them.
    """
    count, width = len(samples), max(len(sample.ids) for sample in samples)
    input_ids = np.zeros((count, width), dtype=np.int64)
    labels = np.full((count, width), IGNORED, dtype=np.int64)
    position_ids = np.empty((count, width), dtype=np.int64)
    weights = np.zeros((count, width), dtype=np.float32)
    for row, sample in enumerate(samples):
        length = len(sample.ids)
        input_ids[row, :length] = sample.ids
        labels[row, :length] = sample.ids
        position_ids[row, :length] = sample.positions
        # Padding goes on counting: a value that falls or recurs would look like the start of a packed sequence.
        position_ids[row, length:] = sample.positions[-1] + 1 + np.arange(width - length)
        if sample.weights is not None:
            weights[row, :length] = sample.weights
    tensors = {"input_ids": input_ids, "position_ids": position_ids, "labels": labels}
    if samples[0].weights is not None:
        tensors["weights"] = weights
    batch = {name: torch.from_numpy(array) for name, array in tensors.items()}
    batch["attention_mask"] = torch.ones_like(batch["input_ids"])
    return batch


def predicted_tokens(batch: Batch) -> int:
    """Tokens of a batch that have a loss: every one but the first of each sample."""
    return int((batch["labels"][:, 1:] != IGNORED).sum())
