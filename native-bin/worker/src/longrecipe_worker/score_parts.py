"""Scores on their way to the table: parts, each whole on the disk, joined at the end in bounded memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from .tables import SCORES, NumberLists, identity_of, list_array, table_writer, with_identity

JOIN_TOKENS = 1_048_576
"""Tokens in one record batch of the joined table; a longer document has a batch of its own."""


class ScoreParts:
    """The numbered parts of one scores table. A killed job goes on after the parts that are there."""

    def __init__(self, path: Path, identity: str) -> None:
        """Take up the parts that an earlier start left for the same identity; drop those of another."""
        self._path = path
        self._identity = identity
        self._folder = path.with_name(f".{path.stem}.{identity}.parts")
        for other in path.parent.glob(f".{path.stem}.*.parts"):
            if other != self._folder:
                shutil.rmtree(other)

    def is_finished(self) -> bool:
        """Whether the joined table is there, made by a job of the same identity."""
        return identity_of(self._path) == self._identity

    def has(self, part: int) -> bool:
        """Whether a part is on the disk."""
        return self._file(part).exists()

    def write(self, part: int, documents: list[int], logits: list[np.ndarray], logprobs: list[np.ndarray]) -> None:
        """Write a part: pieces of documents in order of the documents' rows, float32 (n,) each."""
        columns = [pa.array(documents, pa.int32()), *(list_array(rows, pa.float32()) for rows in (logits, logprobs))]
        with table_writer(self._file(part), SCORES) as writer:
            writer.write_batch(pa.record_batch(columns, schema=SCORES))

    def finish(self, parts: int) -> None:
        """Join the parts to one row a document, ascending by document, and remove them."""
        schema = with_identity(SCORES, self._identity)
        with table_writer(self._path, schema) as writer:
            for documents, *columns in self._documents(parts):
                lists = [list_array(rows, pa.float32()) for rows in columns]
                writer.write_batch(pa.record_batch([pa.array(documents, pa.int32()), *lists], schema=schema))
        shutil.rmtree(self._folder, ignore_errors=True)

    def _documents(self, parts: int) -> Iterator[tuple[list[int], list[np.ndarray], list[np.ndarray]]]:
        """Whole documents, about JOIN_TOKENS at once."""

        @lru_cache(maxsize=4)
        def lists(part: int) -> tuple[NumberLists, NumberLists]:
            table = self._read(part)
            return NumberLists(table.column("logit")), NumberLists(table.column("logprob"))

        owners = [self._read(part).column("document").to_numpy() for part in range(parts)]
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

    def _read(self, part: int) -> pa.Table:
        return pa.ipc.open_file(pa.memory_map(str(self._file(part)))).read_all()

    def _file(self, part: int) -> Path:
        return self._folder / f"{part:06d}.arrow"
