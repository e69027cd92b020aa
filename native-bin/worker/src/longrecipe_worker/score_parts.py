"""Scores on their way to the table: parts, each whole on the disk, joined at the end in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from .tables import SCORES, NumberLists, PartFolder, list_array, read_part

JOIN_TOKENS = 1_048_576
"""Tokens in one record batch of the joined table; a longer document has a batch of its own."""


class ScoreParts:
    """The numbered parts of one scores table. A killed job goes on after the parts that are there."""

    def __init__(self, path: Path, identity: str) -> None:
        """Take up the parts that an earlier start left for the same identity; drop those of another."""
        self._parts = PartFolder(path, identity)

    def is_finished(self) -> bool:
        """Whether the joined table is there, made by a job of the same identity."""
        return self._parts.is_joined()

    def has(self, part: int) -> bool:
        """Whether a part is on the disk."""
        return self._parts.file(part).exists()

    def write(self, part: int, documents: list[int], logits: list[np.ndarray], logprobs: list[np.ndarray]) -> None:
        """Write a part: pieces of documents in order of the documents' rows, float32 (n,) each."""
        self._parts.write(part, _columns(documents, logits, logprobs), SCORES)

    def finish(self, parts: int) -> None:
        """Join the parts to one row a document, ascending by document, and remove them."""
        with self._parts.joining(SCORES) as writer:
            for rows in self._documents(parts):
                writer.write_batch(pa.record_batch(_columns(*rows), schema=SCORES))

    def _documents(self, parts: int) -> Iterator[tuple[list[int], list[np.ndarray], list[np.ndarray]]]:
        """Whole documents, about JOIN_TOKENS at once."""

        @lru_cache(maxsize=4)
        def lists(part: int) -> tuple[NumberLists, NumberLists]:
            table = read_part(self._parts.file(part))
            return NumberLists(table.column("logit")), NumberLists(table.column("logprob"))

        owners = [read_part(self._parts.file(part)).column("document").to_numpy() for part in range(parts)]
        owner = np.concatenate(owners) if owners else np.empty(0, np.int32)
        part_of = np.repeat(np.arange(parts), [len(numbers) for numbers in owners])
        row_of = np.concatenate([np.arange(len(numbers)) for numbers in owners]) if owners else owner
        # Stable: the pieces of a document stay in the order of their parts.
        order = np.argsort(owner, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(owner[order]) != 0]) if len(order) else np.empty(0, int)
        batch: tuple[list[int], list[np.ndarray], list[np.ndarray]] = ([], [], [])
        size = 0
        for pieces in np.split(order, starts[1:]) if len(order) else []:
            found = [[lists(int(part_of[piece]))[column][int(row_of[piece])] for piece in pieces] for column in (0, 1)]
            batch[0].append(int(owner[pieces[0]]))
            for column in (0, 1):
                batch[column + 1].append(found[column][0] if len(pieces) == 1 else np.concatenate(found[column]))
            size += len(batch[1][-1])
            if size >= JOIN_TOKENS:
                yield batch
                batch, size = ([], [], []), 0
        if batch[0] or not len(order):
            yield batch


def _columns(documents: list[int], logits: list[np.ndarray], logprobs: list[np.ndarray]) -> list[pa.Array]:
    return [pa.array(documents, pa.int32()), *(list_array(rows, pa.float32()) for rows in (logits, logprobs))]
