"""What the tests of training share: jobs, and what they leave behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from safetensors.torch import load_file

from conftest import Runner
from longrecipe_worker.tables import list_array, table_writer

FULL = {"type": "full"}
LORA = {"type": "lora", "rank": 4, "alpha": 8, "dropout": 0.1, "targets": ["q_proj", "v_proj"]}
ROPE = {"parameters": {"rope_type": "default", "rope_theta": 40000.0}, "maxPositionEmbeddings": 96}


def fields(runner: Runner, model: Path, name: str = "out", **changes: object) -> dict[str, object]:
    return {
        "model": {"path": str(model), "rope": ROPE},
        "samples": runner.folder / "samples.arrow",
        "output": runner.folder / name,
        "method": FULL,
        "learningRate": 1e-3,
        "schedule": "linear",
        "warmupSteps": 1,
        "weightDecay": 0.1,
        "maxGradNorm": 1.0,
        "steps": 6,
        "microBatchSize": 2,
        "gradientAccumulation": 2,
        "gradientCheckpointing": False,
        "checkpointEvery": 2,
        "keepCheckpoints": 2,
        **changes,
    }


def losses(runner: Runner, name: str = "job") -> list[tuple[int, float]]:
    return [(event["step"], event["values"]["loss"]) for event in runner.events("metric", name)]


def weights(runner: Runner, name: str = "out") -> dict[str, torch.Tensor]:
    return load_file(runner.folder / name / "model" / "model.safetensors")


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def add_weights(runner: Runner, rows: list[np.ndarray]) -> None:
    """Give the samples table its column of loss weights."""
    path = runner.folder / "samples.arrow"
    table = pa.ipc.open_file(pa.BufferReader(path.read_bytes())).read_all()
    table = table.append_column("weights", list_array(rows, pa.float32()))
    with table_writer(path, table.schema) as writer:
        writer.write_table(table)
