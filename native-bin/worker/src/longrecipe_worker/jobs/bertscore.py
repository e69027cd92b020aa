"""BERTScore of pairs of texts (arXiv 1904.09675), as the package bert-score 0.3 gives it without idf and rescaling."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from transformers import AutoModel

from ..context import Context
from ..devices import choose_device
from ..faults import Fault, non_finite
from ..job import Job
from ..models import load_tokenizer, locate, open_weights, read_config, weight_files
from ..tables import TEXT_SCORES, read_table, table_writer

PAIRS_AT_ONCE = 256
"""Pairs whose states are in memory at once."""
# Their tokens see a blank before the first word, and their positions begin after the padding's.
_ROBERTA = ("roberta", "xlm-roberta", "camembert", "longformer")
_BLANK_BEFORE = (*_ROBERTA, "gpt2")
_REMEDY = "Take an encoder such as FacebookAI/roberta-large."


def run(job: Job, context: Context) -> None:
    """Score every pair of the table; the rows keep their order."""
    pairs = read_table(job["pairs"], ["pair", "candidate", "reference"]).to_pylist()
    device = choose_device(job["device"], "float32", context.events)
    encoder = Encoder(locate(job["model"]), job["layer"], device.torch, device.token_budget)
    with table_writer(Path(job["output"]), TEXT_SCORES) as writer:
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            context.interrupts.check()
            some = pairs[start : start + PAIRS_AT_ONCE]
            states = encoder.states({text for row in some for text in (row["candidate"], row["reference"])})
            scores = [greedy_match(states[row["candidate"]], states[row["reference"]]) for row in some]
            for row, score in zip(some, scores, strict=True):
                if not all(map(math.isfinite, score)):
                    raise non_finite(
                        f"BERTScore of pair {row['pair']} is not finite under {job['model']}.", "Take another encoder."
                    )
            columns = [pa.array([row["pair"] for row in some], pa.int32())]
            columns += [pa.array(values, pa.float32()) for values in zip(*scores, strict=True)]
            writer.write_batch(pa.record_batch(columns, schema=TEXT_SCORES))
            context.events.progress(start + len(some), len(pairs), "pairs", "BERTScore")


States = tuple[torch.Tensor, torch.Tensor]
"""Unit vectors of a text's tokens, shape (n, hidden), and which of them count, shape (n,): special ones do not."""


def greedy_match(candidate: States, reference: States) -> tuple[float, float, float]:
    """Precision, recall and F1. Special tokens can be matched with, but their own matches do not count."""
    (ours, our_words), (theirs, their_words) = candidate, reference
    if not our_words.any() or not their_words.any():
        return 0.0, 0.0, 0.0
    similarity = ours @ theirs.T
    precision = similarity.amax(dim=1)[our_words].mean().item()
    recall = similarity.amax(dim=0)[their_words].mean().item()
    total = precision + recall
    return precision, recall, 0.0 if total == 0 else 2 * precision * recall / total


class Encoder:
    """An encoder up to one of its layers."""

    def __init__(self, folder: Path, layer: int, device: torch.device, token_budget: int) -> None:
        """Load it in float32. Raises a fault for a model that is none, or has too few layers."""
        self._tokenizer = load_tokenizer(folder)
        config = _encoder_config(folder)
        if layer > config.num_hidden_layers:
            raise Fault(
                "bertscore-layer",
                f"The encoder in {folder} has {config.num_hidden_layers} layers, and layer {layer} is asked for.",
                "Set bertScore.layer: 17 is the one for roberta-large, 10 for roberta-base, 9 for bert-base-uncased.",
            )
        config.num_hidden_layers = layer
        for file in weight_files(folder):
            with open_weights(file):
                pass  # a damaged file is told by its name
        self._model: Any = AutoModel.from_pretrained(folder, config=config, dtype=torch.float32, local_files_only=True)
        self._model.to(device).eval()
        self._device, self._budget = device, token_budget
        kind = config.model_type
        positions = config.max_position_embeddings - (2 if kind in _ROBERTA else 0)
        self._limit = min(self._tokenizer.model_max_length, positions)
        self._blank = " " if kind in _BLANK_BEFORE else ""

    @torch.no_grad()
    def states(self, texts: set[str]) -> dict[str, States]:
        """States of different texts; those that are too long are cut off, as the package does it."""
        tokens = {text: self._encode(text) for text in texts}
        found: dict[str, States] = {}
        for batch in self._batches(tokens):
            longest = len(tokens[batch[-1]])
            pad = self._tokenizer.pad_token_id or 0
            ids = torch.tensor([tokens[text] + [pad] * (longest - len(tokens[text])) for text in batch])
            mask = torch.tensor([[1] * len(tokens[text]) + [0] * (longest - len(tokens[text])) for text in batch])
            hidden = self._model(ids.to(self._device), attention_mask=mask.to(self._device)).last_hidden_state.cpu()
            special = {self._tokenizer.cls_token_id, self._tokenizer.sep_token_id}
            for text, states in zip(batch, hidden, strict=True):
                own = states[: len(tokens[text])]
                words = torch.tensor([token not in special for token in tokens[text]], dtype=torch.bool)
                found[text] = (own / own.norm(dim=-1, keepdim=True), words)
        return found

    def _encode(self, text: str) -> list[int]:
        bare = text.strip()
        return self._tokenizer.encode(self._blank + bare if bare else "", truncation=True, max_length=self._limit)

    def _batches(self, tokens: dict[str, list[int]]) -> Iterator[list[str]]:
        """Texts of like length, as many as the device takes at once."""
        batch: list[str] = []
        for text in sorted(tokens, key=lambda text: (len(tokens[text]), text)):
            longest = len(tokens[text])
            if batch and longest * (len(batch) + 1) > self._budget:
                yield batch
                batch = []
            batch.append(text)
        if batch:
            yield batch


def _encoder_config(folder: Path) -> Any:
    config = read_config(folder, _REMEDY)
    if not hasattr(config, "num_hidden_layers") or not hasattr(config, "max_position_embeddings"):
        raise Fault(
            "bertscore-encoder",
            f"The model in {folder} ({config.model_type}) is no encoder with layers.",
            _REMEDY,
        )
    return config
