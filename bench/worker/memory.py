"""Peak memory of a training step by the length L of a sample: it should grow linearly.

    python bench/worker/memory.py

Each cell is a process of its own that takes one step: peak resident memory minus what was resident before (the
model). Prints a Markdown table, with the growth from L to 2 L beside it.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from bench_model import SHAPES, BareLoop, save_model, save_samples, train_job

from longrecipe_worker.context import Context
from longrecipe_worker.devices import choose_device
from longrecipe_worker.events import EventLog
from longrecipe_worker.interrupts import Interrupts
from longrecipe_worker.jobs.train import Training

SHAPE = "wide vocabulary (5 M)"
LENGTHS = [1024, 2048, 4096, 8192]
WAYS = {
    "bare": "bare loop",
    "plain": "train job, no gradient checkpointing",
    "checkpointing": "train job, gradient checkpointing",
}


def main() -> None:
    """Measure every cell, or, as a child process, one."""
    if len(sys.argv) == 3:
        print(measure(sys.argv[1], int(sys.argv[2])))
        return
    print(f"Model: {SHAPE}, micro batch 1, float32. MB above the loaded model (factor per doubling of L).\n")
    print("| L | " + " | ".join(WAYS.values()) + " |")
    print("|---" * (len(WAYS) + 1) + "|")
    before: dict[str, float] = {}
    for length in LENGTHS:
        cells = []
        for way in WAYS:
            command = [sys.executable, __file__, way, str(length)]
            megabytes = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1e6
            growth = f" (× {megabytes / before[way]:.2f})" if way in before else ""
            before[way] = megabytes
            cells.append(f"{megabytes:,.0f}{growth}")
        print(f"| {length:,} | " + " | ".join(cells) + " |", flush=True)


def measure(way: str, length: int) -> int:
    """Bytes that a training step takes at its peak, above what was resident before."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        model = save_model(folder / "model", SHAPE)
        samples = save_samples(folder / "samples.arrow", 1, length, SHAPES[SHAPE]["vocab_size"])
        job = train_job(folder, model, samples, 1, way == "checkpointing")
        with EventLog(job["events"]) as events:
            device = choose_device("cpu", "float32", events)
            if way == "bare":
                step = BareLoop(model, samples, 1).step
            else:
                step = Training(job, device, Context(events, Interrupts(folder)), "bench").take_step
            resident = psutil.Process().memory_info().rss
            step(0)
    # ru_maxrss is in kilobytes on Linux and in bytes on macOS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return peak - resident


if __name__ == "__main__":
    main()
