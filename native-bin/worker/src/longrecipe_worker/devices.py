"""Where to compute and in which arithmetic."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

from .events import EventLog
from .faults import Fault


@dataclass(frozen=True)
class Device:
    """A device and the arithmetic used on it."""

    kind: str
    """cuda, mps, xpu or cpu."""
    dtype: torch.dtype
    """Dtype of matrix products: float32 or bfloat16."""
    name: str
    index: int | None = None
    """Which of several, where one was asked for."""

    @property
    def torch(self) -> torch.device:
        """The torch device (under torchrun, this rank's own, unless one was asked for)."""
        if self.kind in ("cuda", "xpu"):
            return torch.device(self.kind, int(os.environ.get("LOCAL_RANK", "0")) if self.index is None else self.index)
        return torch.device(self.kind)

    @property
    def token_budget(self) -> int:
        """Tokens of one forward pass without gradients: enough to fill the device."""
        return 32_768 if self.kind in ("cuda", "xpu") else 4_096

    @property
    def logits_budget(self) -> int:
        """Bytes that one chunk of float32 logits may take."""
        return (512 if self.kind in ("cuda", "xpu") else 32) * 2**20

    def memory_bytes(self) -> int:
        """Peak memory of the device; resident memory of the process on CPU."""
        if self.kind == "cuda":
            return torch.cuda.max_memory_allocated()
        if self.kind == "xpu":
            return torch.xpu.max_memory_allocated()
        if self.kind == "mps":
            return torch.mps.driver_allocated_memory()
        return psutil.Process().memory_info().rss


def available() -> dict[str, bool]:
    """Devices by preference."""
    return {
        "cuda": torch.cuda.is_available(),
        "xpu": hasattr(torch, "xpu") and torch.xpu.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }


def find_device(wanted: str) -> tuple[str, int | None]:
    """Kind and number of the device to use; raises Fault where PyTorch has no such device."""
    kinds = available()
    wanted_kind, _, number = wanted.partition(":")
    index = int(number) if number else None
    kind = next(name for name, there in kinds.items() if there) if wanted == "auto" else wanted_kind
    if not kinds[kind] or (index is not None and index >= getattr(torch, kind).device_count()):
        there = ", ".join(name for name, is_there in kinds.items() if is_there)
        raise Fault(
            "device-missing",
            f"The device {wanted} is not available to PyTorch {torch.__version__}; available: {there}.",
            'Set "device" to "auto" (leave out "significance.devices"), '
            "or install the PyTorch build and driver for this device.",
        )
    return kind, index


def choose_device(wanted: str, precision: str, events: EventLog) -> Device:
    """Choose device and arithmetic, set the number of threads and report both.

    `precision` auto takes bfloat16 on CUDA and XPU devices that have it in hardware, and float32 elsewhere: on CPU the
    speed of bfloat16 differs a hundredfold between processors, so there it is the person's choice.
    """
    kind, index = find_device(wanted)
    dtype = (
        torch.bfloat16 if precision == "bfloat16" or (precision == "auto" and _fast_bfloat16(kind)) else torch.float32
    )
    threads = _set_threads() if kind == "cpu" else None
    device = Device(kind, dtype, _name(kind), index)
    fields = {"threads": threads} if threads is not None else {}
    events.emit(
        "device",
        device=kind,
        name=device.name,
        precision=str(dtype).removeprefix("torch."),
        memoryBytes=_total_memory(kind),
        **fields,
    )
    return device


def _fast_bfloat16(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return kind == "xpu" and torch.xpu.is_bf16_supported()


def _set_threads() -> int:
    """One thread a physical core of those this process may use; OMP_NUM_THREADS has the last word."""
    if "OMP_NUM_THREADS" not in os.environ:
        physical = psutil.cpu_count(logical=False) or 1
        allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
        torch.set_num_threads(max(1, min(physical, allowed)))
    return torch.get_num_threads()


def _name(kind: str) -> str:
    if kind == "cuda":
        return torch.cuda.get_device_name()
    if kind == "xpu":
        return torch.xpu.get_device_name()
    return _processor_name()


def _processor_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if platform.system() == "Darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return result.stdout.strip()
    return platform.processor() or platform.machine()


def _total_memory(kind: str) -> int:
    if kind == "cuda":
        return torch.cuda.get_device_properties(0).total_memory
    if kind == "xpu":
        return torch.xpu.get_device_properties(0).total_memory
    return psutil.virtual_memory().total
