"""A random Llama model, samples and a training job for the benchmarks; and the bare loop they are compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from tokenizers import Tokenizer, models
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast

from longrecipe_worker.tables import list_array, table_writer

ROPE = {"parameters": {"rope_type": "default", "rope_theta": 500_000.0}, "maxPositionEmbeddings": 32_768}
SHAPES: dict[str, dict[str, int]] = {
    "embedded (1.1 M)": {
        "vocab_size": 2048,
        "hidden_size": 128,
        "intermediate_size": 384,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
    },
    "wide vocabulary (5 M)": {
        "vocab_size": 32_768,
        "hidden_size": 128,
        "intermediate_size": 384,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    },
    "middle (35 M)": {
        "vocab_size": 32_768,
        "hidden_size": 384,
        "intermediate_size": 1024,
        "num_hidden_layers": 6,
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
    },
    "SmolLM2 shape (135 M)": {
        "vocab_size": 49_152,
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_hidden_layers": 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
    },
}


def save_model(folder: Path, shape: str) -> Path:
    """Save a random model of a shape, with a tokenizer that nothing uses."""
    torch.manual_seed(0)
    config = LlamaConfig(**SHAPES[shape], max_position_embeddings=512, tie_word_embeddings=True)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE())).save_pretrained(folder)
    return folder


def save_samples(path: Path, count: int, length: int, vocabulary: int) -> Path:
    """Save random samples of `length` tokens with one skip each."""
    random = np.random.default_rng(0)
    lists = [pa.list_(pa.int32())] * 3
    schema = pa.schema(
        [("sample", pa.int32()), ("document", pa.int32()), *zip(("ids", "positions", "segments"), lists, strict=True)]
    )
    positions = np.arange(length) + np.where(np.arange(length) < length // 2, 0, length)
    columns = [
        [random.integers(0, vocabulary, length) for _ in range(count)],
        [positions] * count,
        [np.array([0, length // 2])] * count,
    ]
    numbers = pa.array(range(count), pa.int32())
    with table_writer(path, schema) as writer:
        writer.write_batch(
            pa.record_batch([numbers, numbers, *(list_array(c, pa.int32()) for c in columns)], schema=schema)
        )
    return path


def train_job(folder: Path, model: Path, samples: Path, micro_batch: int, checkpointing: bool) -> dict[str, Any]:
    """A full fine-tuning job on them."""
    return {
        "version": 1, "kind": "train", "events": str(folder / "events.jsonl"), "control": str(folder), "device": "cpu",
        "precision": "float32", "seed": 0, "model": {"path": str(model), "rope": ROPE}, "samples": str(samples),
        "output": str(folder / "out"), "method": {"type": "full"}, "learningRate": 1e-5, "schedule": "constant",
        "warmupSteps": 0, "weightDecay": 0.1, "maxGradNorm": 1.0, "steps": 10**6, "microBatchSize": micro_batch,
        "gradientAccumulation": 1, "gradientCheckpointing": checkpointing, "checkpointEvery": 10**6,
        "keepCheckpoints": 1,
    }  # fmt: skip


class BareLoop:
    """What one writes without us: model, labels, backward, clip, AdamW; logits materialised by the model's own loss."""

    def __init__(self, model: Path, samples: Path, micro_batch: int) -> None:
        """Load the model and the samples into memory."""
        self._model = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).train()
        self._optimizer = torch.optim.AdamW(self._model.parameters(), lr=1e-5, weight_decay=0.1, fused=True)
        table = pa.ipc.open_file(pa.memory_map(str(samples))).read_all()
        self._ids, self._positions = (torch.tensor(table.column(name).to_pylist()) for name in ("ids", "positions"))
        self._micro_batch = micro_batch

    def step(self, number: int) -> float:
        """One optimizer step; returns the loss."""
        rows = (torch.arange(self._micro_batch) + number * self._micro_batch) % len(self._ids)
        ids = self._ids[rows]
        mask = torch.ones_like(ids)
        output = self._model(
            input_ids=ids, position_ids=self._positions[rows], attention_mask=mask, labels=ids, use_cache=False
        )
        output.loss.backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return output.loss.item()
