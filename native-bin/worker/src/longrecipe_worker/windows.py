"""How documents are cut into overlapping windows for scoring, and windows gathered into parts and batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Window:
    """Tokens [start, end) go through the model; those of [first, end) are scored."""

    start: int
    first: int
    end: int

    @property
    def width(self) -> int:
        """Tokens that go through the model."""
        return self.end - self.start


@dataclass(frozen=True)
class Span:
    """A piece of a document, tokens [begin, end), and the windows that score it. A document's first token has none."""

    row: int
    begin: int
    end: int
    windows: tuple[Window, ...]


def plan_windows(tokens: int, window: int, min_context: int) -> list[Window]:
    """Windows over a document of `tokens` tokens.

    Every token but the first is scored exactly once, with at least min(its index, max(1, min_context)) tokens of
    context and at most window - 1. Needs 1 <= max(1, min_context) < window.
    """
    overlap = max(1, min_context)
    if overlap >= window:
        raise ValueError(f"min_context {min_context} leaves nothing to score in a window of {window}")
    plan: list[Window] = []
    first = 1
    while first < tokens:
        start = max(0, first - overlap)
        end = min(start + window, tokens)
        plan.append(Window(start, first, end))
        first = end
    return plan


def plan_parts(lengths: Iterable[int], window: int, min_context: int, cost: int) -> Iterator[list[Span]]:
    """Spans in order of documents, gathered into parts of about `cost` tokens that go through the model.

    The spans of all parts tile every document. The same arguments give the same parts: a job that is started again
    knows by their numbers which are finished. A long document reaches over several parts.
    """
    part: list[Span] = []
    size = 0
    for row, length in enumerate(lengths):
        begin = 0
        taken: list[Window] = []
        for piece in plan_windows(length, window, min_context):
            taken.append(piece)
            size += piece.width
            if size >= cost:
                part.append(Span(row, begin, piece.end, tuple(taken)))
                yield part
                part, size, taken, begin = [], 0, [], piece.end
        if begin < length or length == 0:
            part.append(Span(row, begin, length, tuple(taken)))
            size += 1  # even documents without a window must not gather without bound
    if part:
        yield part


def batches(widths: np.ndarray, budget: int) -> Iterator[np.ndarray]:
    """Indices of windows that go through the model together: at most `budget` tokens, padding included.

    Windows of like width share a batch, whatever document they come from, so that little is padding.
    """
    order = np.argsort(-widths, kind="stable")
    start = 0
    while start < len(order):
        count = max(1, budget // int(widths[order[start]]))
        yield order[start : start + count]
        start += count
