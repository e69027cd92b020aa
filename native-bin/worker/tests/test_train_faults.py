"""Faults of training: each ends with its exit code and says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from conftest import SAMPLES, Runner, make_model
from longrecipe_worker.faults import EXIT_BAD_INPUT, EXIT_DISK_FULL, EXIT_NON_FINITE, EXIT_OUT_OF_MEMORY
from longrecipe_worker.jobs import train
from training import LORA, add_weights, fields

pytestmark = pytest.mark.usefixtures("every_metric")


def test_diverging_names_the_step(runner: Runner, llama: Path) -> None:
    runner.samples()
    assert runner.run("train", **fields(runner, llama, learningRate=1e30, schedule="constant")) == EXIT_NON_FINITE
    (error,) = runner.events("error")
    assert error["code"] == "non-finite"
    assert "step" in error["message"]
    assert "learning rate" in error["remedy"]


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (lambda ids, pos: (ids + 1000, pos), "vocabulary"),
        (lambda ids, pos: (ids, pos[::-1]), "do not increase"),
        (lambda ids, pos: (ids, pos[:-1]), "24 ids and 23 positions"),
        (lambda ids, pos: (ids[:1], pos[:1]), "1 tokens"),
    ],
)
def test_bad_samples_are_told(problem: object, words: str, runner: Runner, llama: Path) -> None:
    ids, positions = problem(np.arange(1, 25), np.arange(24))
    runner.table("samples.arrow", SAMPLES, [[5], [0], [ids], [positions], [[0]]])
    assert runner.run("train", **fields(runner, llama)) == EXIT_BAD_INPUT
    message = runner.events("error")[0]["message"]
    assert message.startswith("Sample 5 ")
    assert words in message


@pytest.mark.parametrize(("targets", "words"), [(["nothing"], "nothing"), (["lm_head"], "lm_head")])
def test_bad_lora_targets_are_told(targets: list[str], words: str, runner: Runner, llama: Path) -> None:
    runner.samples()
    assert runner.run("train", **fields(runner, llama, method={**LORA, "targets": targets})) == EXIT_BAD_INPUT
    assert words in runner.events("error")[0]["message"]


def test_a_model_without_rotary_positions_is_told(runner: Runner, llama: Path) -> None:
    folder = make_model(runner.folder / "gpt2", "gpt2", n_head=4, n_embd=32, n_layer=1, n_positions=64)
    runner.samples()
    assert runner.run("train", **fields(runner, folder)) == EXIT_BAD_INPUT
    assert runner.events("error")[0]["code"] == "model-not-rotary"


def test_a_full_disk_ends_with_its_exit_code(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.samples()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**6, 10**6 - 1, 1))
    assert runner.run("train", **fields(runner, llama)) == EXIT_DISK_FULL
    assert runner.events("error")[0]["code"] == "disk-full"
    monkeypatch.undo()
    assert not list((runner.folder / "out" / "checkpoints").glob("*"))


def test_out_of_memory_ends_with_its_exit_code(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.samples()

    def exhaust(*_: object) -> None:
        torch.empty(2**60)

    monkeypatch.setattr(train.Training, "_step", exhaust)
    assert runner.run("train", **fields(runner, llama)) == EXIT_OUT_OF_MEMORY
    (error,) = runner.events("error")
    assert error["code"] == "out-of-memory"
    assert "microBatchSize" in error["remedy"]


@pytest.mark.parametrize(("factor", "words"), [(np.ones(23), "23 weights"), (np.full(24, -1.0), "loss weight")])
def test_bad_loss_weights_are_told(factor: np.ndarray, words: str, runner: Runner, llama: Path) -> None:
    runner.samples(count=1)
    add_weights(runner, [factor.astype(np.float32)])
    assert runner.run("train", **fields(runner, llama)) == EXIT_BAD_INPUT
    assert words in runner.events("error")[0]["message"]
