"""Running a program that a model wrote: a process of its own with limits, in an empty folder that is removed after it.

What holds: wall time, processor time, address space, file size, no inherited environment or descriptors, no network
(an empty network namespace where Linux permits it, else Python's audit hook refuses sockets), no further processes,
no writing outside the folder. It keeps mistaken programs from doing harm; against a program made to break out only a
virtual machine would do, which is why people are asked first.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

_POLL_SECONDS = 0.02
_OUTCOME_BYTES = 4096
_CHILD = Path(__file__).with_name("sandbox_child.py")
# What a Windows process cannot start without.
_KEPT_VARIABLES = ("SYSTEMROOT", "WINDIR", "COMSPEC")


@dataclass(frozen=True)
class Limits:
    """What one program may use."""

    cpu_seconds: float = 5.0
    wall_seconds: float = 30.0
    """More than processor time: a program is not slower because the machine is busy."""
    memory_bytes: int = 1 << 30
    file_bytes: int = 1 << 20
    folder_bytes: int = 1 << 26
    """All files together: many small ones fill a disk, too."""


@dataclass(frozen=True)
class Outcome:
    """How a program ended."""

    status: Literal["passed", "failed", "timed out", "out of memory"]
    detail: str = ""

    @property
    def passed(self) -> bool:
        """Whether it came to its end."""
        return self.status == "passed"

    def __str__(self) -> str:
        """As code_eval words it: `passed`, or `failed: NameError: ...`."""
        return f"{self.status}: {self.detail}" if self.detail else self.status


def run_program(program: str, limits: Limits | None = None) -> Outcome:
    """Run a Python program to its end; what it raises, and every limit it meets, is an outcome and no exception."""
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="longrecipe-program-", ignore_cleanup_errors=True) as place:
        folder, outcome = Path(place) / "work", Path(place) / "outcome.json"
        folder.mkdir()
        token = secrets.token_hex(16)
        request = {
            "program": program,
            "token": token,
            "outcome": str(outcome),
            "limits": {
                "cpuSeconds": max(1, math.ceil(limits.cpu_seconds)),
                "memoryBytes": limits.memory_bytes,
                "fileBytes": limits.file_bytes,
            },
        }
        child = subprocess.Popen(
            [sys.executable, "-I", "-B", "-X", "utf8", str(_CHILD)],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=True,
            start_new_session=os.name != "nt",
        )
        try:
            with contextlib.suppress(BrokenPipeError), child.stdin as request_pipe:
                request_pipe.write(json.dumps(request).encode())
            stopped = _watch(child, limits, folder)
        finally:
            _end(child)
        return stopped or _read(outcome, token, child.returncode)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours: it may hold keys."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {**kept, "HOME": str(folder), "TMPDIR": str(folder), "TEMP": str(folder), "OMP_NUM_THREADS": "1"}


def _watch(child: subprocess.Popen[bytes], limits: Limits, folder: Path) -> Outcome | None:
    """Wait for the end. Returns why it has to be ended, or None where it ended by itself."""
    deadline = time.monotonic() + limits.wall_seconds
    process = psutil.Process(child.pid)
    while child.poll() is None:
        if time.monotonic() > deadline:
            return Outcome("timed out")
        with contextlib.suppress(psutil.Error):  # it may have ended just now
            times = process.cpu_times()
            # The system's own limits for both exist on Linux alone.
            if times.user + times.system > limits.cpu_seconds:
                return Outcome("timed out")
            if process.memory_info().rss > limits.memory_bytes:
                return Outcome("out of memory")
        if _exceeds(folder, limits.folder_bytes):
            return Outcome("failed", "its files together are too large")
        time.sleep(_POLL_SECONDS)
    return None


def _exceeds(folder: Path, most: int) -> bool:
    """Whether the files in the folder and below it take more bytes; stops counting where they do."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # it may have been removed just now
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - many files: it is quicker
            if total > most:
                return True
    return False


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the process with all that it started."""
    if os.name != "nt":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    if child.poll() is None:
        child.kill()
    child.wait()


def _read(outcome: Path, token: str, code: int) -> Outcome:
    if code == -getattr(signal, "SIGXCPU", -1):
        return Outcome("timed out")
    try:
        with outcome.open("rb") as file:
            told = json.loads(file.read(_OUTCOME_BYTES))
    except (OSError, ValueError):
        return Outcome("failed", f"it ended with code {code} before its end")
    if not isinstance(told, dict) or told.get("token") != token:
        return Outcome("failed", "it wrote over its own outcome")
    error = told.get("error")
    if error is None:
        return Outcome("passed")
    return Outcome("out of memory" if str(error).startswith("MemoryError") else "failed", str(error))
