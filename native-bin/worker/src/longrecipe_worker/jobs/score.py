"""Logit and log-probability of each true token under one or more models.

Models that share a device are scored one after the other, so that only one is in memory; models on different devices
side by side.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from ..context import Context
from ..devices import Device, choose_device
from ..faults import Fault, Interrupted
from ..job import Job, fingerprint
from ..models import release_memory
from ..score_parts import ScoreParts
from ..scorer import Place, Scorer
from ..tables import NumberLists, read_table
from ..windows import Span, plan_parts

_SHOWN = 5
PART_COST = 65_536
"""Tokens that go through a model between two parts on the disk: what a kill can cost."""


def run(job: Job, context: Context) -> None:
    """Write scores-NAME.arrow for each model; finished ones, and finished parts, are kept from an earlier start."""
    table = read_table(job["tokens"], ["document", "ids", "starts"])
    corpus = _Corpus(job, table)
    progress = _Progress(context, corpus.ids, len(job["models"]))
    # Planned before any model is loaded: a window at fault is told at once.
    works = [_Work(job, entry, corpus, context, progress) for entry in job["models"]]
    devices: dict[str, tuple[Device, list[_Work]]] = {}
    for work in works:
        if not work.is_finished():
            device = choose_device(work.entry.get("device", job["device"]), job["precision"], context.events)
            devices.setdefault(str(device.torch), (device, []))[1].append(work)
        else:
            progress.skip(work.name)
    _run_devices([lambda d=device, w=group: _run_all(w, d) for device, group in devices.values()], progress)


def _run_all(works: list[_Work], device: Device) -> None:
    for work in works:
        work.run(device)


def _run_devices(tasks: list[Any], progress: _Progress) -> None:
    """Run one task a device. The first fault ends the others at their next batch."""
    if len(tasks) == 1:
        tasks[0]()
        return
    faults: list[BaseException] = []

    def guarded(task: Any) -> None:
        try:
            task()
        except BaseException as error:  # told below; an end on our own request is not news
            if not progress.ended.is_set():
                faults.append(error)
            progress.ended.set()

    with ThreadPoolExecutor(max(1, len(tasks))) as pool:
        list(pool.map(guarded, tasks))
    if faults:
        raise faults[0]


class _Corpus:
    """The tokens of all documents, and where each token stands."""

    def __init__(self, job: Job, table: Any) -> None:
        self.numbers = table.column("document").to_numpy()
        self.ids = NumberLists(table.column("ids"))
        self._starts = NumberLists(table.column("starts"))
        self._documents = job.get("documents")

    def place(self, row: int, token: int) -> Place:
        """Where a token stands. Read when something is at fault, and only then."""
        number = int(self.numbers[row])
        if self._documents is None:
            return Place(f"document {number}", token)
        texts = read_table(self._documents, ["document", "path", "text"])
        at = int(np.flatnonzero(texts.column("document").to_numpy() == number)[0])
        units = texts.column("text")[at].as_py().encode("utf-16-le", "surrogatepass")
        before = units[: 2 * int(self._starts[row][token])].decode("utf-16-le", "replace")
        return Place(texts.column("path")[at].as_py(), token, before.count("\n") + 1)


class _Progress:
    """Tokens done over all models, told from any thread."""

    def __init__(self, context: Context, ids: NumberLists, models: int) -> None:
        self._context = context
        self._tokens = int(ids.lengths().sum())
        self._total = self._tokens * models
        self._done = 0
        self._lock = threading.Lock()
        self.ended = threading.Event()

    def add(self, tokens: int, name: str) -> None:
        with self._lock:
            self._done += tokens
            self._context.events.progress(self._done, self._total, "tokens", name)

    def skip(self, name: str) -> None:
        self.add(self._tokens, name)

    def check(self) -> None:
        """Raise Interrupted where an end was requested, or another device met a fault."""
        if self.ended.is_set():
            raise Interrupted("another device met a fault")
        self._context.interrupts.check()


class _Work:
    """One model over the whole corpus."""

    loading = threading.Lock()
    """transformers changes global state while it builds a model: one at a time."""

    def __init__(self, job: Job, entry: Any, corpus: _Corpus, context: Context, progress: _Progress) -> None:
        self.entry = entry
        self.name = entry["name"]
        self._corpus = corpus
        self._context = context
        self._progress = progress
        self._skips = job.get("onNonFinite") == "skip"
        self._strict = [range(part["first"], part["end"]) for part in job.get("strict", [])]
        self._window, self._min_context = view(job, entry)
        # Neither its device nor the other models change what a model's scores are.
        rest = {key: value for key, value in job.items() if key not in ("models", "documents")}
        own = {key: value for key, value in entry.items() if key != "device"}
        identity = fingerprint({**rest, "model": own, "partCost": PART_COST}, "tokens")
        self._parts = ScoreParts(Path(job["output"]) / f"scores-{self.name}.arrow", identity)

    def is_finished(self) -> bool:
        return self._parts.is_finished()

    def run(self, device: Device) -> None:
        scorer: Scorer | None = None
        count = 0
        for number, spans in enumerate(self._plan()):
            count = number + 1
            if self._parts.has(number):
                self._progress.add(sum(span.end - span.begin for span in spans), self.name)
                continue
            if scorer is None:  # not where every part is there and only the joining was cut off
                with self.loading:
                    corpus = self._corpus
                    scorer = Scorer(self.name, self.entry["model"], device, corpus.ids, corpus.place, self._skipping)
                scorer.warn_of_masks(self._context.events, self._window)
            scores = scorer.score(spans, self._progress.check)
            self._parts.write(number, [int(self._corpus.numbers[span.row]) for span in spans], *scores)
            self._progress.add(sum(span.end - span.begin for span in spans), self.name)
        if scorer is not None and scorer.skipped:
            self._tell_skipped(scorer)
        del scorer
        release_memory(device)
        self._parts.finish(count)

    def _skipping(self, row: int) -> bool:
        """Whether the document of a row may go without scores."""
        number = int(self._corpus.numbers[row])
        return self._skips and not any(number in part for part in self._strict)

    def _tell_skipped(self, scorer: Scorer) -> None:
        """Say how many documents were left out; where that is all of them, the model is at fault."""
        if len(scorer.skipped) == int((self._corpus.ids.lengths() > 1).sum()):
            raise scorer.fault()
        infinite = [place for row, place in scorer.skipped.items() if row not in scorer.lacking]
        for places, what in (
            (infinite, "have non-finite logits"),
            ([*scorer.lacking.values()], "hold tokens it lacks"),
        ):
            if places:
                shown = "; ".join(str(place) for place in places[:_SHOWN])
                more = " ..." if len(places) > _SHOWN else ""
                message = f"{self.name}: {len(places)} documents {what} and are left out there: {shown}{more}"
                self._context.events.log("warning", message)

    def _plan(self) -> Iterator[list[Span]]:
        return plan_parts(self._corpus.ids.lengths().tolist(), self._window, self._min_context, PART_COST)


def view(job: Job, entry: Any) -> tuple[int, int]:
    """Window and least context of one model of a job.

    `context` (contrast) cuts what a token sees to at most that many tokens. The truncated view slides by `stride`, so
    tokens see at least context + 1 - stride: exactly `context` at stride 1, which is one pass a token; by default half
    of it, at about two passes over the text.
    """
    window, least = job["window"], job["minContext"]
    context = entry.get("context")
    if context is not None:
        stride = entry.get("stride", (context + 1) // 2)
        if stride > context:
            raise Fault(
                "score-window",
                f"stride {stride} is larger than context {context}: some tokens would see nothing.",
                "Lower significance.reference.stride, or leave it out.",
            )
        if context + 1 < window:
            window, least = context + 1, context + 1 - stride
    if max(1, least) >= window:
        raise Fault(
            "score-window",
            f"minContext {least} must be smaller than window {window}.",
            "Raise significance.window or lower significance.minContext.",
        )
    return window, least
