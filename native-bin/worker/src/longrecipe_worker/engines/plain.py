"""Answers without shared beginnings, for models whose cache cannot be cropped: batches of one length, one pass each."""

from __future__ import annotations

from collections.abc import Iterator

from .greedy import Generator
from .prompts import Check, Outcome, Prompt
from .shared import MAX_BATCH


class Plain:
    """Continues prompts of one length together, so that every position is a true one without padding."""

    def __init__(self, generator: Generator) -> None:
        """Take the model."""
        self._generator = generator

    def answers(self, prompts: list[Prompt], check: Check) -> Iterator[list[Outcome]]:
        """Outcomes, a batch at a time. See Engine."""
        lengths = [len(prompt.ids) for prompt in prompts]
        for rows in equal_batches(lengths, self._generator.device.token_budget * 2):
            check()
            yield self._generator.continue_equal([prompts[row] for row in rows], check)


def equal_batches(lengths: list[int], budget: int) -> Iterator[list[int]]:
    """Rows of equal length, at most `budget` prompt tokens at once."""
    by_length: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        by_length.setdefault(length, []).append(row)
    for length, same in sorted(by_length.items()):
        size = max(1, min(MAX_BATCH, budget // length))
        for start in range(0, len(same), size):
            yield same[start : start + size]
