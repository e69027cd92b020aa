"""Writes the corpus files of this folder: python make.py (needs pyarrow and datasets)."""

import gzip
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Dataset

TEXTS = ["First row.", "Zweite Zeile: äöü 😀", "第三行。", "last"]


def main() -> None:
    table = pa.table({"id": [1, 2, 3, 4], "text": TEXTS})
    pq.write_table(table, "rows.parquet", compression="zstd", row_group_size=3)
    pq.write_table(pa.table({"body": TEXTS + [None]}), "snappy.parquet", compression="snappy")
    broken = pa.array([b"good", b"bad \xff", b"fine"], pa.binary())
    pq.write_table(pa.table({"text": pa.StringArray.from_buffers(3, broken.buffers()[1], broken.buffers()[2])}), "broken.parquet")
    with open("rows.parquet", "rb") as plain, gzip.GzipFile("rows.parquet.gz", "wb", mtime=0) as packed:
        packed.write(plain.read())
    codec = pa.Codec("zstd")
    with open("lines.jsonl.zst", "wb") as file:
        for text in TEXTS:  # one frame a line
            file.write(codec.compress(('{"text": "%s"}\n' % text).encode(), asbytes=True))
    shutil.rmtree("saved", ignore_errors=True)
    Dataset.from_dict({"text": TEXTS, "label": [0, 1, 0, 1]}).save_to_disk("saved", num_shards=2)
    with pa.OSFile("feather.arrow", "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    packed = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.OSFile("packed.arrow", "wb") as sink, pa.ipc.new_file(sink, table.schema, options=packed) as writer:
        writer.write_table(table)
    views = pa.table({"text": pa.array(TEXTS, pa.string_view())})
    with pa.OSFile("views.arrow", "wb") as sink, pa.ipc.new_file(sink, views.schema) as writer:
        writer.write_table(views)


main()
