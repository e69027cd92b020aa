"""Programs of models: what they may, what they may not, and what is told of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longrecipe_worker.code_eval import CodeEval, pass_at_k
from longrecipe_worker.sandbox import Limits, run_program

QUICK = Limits(cpu_seconds=1, wall_seconds=20, memory_bytes=512 << 20, file_bytes=1 << 16)


@pytest.mark.parametrize(
    ("program", "status", "part"),
    [
        ("assert sum(range(5)) == 10", "passed", ""),
        ("from collections import namedtuple; import random, re; assert namedtuple('P', 'x')(1).x == 1", "passed", ""),
        ("import numpy; assert numpy.arange(3).sum() == 3", "passed", ""),
        ("open('own.txt', 'w').write('x'); assert open('own.txt').read() == 'x'", "passed", ""),
        ("assert 1 == 2, 'no'", "failed", "AssertionError: no"),
        ("def f(:", "failed", "SyntaxError"),
        # Leaving early is not passing, however it is done.
        ("import sys; sys.exit(0)\nassert False", "failed", "SystemExit"),
        ("import os; os._exit(0)", "failed", "before its end"),
        ("while True: pass", "timed out", ""),
        ("import time; time.sleep(60)", "timed out", ""),
        ("x = bytearray(1 << 30)", "out of memory", ""),
        ("import subprocess; subprocess.run(['true'])", "failed", "not allowed"),
        ("import os; os.system('true')", "failed", "not allowed"),
        ("import os; os.fork()", "failed", "not allowed"),
        ("import os; os.kill(os.getppid(), 9)", "failed", "not allowed"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "failed", "not allowed"),
        ("import ctypes; ctypes.CDLL(None).getpid()", "failed", "not allowed"),
    ],
)
def test_outcomes(program: str, status: str, part: str) -> None:
    limits = Limits(cpu_seconds=1, wall_seconds=2, memory_bytes=QUICK.memory_bytes) if "sleep" in program else QUICK
    outcome = run_program(program, limits)
    assert (outcome.status, part in outcome.detail) == (status, True), outcome


def test_nothing_outside_is_changed(tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("kept")
    attempts = [
        f"open({str(kept)!r}, 'w')",
        f"open({str(kept)!r}, 'a')",
        f"import os; os.remove({str(kept)!r})",
        f"import os; os.rename({str(kept)!r}, 'mine')",
        f"import shutil; shutil.rmtree({str(tmp_path)!r})",
        f"import os; os.symlink({str(kept)!r}, 'link'); open('link', 'w')",
        f"import os; os.chdir({str(tmp_path)!r}); os.remove('kept.txt')",
        f"import os; os.open('new', os.O_CREAT | os.O_WRONLY, dir_fd=os.open({str(tmp_path)!r}, os.O_RDONLY))",
        f"import os; os.remove('kept.txt', dir_fd=os.open({str(tmp_path)!r}, os.O_RDONLY))",
        f"import os; os.fchdir(os.open({str(tmp_path)!r}, os.O_RDONLY)); open('new', 'w')",
        f"import os; os.chmod(os.open({str(kept)!r}, os.O_RDONLY), 0)",
        f"import pathlib; pathlib.Path({str(tmp_path / 'new')!r}).mkdir()",
    ]
    for attempt in attempts:
        assert run_program(attempt, QUICK).status == "failed", attempt
    assert [file.name for file in tmp_path.iterdir()] == ["kept.txt"]
    assert (kept.read_text(), kept.stat().st_mode & 0o400) == ("kept", 0o400)


def test_files_are_bounded_and_secrets_are_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert run_program("import os; assert 'secret' not in str(os.environ)", QUICK).passed
    assert not run_program("f = open('big', 'wb')\nf.write(b'x' * (1 << 20))\nf.flush()", QUICK).passed


def test_many_small_files_do_not_fill_the_disk() -> None:
    limits = Limits(cpu_seconds=5, wall_seconds=60, file_bytes=1 << 20, folder_bytes=1 << 23)
    program = "import os\nos.mkdir('below')\nfor n in range(100000):\n open(f'below/{n}', 'wb').write(bytes(1 << 16))"
    outcome = run_program(program, limits)
    assert (outcome.status, outcome.detail) == ("failed", "its files together are too large")


def _may_leave_the_network() -> bool:
    command = shutil.which("unshare")
    return (
        command is not None
        and subprocess.run([command, "-n", "true"], check=False, capture_output=True).returncode == 0
    )


@pytest.mark.skipif(not _may_leave_the_network(), reason="the system permits no network namespaces")
def test_there_is_no_network() -> None:
    # Two lines of heading, then the interfaces of the process's own namespace.
    program = (
        "names = [line.split(':')[0].strip() for line in open('/proc/self/net/dev').readlines()[2:]]\n"
        "assert names == ['lo'], names"
    )
    assert run_program(program, QUICK).passed


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are listed in /proc")
def test_no_open_file_of_ours_is_inherited() -> None:
    with socket.socket() as ours:
        os.set_inheritable(ours.fileno(), True)
        program = (
            "import os\n"
            "for fd in os.listdir('/proc/self/fd'):\n"
            "  assert 'socket' not in os.path.realpath(f'/proc/self/fd/{fd}')"
        )
        assert run_program(program, QUICK).passed


def test_code_eval_scores_as_the_original_does() -> None:
    scores, results = CodeEval().compute(
        references=["assert add(2, 3) == 5", "assert one() == 1"],
        predictions=[
            ["def add(a, b): return a * b", "def add(a, b): return a + b"],
            ["def one(): return 1", "def one(): return 1"],
        ],
        k=[1, 2, 10],
    )
    # The example of evaluate's documentation for the first problem: pass@1 0.5, pass@2 1.0.
    assert scores == {"pass@1": 0.75, "pass@2": 1.0}
    assert [[told["passed"] for _, told in results[problem]] for problem in (0, 1)] == [[False, True], [True, True]]


@given(st.integers(1, 30), st.data())
def test_pass_at_k_is_a_probability_that_grows_with_k(candidates: int, data: st.DataObject) -> None:
    correct = data.draw(st.integers(0, candidates))
    values = [pass_at_k(candidates, correct, k) for k in range(1, candidates + 1)]
    assert values[0] == pytest.approx(correct / candidates)
    assert all(0 <= a <= b + 1e-12 <= 1 + 1e-12 for a, b in pairwise(values))
