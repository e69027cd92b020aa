"""Requests to end or to write a checkpoint: files in the control folder, a vanished parent, signals."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType

import psutil

from .faults import EXIT_INTERRUPTED, Interrupted

HARD_EXIT_SECONDS = 60.0
"""Grace between the loss of the parent and the end of this process, checkpoint written or not."""
POLL_SECONDS = 0.5


class Interrupts:
    """Answers, between steps, whether to end or to write a checkpoint."""

    def __init__(self, control: str | Path, parent_pid: int | None = None) -> None:
        """Watch the folder `control` and, where given, the process `parent_pid`."""
        self._control = Path(control)
        self._reason: str | None = None
        if parent_pid is not None:
            watch = threading.Thread(target=self._watch, args=(parent_pid,), name="parent watch", daemon=True)
            watch.start()

    def catch_signals(self) -> None:
        """Take SIGTERM (a scheduler's warning) and SIGINT as requests to end. Main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def requested(self) -> str | None:
        """Why to end now, or None."""
        if self._reason is None:
            for name in ("pause", "stop"):
                if (self._control / name).exists():
                    self._reason = f"{name} was requested"
        return self._reason

    def check(self) -> None:
        """Raise Interrupted where an end was requested."""
        reason = self.requested()
        if reason is not None:
            raise Interrupted(reason)

    def take_checkpoint_request(self) -> bool:
        """Whether a checkpoint was asked for; the request is answered once."""
        request = self._control / "checkpoint"
        if not request.exists():
            return False
        request.unlink(missing_ok=True)
        return True

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._reason = f"signal {signal.Signals(number).name}"

    def _watch(self, pid: int) -> None:
        parent = _process(pid)
        while parent is not None and _alive(parent):
            time.sleep(POLL_SECONDS)
        self._reason = f"the parent process {pid} is gone"
        time.sleep(HARD_EXIT_SECONDS)
        os._exit(EXIT_INTERRUPTED)


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _alive(process: psutil.Process) -> bool:
    """Whether it still runs: not a zombie, and not another process that got the same id."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
