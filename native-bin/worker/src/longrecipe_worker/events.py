"""Events: one JSON object a line, appended whole, so that a reader never sees half of one that was finished."""

from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Any

INTERVAL_SECONDS = 0.1
"""Progress and metrics come at most this often: ten a second is what a dashboard redraws."""


class EventLog:
    """Appends events of src/protocol/events.ts (those of the worker) to a JSON Lines file."""

    def __init__(self, path: str | Path, enabled: bool = True) -> None:
        """Open `path` for appending. `enabled=False` (ranks other than 0) writes nothing."""
        self._descriptor: int | None = None
        self._last: dict[str, float] = {}
        self._held: dict[str, dict[str, Any]] = {}
        if enabled:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            torn = _ends_torn(Path(path))
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            if torn:
                os.write(self._descriptor, b"\n")

    def emit(self, kind: str, **fields: Any) -> None:
        """Append one event now. Numbers must be finite."""
        if self._descriptor is None:
            return
        event = {"time": int(time.time() * 1000), "kind": kind, **fields}
        line = json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
        data = line.encode()
        while data:  # one write as a rule; more only where the file system takes less
            data = data[os.write(self._descriptor, data) :]

    def log(self, level: str, message: str) -> None:
        """Append a log line; level is debug, info, warning or error."""
        self.emit("log", level=level, message=message)

    def progress(self, done: float, total: float, unit: str, label: str | None = None) -> None:
        """Report progress, throttled; the last (done = total) always gets through."""
        fields: dict[str, Any] = {"done": done, "total": total, "unit": unit}
        if label is not None:
            fields["label"] = label
        self._throttled("progress", fields, done >= total)

    def metric(self, step: int, total_steps: int, values: dict[str, float]) -> None:
        """Report the metrics of an optimizer step, throttled; `flush` brings out the one held back."""
        finite = {name: value for name, value in values.items() if math.isfinite(value)}
        self._throttled("metric", {"step": step, "totalSteps": total_steps, "values": finite}, step >= total_steps)

    def flush(self) -> None:
        """Emit what throttling held back, so that the last event of each kind is never lost."""
        held, self._held = self._held, {}
        for kind, fields in held.items():
            self.emit(kind, **fields)

    def close(self) -> None:
        """Flush and close."""
        self.flush()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> EventLog:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close."""
        self.close()

    def _throttled(self, kind: str, fields: dict[str, Any], force: bool) -> None:
        now = time.monotonic()
        if not force and now - self._last.get(kind, -math.inf) < INTERVAL_SECONDS:
            self._held[kind] = fields
            return
        self._last[kind] = now
        self._held.pop(kind, None)
        self.emit(kind, **fields)


def _ends_torn(path: Path) -> bool:
    """Whether a process that was killed left a last line without its end."""
    try:
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return False
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except (FileNotFoundError, OSError):
        return False  # nothing there, or not a regular file
