"""Arrow IPC files, memory-mapped for reading, written whole; their columns are listed in src/protocol/tables.ts."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from .faults import Fault
from .files import atomic_file

_IDENTITY = b"longrecipe.job"
_INT_LIST = pa.list_(pa.int32())
_FLOAT_LIST = pa.list_(pa.float32())
TOKENS = pa.schema([("document", pa.int32()), ("ids", _INT_LIST), ("starts", _INT_LIST), ("ends", _INT_LIST)])
SCORES = pa.schema([("document", pa.int32()), ("logit", _FLOAT_LIST), ("logprob", _FLOAT_LIST)])
TEXT_SCORES = pa.schema([("pair", pa.int32()), *((name, pa.float32()) for name in ("precision", "recall", "f1"))])
GENERATIONS = pa.schema([("prompt", pa.int32()), ("ids", _INT_LIST), ("text", pa.string())])


def read_table(path: str | Path, columns: Iterable[str]) -> pa.Table:
    """Memory-map an Arrow IPC file, without a copy. Raises a fault where it is missing, damaged or lacks a column."""
    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except FileNotFoundError as error:
        raise Fault(
            "table-missing", f"The table {path} does not exist.", "Run the stage before this one again."
        ) from error
    except (pa.ArrowInvalid, OSError) as error:
        raise Fault(
            "table-unreadable",
            f"The table {path} is not a whole Arrow IPC file: {error}",
            "Delete it and run the stage that writes it again.",
        ) from error
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise Fault(
            "table-columns",
            f"The table {path} lacks the columns {', '.join(missing)}; it has {', '.join(table.column_names)}.",
            "Delete it and run the stage that writes it again.",
        )
    return table.select(list(columns))


def has_column(path: str | Path, name: str) -> bool:
    """Whether a table that can be read has a column."""
    return name in pa.ipc.open_file(pa.memory_map(str(path))).schema.names


class NumberLists:
    """A column of list<int32> or list<float32>, read row by row without copies."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        """Take a column; its chunks stay where they are mapped."""
        chunks = [chunk for chunk in column.chunks if len(chunk) > 0]
        self._offsets = [chunk.offsets.to_numpy() for chunk in chunks]
        self._values = [chunk.values.to_numpy() for chunk in chunks]
        self._first = np.cumsum([0] + [len(chunk) for chunk in chunks])

    def __len__(self) -> int:
        """Rows."""
        return int(self._first[-1])

    def __getitem__(self, row: int) -> np.ndarray:
        """Values of one row, shape (n,), a view of the mapped file."""
        chunk = int(np.searchsorted(self._first, row, side="right")) - 1
        offsets = self._offsets[chunk]
        within = row - int(self._first[chunk])
        return self._values[chunk][offsets[within] : offsets[within + 1]]

    def lengths(self) -> np.ndarray:
        """Values a row, shape (rows,)."""
        return np.concatenate([np.diff(offsets) for offsets in self._offsets] or [np.empty(0, dtype=np.int32)])


def list_array(rows: list[np.ndarray], kind: pa.DataType) -> pa.Array:
    """Join rows of numbers into a list column of value type `kind`."""
    offsets = np.zeros(len(rows) + 1, dtype=np.int32)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    values = np.concatenate(rows) if rows else np.empty(0)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.astype(kind.to_pandas_dtype(), copy=False)))


@contextmanager
def table_writer(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatchWriter]:
    """Write an Arrow IPC file batch by batch; it appears under its name only when it is whole."""
    with atomic_file(path) as beside, pa.OSFile(str(beside), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        yield writer


def identity_of(path: Path) -> str | None:
    """Identity of the job that made a table, or None where there is none or it is not noted."""
    if not path.exists():
        return None
    found = (pa.ipc.open_file(pa.memory_map(str(path))).schema.metadata or {}).get(_IDENTITY)
    return None if found is None else found.decode()


class PartFolder:
    """Numbered parts of a table, each whole on the disk, in a hidden folder beside it until they are joined.

    A job that is started again keeps the finished parts. `identity` keeps the parts of another job apart.
    """

    def __init__(self, table: Path, identity: str) -> None:
        """Take up the parts that an earlier start left for the same identity; drop those of another."""
        self._table = table
        self._identity = identity
        self._folder = table.with_name(f".{table.stem}.{identity}.parts")
        for other in table.parent.glob(f".{table.stem}.*.parts"):
            if other != self._folder:
                shutil.rmtree(other)

    def is_joined(self) -> bool:
        """Whether the joined table is there, made by a job of the same identity."""
        return identity_of(self._table) == self._identity

    def file(self, part: int) -> Path:
        """Where a part stands, or will."""
        return self._folder / f"{part:06d}.arrow"

    def files(self) -> list[Path]:
        """The parts that are there, in order."""
        return sorted(self._folder.glob("*.arrow"))

    def write(self, part: int, columns: list[Any], schema: pa.Schema) -> None:
        """Write a part as one record batch."""
        with table_writer(self.file(part), schema) as writer:
            writer.write_batch(pa.record_batch(columns, schema=schema))

    @contextmanager
    def joining(self, schema: pa.Schema) -> Iterator[pa.ipc.RecordBatchFileWriter]:
        """Write the joined table, which notes its identity; the parts go once it is whole."""
        noted = schema.with_metadata({_IDENTITY: self._identity})
        with table_writer(self._table, noted) as writer:
            yield writer
        shutil.rmtree(self._folder, ignore_errors=True)


def read_part(path: Path) -> pa.Table:
    """A part, memory-mapped."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


class PartialTable:
    """A table that grows part by part and is joined at the end."""

    def __init__(self, path: Path, schema: pa.Schema, identity: str) -> None:
        """Go on after the parts that an earlier start of the same job left."""
        self._schema = schema
        self._parts = PartFolder(path, identity)

    def is_finished(self) -> bool:
        """Whether the joined table is there, made by a job of the same identity."""
        return self._parts.is_joined()

    def rows(self) -> pa.Table:
        """Rows finished so far."""
        parts = [read_part(part) for part in self._parts.files()]
        return pa.concat_tables(parts) if parts else self._schema.empty_table()

    def append(self, columns: list[Any]) -> None:
        """Write one more part."""
        self._parts.write(len(self._parts.files()), columns, self._schema)

    def finish(self, order: str) -> None:
        """Join the parts, sorted by the column `order`, and remove them."""
        with self._parts.joining(self._schema) as writer:
            writer.write_table(self.rows().sort_by(order))
