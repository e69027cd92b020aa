"""Training that is paused, stopped, killed or shared out: the result is the same to the last bit."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from conftest import Runner
from longrecipe_worker.faults import EXIT_BAD_INPUT, EXIT_INTERRUPTED
from longrecipe_worker.jobs import train
from training import FULL, LORA, add_weights, fields, losses, same, weights

pytestmark = pytest.mark.usefixtures("every_metric")


@pytest.mark.parametrize("method", [FULL, LORA], ids=["full", "lora"])
@pytest.mark.parametrize("request_name", ["pause", "stop"])
def test_resumed_equals_uninterrupted_bit_for_bit(
    method: dict[str, object], request_name: str, runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.samples(count=7)
    if method == FULL:
        add_weights(runner, list(np.random.default_rng(3).uniform(0, 2, (7, 24)).astype(np.float32)))
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
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run([*torchrun, "-m", "longrecipe_worker", str(job)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
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
