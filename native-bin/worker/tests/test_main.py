from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Runner
from longrecipe_worker.__main__ import main
from longrecipe_worker.events import EventLog
from longrecipe_worker.faults import (
    EXIT_BAD_INPUT,
    EXIT_DISK_FULL,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_OUT_OF_MEMORY,
    classify,
)


def test_as_a_command(runner: Runner, llama: Path) -> None:
    job = runner.job("inspect", models=[str(llama)], output=runner.folder / "facts.json")
    result = subprocess.run(
        [sys.executable, "-m", "longrecipe_worker", str(job)], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert (runner.folder / "facts.json").exists()
    usage = subprocess.run([sys.executable, "-m", "longrecipe_worker"], capture_output=True, text=True, check=False)
    assert usage.returncode == EXIT_BAD_INPUT
    assert "usage" in usage.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "kind must be one of"),
        ('{"kind": "dance"}', "kind must be one of"),
        ('{"kind": "inspect", "version": 1}', "required"),
    ],
)
def test_a_bad_job_file_is_told(text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "job.json"
    path.write_text(text)
    assert main([str(path)]) == EXIT_BAD_INPUT
    assert words in capsys.readouterr().err
    assert main([str(tmp_path / "nowhere.json")]) == EXIT_BAD_INPUT


def test_a_wrong_key_is_named(runner: Runner, llama: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.run("merge", base=llama, extended=llama, alpha=2, output=runner.folder / "m") == EXIT_BAD_INPUT
    assert "alpha: 2 is greater than the maximum" in capsys.readouterr().err
    assert runner.run("inspect", models=[], output="x", colour=1) == EXIT_BAD_INPUT
    assert "colour" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["pause", "stop"])
def test_a_request_before_the_start_ends_at_once(name: str, runner: Runner, llama: Path) -> None:
    (runner.control / name).touch()
    assert runner.run("inspect", models=[str(llama)], output=runner.folder / "x") == EXIT_INTERRUPTED
    assert (runner.control / name).exists()


def test_a_missing_device_is_told(runner: Runner, llama: Path) -> None:
    prompts = runner.folder / "none.arrow"
    assert (
        runner.run(
            "generate",
            device="xpu",
            models=[{"name": "m", "model": {"path": str(llama)}}],
            prompts=prompts,
            maxNewTokens=1,
            output=runner.folder / "o",
        )
        == EXIT_BAD_INPUT
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_the_event_file(runner: Runner, llama: Path) -> None:
    path = runner.job("inspect", models=[str(llama)], output=runner.folder / "facts.json")
    job = json.loads(path.read_text())
    job["events"] = "/dev/full"
    path.write_text(json.dumps(job))
    assert main([str(path)]) == EXIT_DISK_FULL


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk-full", EXIT_DISK_FULL),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "disk-full", EXIT_DISK_FULL),
        (MemoryError(), "out-of-memory", EXIT_OUT_OF_MEMORY),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "out-of-memory", EXIT_OUT_OF_MEMORY),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "out-of-memory", EXIT_OUT_OF_MEMORY),
        (RuntimeError("something else"), "internal", EXIT_FAILED),
    ],
)
def test_classification(error: Exception, code: str, exit_code: int) -> None:
    fault = classify(error)
    assert (fault.code, fault.exit_code) == (code, exit_code)


def test_an_unforeseen_error_is_an_internal_one(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from longrecipe_worker.jobs import inspect

    monkeypatch.setattr(inspect, "inspect_model", lambda _: 1 / 0)
    assert runner.run("inspect", models=[str(llama)], output=runner.folder / "x") == EXIT_FAILED
    assert "ZeroDivisionError" in runner.events("error")[0]["message"]


@given(st.lists(st.tuples(st.integers(0, 5), st.text(max_size=5)), max_size=20))
def test_progress_is_throttled_but_never_lost(reports: list[tuple[int, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        with EventLog(path) as events:
            for done, label in reports:
                events.progress(done, 10, "things", label)
        # Lines end with "\n" alone; splitlines() would end them inside of a label, too.
        lines = [json.loads(line) for line in path.read_text().split("\n")[:-1]]
    assert len(lines) <= 3
    if reports:
        assert (lines[-1]["done"], lines[-1]["label"]) == reports[-1]


def test_a_torn_last_line_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"time":1,"kind":"log"}\n{"time":2,"ki')
    with EventLog(path) as events:
        events.log("info", "again")
    lines = path.read_text().splitlines()
    assert len(lines) == 3
    assert json.loads(lines[2])["message"] == "again"
