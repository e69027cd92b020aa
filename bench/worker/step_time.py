"""Time of an optimizer step: our train job against a bare PyTorch loop on the same model and batch.

    python bench/worker/step_time.py [PAIRS]

Steps of both alternate in one process, so that other load on the machine meets both alike. Ours includes all that a
run has: reading samples from Arrow, checking them, requests, metrics, events. Prints a Markdown table; ratios are
medians over the pairs. The ratio of CPU time holds on a busy machine too, when OMP_NUM_THREADS=1 keeps threads from
waiting.
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
    print("| model | batch | bare loop, s/step | train job, s/step | ratio of wall-clock | ratio of CPU time |")
    print("|---|---|---|---|---|---|")
    for shape, length, micro_batch in CASES:
        with TemporaryDirectory() as name:
            bare, ours = measure(Path(name), shape, length, micro_batch, pairs)
        wall, processor = (
            statistics.median(b[clock] / a[clock] for a, b in zip(bare, ours, strict=True)) for clock in (0, 1)
        )
        medians = " | ".join(f"{statistics.median(times[0] for times in steps):.4f}" for steps in (bare, ours))
        print(f"| {shape} | {micro_batch} × {length} | {medians} | {wall:.3f} | {processor:.3f} |", flush=True)


Times = list[tuple[float, float]]
"""Seconds of wall clock and of CPU, a step each."""


def measure(folder: Path, shape: str, length: int, micro_batch: int, pairs: int) -> tuple[Times, Times]:
    """Times of the bare loop and of ours."""
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
        times: tuple[Times, Times] = ([], [])
        for number in range(WARM_UP, WARM_UP + pairs):
            # Who goes first alternates too: the second finds warmer caches.
            order = [(0, bare.step), (1, our_step)]
            for place, step in order if number % 2 else reversed(order):
                times[place].append(seconds(step, number))
    return times


def seconds(step: Callable[[int], object], number: int) -> tuple[float, float]:
    """Wall-clock and CPU seconds of one step."""
    began, worked = time.perf_counter(), time.process_time()
    step(number)
    return time.perf_counter() - began, time.process_time() - worked


if __name__ == "__main__":
    main()
