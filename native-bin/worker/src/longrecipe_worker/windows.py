"""How a document is cut into overlapping windows for scoring."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """Tokens [start, end) go through the model; those of [first, end) are scored."""

    start: int
    first: int
    end: int


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
