from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer

from conftest import SAMPLES, Runner, make_model
from longrecipe_worker import events as events_module
from longrecipe_worker.faults import (
    EXIT_BAD_INPUT,
    EXIT_DISK_FULL,
    EXIT_INTERRUPTED,
    EXIT_NON_FINITE,
    EXIT_OUT_OF_MEMORY,
)
from longrecipe_worker.jobs import train
from longrecipe_worker.schedule import learning_rate_factor

FULL = {"type": "full"}
LORA = {"type": "lora", "rank": 4, "alpha": 8, "dropout": 0.1, "targets": ["q_proj", "v_proj"]}
ROPE = {"parameters": {"rope_type": "default", "rope_theta": 40000.0}, "maxPositionEmbeddings": 96}


@pytest.fixture(autouse=True)
def _every_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "INTERVAL_SECONDS", 0.0)


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


def test_equals_a_plain_loop(runner: Runner, llama: Path) -> None:
    """Losses and weights of a loop written out in plain PyTorch on the same samples."""
    runner.samples(count=5)
    assert runner.run("train", **fields(runner, llama, checkpointEvery=100)) == 0
    table = pa.ipc.open_file(pa.memory_map(str(runner.folder / "samples.arrow"))).read_all().to_pylist()
    config = AutoModelForCausalLM.from_pretrained(llama).config
    config.rope_parameters = ROPE["parameters"]
    model = AutoModelForCausalLM.from_pretrained(llama, config=config).train()
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim < 2]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3)
    expected = []
    for step in range(6):
        rows = [table[(4 * step + index) % 5] for index in range(4)]
        ids, positions = (torch.tensor([row[name] for row in rows]) for name in ("ids", "positions"))
        logits = model(input_ids=ids, position_ids=positions, attention_mask=torch.ones_like(ids)).logits
        loss = functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * learning_rate_factor("linear", step, 6, 1)
        optimizer.step()
        optimizer.zero_grad()
        expected.append(loss.item())
    np.testing.assert_allclose([loss for _, loss in losses(runner)], expected, rtol=1e-4)
    for name, tensor in weights(runner).items():
        torch.testing.assert_close(tensor, model.state_dict()[name], rtol=1e-3, atol=2e-4)


def test_metrics_and_result(runner: Runner, llama_bf16: Path) -> None:
    runner.samples()
    assert runner.run("train", **fields(runner, llama_bf16, gradientCheckpointing=True)) == 0
    metrics = runner.events("metric")
    assert [event["step"] for event in metrics] == [1, 2, 3, 4, 5, 6]
    for event in metrics:
        assert event["totalSteps"] == 6
        assert event["values"].keys() == {"loss", "learningRate", "gradNorm", "tokensPerSecond", "memoryBytes"}
    assert runner.events("device")[0]["precision"] == "float32"
    assert [event["step"] for event in runner.events("checkpoint")] == [2, 4]
    folder = runner.folder / "out" / "model"
    assert {tensor.dtype for tensor in weights(runner).values()} == {torch.bfloat16}
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert model.dtype == torch.bfloat16
    modes = {file.stat().st_mode & 0o777 for file in folder.iterdir()}
    assert len(modes) == 1  # weights are as readable as their config
    assert model.config.max_position_embeddings == 96
    assert model.config.rope_parameters == ROPE["parameters"]
    older = json.loads((folder / "config.json").read_text())
    assert (older["rope_theta"], older["rope_scaling"]) == (40000.0, None)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.model_max_length == 96
    assert len(model.generate(**tokenizer("The quick", return_tensors="pt"), max_new_tokens=3, do_sample=False)[0]) > 2
    assert not (runner.folder / "out" / "checkpoints").exists()
    # The same job again has nothing to do.
    assert runner.run("train", **fields(runner, llama_bf16, gradientCheckpointing=True)) == 0
    assert len(runner.events("metric")) == 6


def test_gradient_checkpointing_changes_nothing(runner: Runner, llama: Path) -> None:
    runner.samples()
    for name, on in (("with", True), ("without", False)):
        assert runner.run("train", name, **fields(runner, llama, name, gradientCheckpointing=on)) == 0
    np.testing.assert_allclose(*(np.array(losses(runner, name)) for name in ("with", "without")), rtol=1e-6)


@pytest.mark.parametrize("method", [FULL, LORA], ids=["full", "lora"])
@pytest.mark.parametrize("request_name", ["pause", "stop"])
def test_resumed_equals_uninterrupted_bit_for_bit(
    method: dict[str, object], request_name: str, runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.samples(count=7)
    assert runner.run("train", "whole", **fields(runner, llama, "whole", method=method)) == 0
    plain = train.Training._step

    def ask_at_third(self: train.Training, step: int) -> object:
        if step == 2:
            (runner.control / request_name).touch()
        return plain(self, step)

    monkeypatch.setattr(train.Training, "_step", ask_at_third)
    job = fields(runner, llama, "parts", method=method)
    assert runner.run("train", "parts", **job) == EXIT_INTERRUPTED
    assert [event["step"] for event in runner.events("checkpoint", "parts")] == [2, 3]
    assert not (runner.folder / "parts" / "model").exists()
    monkeypatch.setattr(train.Training, "_step", plain)
    (runner.control / request_name).unlink()
    assert runner.run("train", "parts", **job) == 0
    assert losses(runner, "parts") == losses(runner, "whole")
    assert same(weights(runner, "parts"), weights(runner, "whole"))


def test_checkpoint_request_is_answered_once(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.samples()
    plain = train.Training._step

    def ask_at_second(self: train.Training, step: int) -> object:
        if step == 1:
            (runner.control / "checkpoint").touch()
        return plain(self, step)

    monkeypatch.setattr(train.Training, "_step", ask_at_second)
    assert runner.run("train", **fields(runner, llama, checkpointEvery=100)) == 0
    assert [event["step"] for event in runner.events("checkpoint")] == [2]
    assert not (runner.control / "checkpoint").exists()


def _start(job: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "longrecipe_worker", str(job)], stdout=subprocess.DEVNULL)


def _wait_for(runner: Runner, kind: str, name: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if (runner.folder / f"{name}.events.jsonl").exists() and runner.events(kind, name):
            return
        time.sleep(0.02)
    raise AssertionError(f"no {kind} event; exit code {process.poll()}")


def test_kill_loses_only_what_is_past_the_last_checkpoint(runner: Runner, llama: Path) -> None:
    runner.samples(count=7)
    long = {"steps": 80, "checkpointEvery": 10}
    job = runner.job("train", "killed", **fields(runner, llama, "killed", **long))
    process = _start(job)
    _wait_for(runner, "checkpoint", "killed", process)
    process.kill()
    process.wait()
    before = losses(runner, "killed")
    # As a kill in the middle of a write leaves it: half a checkpoint beside, and one whose files are torn.
    checkpoints = runner.folder / "killed" / "checkpoints"
    newest = max(checkpoints.glob("step-*"), key=lambda path: int(path.name[5:]))
    step = int(newest.name[5:])
    torn = shutil.copytree(newest, checkpoints / f"step-{step + 100}")
    data = (torn / "weights.safetensors").read_bytes()
    (torn / "weights.safetensors").write_bytes(data[: len(data) // 2])
    shutil.copytree(torn, checkpoints / f".step-{step + 200}.tmp")
    assert runner.run("train", "whole", **fields(runner, llama, "whole", **long)) == 0
    assert runner.run("train", "killed", **fields(runner, llama, "killed", **long)) == 0
    after = losses(runner, "killed")[len(before) :]
    assert after[0][0] == step + 1
    whole = dict(losses(runner, "whole"))
    assert all(whole[number] == loss for number, loss in [*before, *after])
    assert same(weights(runner, "killed"), weights(runner, "whole"))
    warnings = [event["message"] for event in runner.events("log", "killed") if event["level"] == "warning"]
    assert len(warnings) == 1
    assert f"step-{step + 100}" in warnings[0]


def test_two_processes_do_the_same_as_one(runner: Runner, llama: Path) -> None:
    """`torchrun`: micro batches are shared out, rank 0 writes."""
    runner.samples(count=7)
    assert runner.run("train", "one", **fields(runner, llama, "one")) == 0
    job = runner.job("train", "two", **fields(runner, llama, "two"))
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"]
    subprocess.run([*torchrun, "-m", "longrecipe_worker", str(job)], check=True, capture_output=True)
    one, two = dict(losses(runner, "one")), dict(losses(runner, "two"))
    assert two.keys() <= one.keys()
    assert len(runner.events("device", "two")) == 1
    for step, loss in two.items():
        assert loss == pytest.approx(one[step], rel=1e-5)
    for name, tensor in weights(runner, "two").items():
        torch.testing.assert_close(tensor, weights(runner, "one")[name], rtol=1e-3, atol=1e-4)


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("cause", ["parent", "signal"])
def test_parent_or_signal_ends_with_a_checkpoint(cause: str, runner: Runner, llama: Path) -> None:
    runner.samples()
    parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    job = runner.job("train", parentPid=parent.pid, **fields(runner, llama, steps=100_000, checkpointEvery=100_000))
    process = _start(job)
    try:
        _wait_for(runner, "metric", "job", process)
        if cause == "parent":
            parent.kill()  # not waited for: a zombie counts as gone
        else:
            process.send_signal(signal.SIGTERM)
        assert process.wait(30) == EXIT_INTERRUPTED
    finally:
        parent.kill()
        parent.wait()
        process.kill()
    assert len(runner.events("checkpoint")) == 1
    reason = {"parent": f"the parent process {parent.pid} is gone", "signal": "signal SIGTERM"}[cause]
    assert reason in runner.events("log")[-1]["message"]


def test_a_parent_gone_before_the_start_ends_at_once(runner: Runner, llama: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not psutil.pid_exists(gone.pid)
    runner.samples()
    assert runner.run("train", parentPid=gone.pid, **fields(runner, llama, steps=10_000)) == EXIT_INTERRUPTED


def test_checkpoints_of_another_job_are_refused(runner: Runner, llama: Path) -> None:
    runner.samples()
    plain = train.Training._step

    def ask(self: train.Training, step: int) -> object:
        (runner.control / "stop").touch()
        return plain(self, step)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train.Training, "_step", ask)
        assert runner.run("train", **fields(runner, llama)) == EXIT_INTERRUPTED
    (runner.control / "stop").unlink()
    assert runner.run("train", **fields(runner, llama, learningRate=5e-4)) == EXIT_BAD_INPUT
    assert runner.events("error")[0]["code"] == "checkpoint-foreign"


def test_lora_is_folded_into_the_weights_of_the_checkpoint(runner: Runner, tmp_path: Path) -> None:
    """Arithmetic in bfloat16 must not round the float32 weights that no adapter touches."""
    base = make_model(tmp_path / "base")
    runner.samples()
    job = fields(runner, base, method={**LORA, "dropout": 0.0}, precision="bfloat16")
    assert runner.run("train", **job) == 0
    before, after = load_file(base / "model.safetensors"), weights(runner)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {f"model.layers.{i}.self_attn.{p}.weight" for i in (0, 1) for p in ("q_proj", "v_proj")}
    assert losses(runner)[-1][1] < losses(runner)[0][1] + 0.1


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


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
def test_schedules(schedule: str) -> None:
    factors = [learning_rate_factor(schedule, step, 20, 4) for step in range(20)]
    assert factors[0] > 0
    assert factors[:5] == sorted(factors[:5])
    assert factors[4] == 1.0
    assert factors[4:] == sorted(factors[4:], reverse=True)
    assert factors[-1] == 1.0 if schedule == "constant" else factors[-1] < 0.1
