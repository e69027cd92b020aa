"""Rate of scoring: a score job against the two bare forward passes that it consists of.

    python bench/worker/scoring.py [ROUNDS]

Bare: both models, loaded with plain transformers, over the very same batches, one `model(ids)` each and the true
tokens' logit and log-probability taken from its logits. Ours: everything from reading tokens to the joined tables.
Rounds of both alternate in one process, so that other load meets both alike. A second table: peak memory of one
window by its length, for the scorer and for a bare pass that holds all logits (Linux).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import torch
from bench_model import ROPE, SHAPES, save_model
from transformers import AutoModelForCausalLM

from longrecipe_worker.context import Context
from longrecipe_worker.devices import choose_device
from longrecipe_worker.events import EventLog
from longrecipe_worker.interrupts import Interrupts
from longrecipe_worker.jobs import score
from longrecipe_worker.scorer import Place, Scorer
from longrecipe_worker.tables import TOKENS, NumberLists, list_array, read_table, table_writer
from longrecipe_worker.windows import batches, plan_parts

# shape, window, least context, tokens of each document
CASES = [
    ("embedded (1.1 M)", 512, 256, [4096] * 12),
    ("embedded (1.1 M)", 512, 256, [40 + 7 * (number % 40) for number in range(600)]),
    ("middle (35 M)", 512, 256, [1024] * 4),
]
MEMORY_SHAPE = "wide vocabulary (5 M)"
LENGTHS = [1024, 2048, 4096]


def main() -> None:
    """Print both tables, or, as a child process, the memory of one cell."""
    if len(sys.argv) == 3:
        print(peak(sys.argv[1], int(sys.argv[2])))
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print("| model | documents | bare, tokens/s | score job, tokens/s | rate, wall-clock | rate, CPU time |")
    print("|---|---|---|---|---|---|")
    for shape, window, least, lengths in CASES:
        with TemporaryDirectory() as name:
            bare, ours = measure(Path(name), shape, window, least, lengths, rounds)
        rates = [statistics.median(b[clock] / o[clock] for b, o in zip(bare, ours, strict=True)) for clock in (0, 1)]
        tokens = [sum(lengths) / statistics.median(times[0] for times in found) for found in (bare, ours)]
        documents = f"{len(lengths)} of {min(lengths)} to {max(lengths)} tokens"
        cells = [shape, documents, *(f"{rate:,.0f}" for rate in tokens), *(f"{rate:.1%}" for rate in rates)]
        print(f"| {' | '.join(cells)} |", flush=True)
    print("\nMB above the loaded model for one window, vocabulary of 32,768:\n")
    print("| tokens of the window | bare | scorer |\n|---|---|---|")
    for length in LENGTHS:
        cells = []
        for way in ("bare", "scorer"):
            command = [sys.executable, __file__, way, str(length)]
            cells.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1e6)
        print(f"| {length:,} | {cells[0]:,.0f} | {cells[1]:,.0f} |", flush=True)


def measure(
    folder: Path, shape: str, window: int, least: int, lengths: list[int], rounds: int
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Seconds of wall clock and of CPU a round, bare and ours."""
    model = save_model(folder / "model", shape)
    specs = [{"path": str(model)}, {"path": str(model), "rope": ROPE}]
    tokens = save_tokens(folder / "tokens.arrow", lengths, SHAPES[shape]["vocab_size"])
    job = {
        "version": 1, "kind": "score", "events": str(folder / "events.jsonl"), "control": str(folder), "device": "cpu",
        "precision": "float32", "seed": 0, "tokens": str(tokens), "window": window, "minContext": least,
        "models": [{"name": name, "model": spec} for name, spec in zip(("base", "extended"), specs, strict=True)],
    }  # fmt: skip
    (folder / "job.json").write_text(json.dumps(job))
    times: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    with EventLog(job["events"]) as events:
        context = Context(events, Interrupts(folder))
        budget = choose_device("cpu", "float32", events).token_budget
        for number in range(rounds + 1):
            ways: list[tuple[int, Callable[[], None]]] = [
                (0, lambda: bare(model, tokens, window, least, budget)),
                (1, lambda out=folder / f"out{number}": score.run({**job, "output": str(out)}, context)),
            ]
            for place, work in ways if number % 2 else reversed(ways):
                found = seconds(work)
                if number:  # the first round warms up
                    times[place].append(found)
    return times


def bare(model: Path, tokens: Path, window: int, least: int, budget: int) -> None:
    """Two forward passes over the windows, each with its own model, as one would write them."""
    ids = NumberLists(read_table(tokens, ["ids"]).column("ids"))
    spans = [span for part in plan_parts(ids.lengths().tolist(), window, least, 65_536) for span in part]
    windows = [(span.row, piece) for span in spans for piece in span.windows]
    widths = np.array([piece.width for _, piece in windows])
    for _ in range(2):
        loaded = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
        for group in batches(widths, budget):
            inputs = np.zeros((len(group), int(widths[group].max())), dtype=np.int64)
            for place, number in enumerate(group):
                row, piece = windows[number]
                inputs[place, : piece.width] = ids[row][piece.start : piece.end]
            batch = torch.from_numpy(inputs)
            with torch.inference_mode():
                logits = loaded(input_ids=batch, attention_mask=torch.ones_like(batch), use_cache=False).logits
                found = logits[:, :-1].gather(2, batch[:, 1:, None])[..., 0]
                _ = found - logits[:, :-1].logsumexp(2)


def save_tokens(path: Path, lengths: list[int], vocabulary: int) -> Path:
    """Random documents."""
    random = np.random.default_rng(0)
    rows = [random.integers(0, vocabulary, length) for length in lengths]
    lists = [list_array(rows, pa.int32())] * 3
    with table_writer(path, TOKENS) as writer:
        writer.write_batch(pa.record_batch([pa.array(range(len(rows)), pa.int32()), *lists], schema=TOKENS))
    return path


def peak(way: str, length: int) -> int:
    """Bytes above the loaded model that one window takes at its peak."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        model = save_model(folder / "model", MEMORY_SHAPE)
        table = read_table(save_tokens(folder / "tokens.arrow", [length], SHAPES[MEMORY_SHAPE]["vocab_size"]), ["ids"])
        ids = NumberLists(table.column("ids"))
        work: Callable[[], Any]
        if way == "bare":
            loaded = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
            batch = torch.from_numpy(ids[0].astype(np.int64))[None]

            def work() -> None:
                with torch.inference_mode():
                    loaded(input_ids=batch, attention_mask=torch.ones_like(batch), use_cache=False).logits.logsumexp(2)
        else:
            with EventLog(folder / "events.jsonl") as events:
                device = choose_device("cpu", "float32", events)
            scorer = Scorer("model", {"path": str(model)}, device, ids, lambda row, token: Place(str(row), token))
            (spans,) = plan_parts([length], length + 1, 1, 10**9)
            work = lambda: scorer.score(spans, lambda: None)  # noqa: E731
        # The peak that is counted begins here: a child's ru_maxrss starts at its parent's.
        Path("/proc/self/clear_refs").write_text("5")
        resident = psutil.Process().memory_info().rss
        work()
        status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 - resident


def seconds(work: Callable[[], None]) -> tuple[float, float]:
    """Wall-clock and CPU seconds of a piece of work."""
    began, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - worked


if __name__ == "__main__":
    main()
