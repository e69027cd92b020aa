"""Time of an optimizer step: our train job against a bare PyTorch loop on the same model and batch.

    python bench/worker/step_time.py [PAIRS]

Steps of both alternate in one process, so that other load on the machine meets both alike. Ours includes all that a
run has: reading samples from Arrow, checking them, requests, metrics, events. Prints a Markdown table.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench_model import SHAPES, BareLoop, save_model, save_samples, train_job

from longrecipe_worker.context import Context
from longrecipe_worker.devices import choose_device
from longrecipe_worker.events import EventLog
from longrecipe_worker.interrupts import Interrupts
from longrecipe_worker.jobs.train import Training

# shape, tokens of a sample, samples of a micro batch
CASES = [("embedded (1.1 M)", 256, 8), ("middle (35 M)", 512, 1), ("SmolLM2 shape (135 M)", 512, 1)]
WARM_UP = 2


def main() -> None:
    """Measure every case and print the table."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print("| model | batch | bare loop, s/step | train job, s/step | ratio (median of pairs) |")
    print("|---|---|---|---|---|")
    for shape, length, micro_batch in CASES:
        with TemporaryDirectory() as name:
            bare, ours = measure(Path(name), shape, length, micro_batch, pairs)
        ratio = statistics.median(b / a for a, b in zip(bare, ours, strict=True))
        medians = f"{statistics.median(bare):.4f} | {statistics.median(ours):.4f}"
        print(f"| {shape} | {micro_batch} × {length} | {medians} | {ratio:.3f} |", flush=True)


def measure(folder: Path, shape: str, length: int, micro_batch: int, pairs: int) -> tuple[list[float], list[float]]:
    """Seconds of each step of the bare loop and of ours."""
    model = save_model(folder / "model", shape)
    samples = save_samples(folder / "samples.arrow", 16, length, SHAPES[shape]["vocab_size"])
    job = train_job(folder, model, samples, micro_batch, False)
    with EventLog(job["events"]) as events:
        device = choose_device("cpu", "float32", events)
        training = Training(job, device, Context(events, Interrupts(folder)), "bench")
        bare = BareLoop(model, samples, micro_batch)

        def our_step(number: int) -> None:
            training.answer_requests(number, number)
            training.take_step(number)

        for number in range(WARM_UP):
            bare.step(number)
            our_step(number)
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(WARM_UP, WARM_UP + pairs):
            # Who goes first alternates too: the second finds warmer caches.
            order = [(0, bare.step), (1, our_step)]
            for place, step in order if number % 2 else reversed(order):
                times[place].append(seconds(step, number))
    return times


def seconds(step: Callable[[int], object], number: int) -> float:
    """Wall-clock seconds of one step."""
    began = time.perf_counter()
    step(number)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
