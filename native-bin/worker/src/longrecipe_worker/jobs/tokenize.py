"""Token ids of documents with the place of each token in the text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ..context import Context
from ..devices import find_device
from ..faults import Fault
from ..job import Job
from ..models import load_tokenizer, locate
from ..offsets import to_utf16
from ..tables import TOKENS, list_array, read_table, table_writer

BATCH_CHARACTERS = 4_000_000
"""Text tokenized and written at once: bounds memory, and is enough for every core to have documents."""
BATCH_DOCUMENTS = 4_096


def run(job: Job, context: Context) -> None:
    """Tokenize every document of the table; the rows keep their order."""
    # Tokenizing needs no device, but it is a run's first job and may take hours: what follows would fail only then.
    find_device(job["device"])
    documents = read_table(job["documents"], ["document", "text"])
    tokenizer = load_tokenizer(locate(job["model"]))
    if not tokenizer.is_fast:
        raise Fault(
            "tokenizer-no-offsets",
            f"The tokenizer of {job['model']} does not report character offsets.",
            "Take a model with a fast tokenizer (tokenizer.json).",
        )
    backend = tokenizer.backend_tokenizer
    # A saved tokenizer may carry truncation or padding of its training: both would change documents in silence.
    backend.no_truncation()
    backend.no_padding()
    done, tokens = 0, 0
    with table_writer(Path(job["output"]), TOKENS) as writer:
        for numbers, texts in _batches(documents):
            context.interrupts.check()
            batch, count = tokenize_batch(backend, numbers, texts)
            writer.write_batch(batch)
            tokens += count
            done += len(texts)
            context.events.progress(done, documents.num_rows, "documents", f"{tokens:,} tokens")


def tokenize_batch(backend: Any, numbers: list[int], texts: list[str]) -> tuple[pa.RecordBatch, int]:
    """One record batch of the tokens table, and its number of tokens."""
    ids, starts, ends = [], [], []
    for text, encoding in zip(texts, backend.encode_batch(texts, add_special_tokens=False), strict=True):
        ids.append(np.array(encoding.ids, dtype=np.int32))
        offsets = to_utf16(text, np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2))
        starts.append(offsets[:, 0])
        ends.append(offsets[:, 1])
    columns = [pa.array(numbers, pa.int32()), *(list_array(rows, pa.int32()) for rows in (ids, starts, ends))]
    return pa.record_batch(columns, schema=TOKENS), sum(len(row) for row in ids)


def _batches(documents: pa.Table) -> Iterator[tuple[list[int], list[str]]]:
    """Consecutive documents, about BATCH_CHARACTERS at once; a longer document comes alone."""
    numbers: list[int] = []
    texts: list[str] = []
    size = 0
    for batch in documents.to_batches():
        for number, text in zip(batch.column("document"), batch.column("text"), strict=True):
            numbers.append(number.as_py())
            texts.append(text.as_py())
            size += len(texts[-1])
            if size >= BATCH_CHARACTERS or len(texts) >= BATCH_DOCUMENTS:
                yield numbers, texts
                numbers, texts, size = [], [], 0
    if texts:
        yield numbers, texts
