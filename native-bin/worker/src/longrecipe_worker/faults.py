"""Faults that people can meet: one clear message, what to do, an exit code (workerExit in src/protocol/jobs.ts)."""

from __future__ import annotations

import errno

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_INTERRUPTED = 10
EXIT_BAD_INPUT = 20
EXIT_OUT_OF_MEMORY = 21
EXIT_NON_FINITE = 22
EXIT_DISK_FULL = 23


class Fault(Exception):
    """A fault that can be told to a person."""

    def __init__(self, code: str, message: str, remedy: str, exit_code: int = EXIT_BAD_INPUT) -> None:
        """Keep the parts of the `error` event; `exit_code` is one of the EXIT_ constants."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.exit_code = exit_code


class Interrupted(Exception):
    """The work ended on request after a checkpoint; starting the same job again goes on."""


def non_finite(message: str, remedy: str) -> Fault:
    """Fault for NaN or infinite numbers."""
    return Fault("non-finite", message, remedy, EXIT_NON_FINITE)


def non_finite_logits(message: str, also: str = "") -> Fault:
    """Fault for logits of a model that is only read; `also` is one more thing that can be done."""
    remedy = "Check the model's weights, or take precision float32; a rotary scaling far off can do this too."
    return non_finite(message, f"{remedy} {also}".rstrip())


def disk_full(detail: str) -> Fault:
    """Fault for a file system without room."""
    return Fault(
        "disk-full",
        f"No space left on the disk: {detail}",
        "Free some space (old runs and checkpoints are the largest files) and resume; finished work is kept.",
        EXIT_DISK_FULL,
    )


def _out_of_memory(detail: str) -> Fault:
    return Fault(
        "out-of-memory",
        f"Out of memory: {detail}",
        "Lower training.microBatchSize or trainedLength, turn gradientCheckpointing on, take method lora, "
        "or lower significance.window; then resume.",
        EXIT_OUT_OF_MEMORY,
    )


# Native libraries report these conditions only in the text of their errors.
_DISK_FULL_TEXTS = ("no space left on device", "os error 28", "disk quota exceeded", "os error 122")
_OUT_OF_MEMORY_TEXTS = ("out of memory", "can't allocate memory", "cannot allocate memory", "malloc of size")


def classify(error: BaseException) -> Fault:
    """Turn any exception into the fault to report. What nobody foresaw becomes `internal` with exit code 1."""
    if isinstance(error, Fault):
        return error
    text = f"{type(error).__name__}: {error}"
    lowered = text.lower()
    is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if is_full or any(part in lowered for part in _DISK_FULL_TEXTS):
        return disk_full(text)
    if isinstance(error, MemoryError) or any(part in lowered for part in _OUT_OF_MEMORY_TEXTS):
        return _out_of_memory(text.splitlines()[0])
    return Fault(
        "internal",
        f"The worker failed unexpectedly: {text}",
        "This is a defect: please report it with the worker's log, which holds the traceback.",
        EXIT_FAILED,
    )
