from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from transformers import AutoTokenizer

from conftest import Runner
from longrecipe_worker.devices import available
from longrecipe_worker.faults import EXIT_BAD_INPUT, Fault
from longrecipe_worker.jobs import tokenize
from longrecipe_worker.jobs.inspect import inspect_model

DOCUMENTS = pa.schema(
    [(name, pa.int32() if name == "document" else pa.string()) for name in ("document", "path", "hash", "text")]
)
TEXTS = ["The quick fox. 🚀 flies", "", "漢字 and e\u0301 and 👩🏽\u200d🚀!", "a" * 500]


def _documents(runner: Runner) -> Path:
    numbers = [3, 1, 7, 8]
    columns = [numbers, [f"{n}.txt" for n in numbers], ["0"] * 4, TEXTS]
    return runner.table("documents.arrow", DOCUMENTS, columns)


@pytest.mark.parametrize("batch_characters", [1, 10**6])
def test_tokens_and_offsets(
    runner: Runner, llama: Path, batch_characters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenize, "BATCH_CHARACTERS", batch_characters)
    output = runner.folder / "tokens.arrow"
    assert runner.run("tokenize", model=llama, documents=_documents(runner), output=output) == 0
    rows = pa.ipc.open_file(pa.memory_map(str(output))).read_all().to_pylist()
    assert [row["document"] for row in rows] == [3, 1, 7, 8]
    tokenizer = AutoTokenizer.from_pretrained(llama)
    for row, text in zip(rows, TEXTS, strict=True):
        assert row["ids"] == tokenizer(text, add_special_tokens=False)["input_ids"]
        units = text.encode("utf-16-le")
        if row["ids"]:
            assert (row["starts"][0], row["ends"][-1]) == (0, len(units) // 2)
    rocket = rows[0]["starts"].index(15)
    assert TEXTS[0].encode("utf-16-le")[30 : 2 * rows[0]["ends"][rocket]].decode("utf-16-le") == "🚀"
    last = runner.events("progress")[-1]
    assert last["done"] == last["total"] == 4


def test_a_device_that_is_not_there_is_told_before_anything_is_tokenized(runner: Runner, llama: Path) -> None:
    missing = next(kind for kind, there in available().items() if not there)
    output = runner.folder / "tokens.arrow"
    code = runner.run("tokenize", model=llama, documents=_documents(runner), output=output, device=missing)
    assert code == EXIT_BAD_INPUT
    assert f"The device {missing} is not available" in runner.events("error")[-1]["message"]
    assert not output.exists()


def test_truncation_of_a_saved_tokenizer_is_not_applied(runner: Runner, llama: Path, tmp_path: Path) -> None:
    import shutil

    folder = shutil.copytree(llama, tmp_path / "truncating")
    saved = json.loads((folder / "tokenizer.json").read_text())
    saved["truncation"] = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    (folder / "tokenizer.json").write_text(json.dumps(saved))
    output = runner.folder / "tokens.arrow"
    assert runner.run("tokenize", model=folder, documents=_documents(runner), output=output) == 0
    ids = pa.ipc.open_file(pa.memory_map(str(output))).read_all().column("ids").to_pylist()
    assert len(ids[3]) > 4


def test_a_damaged_table_is_told(runner: Runner, llama: Path) -> None:
    bad = runner.folder / "documents.arrow"
    bad.write_bytes(b"ARROW1 but not really")
    output = runner.folder / "tokens.arrow"
    assert runner.run("tokenize", model=llama, documents=bad, output=output) == EXIT_BAD_INPUT
    assert runner.events("error")[0]["code"] == "table-unreadable"
    assert not output.exists()
    assert not list(runner.folder.glob(".*.tmp"))


def test_a_missing_column_is_told(runner: Runner, llama: Path) -> None:
    schema = pa.schema([("document", pa.int32())])
    table = runner.table("documents.arrow", schema, [[1]])
    assert runner.run("tokenize", model=llama, documents=table, output=runner.folder / "t.arrow") == EXIT_BAD_INPUT
    assert "lacks the columns text" in runner.events("error")[0]["message"]


def test_a_tokenizer_without_offsets_is_told(runner: Runner, llama: Path) -> None:
    folder = shutil.copytree(llama, runner.folder / "slow")
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("a\nb\n")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "ByT5Tokenizer"}')
    documents = _documents(runner)
    output = runner.folder / "tokens.arrow"
    assert runner.run("tokenize", model=folder, documents=documents, output=output) == EXIT_BAD_INPUT
    (error,) = runner.events("error")
    assert error["code"] == "tokenizer-no-offsets"
    assert "slow" in error["message"]
    assert inspect_model(str(folder))["hasOffsets"] is False
    # Bytes are its vocabulary: it has no file of one.
    (folder / "vocab.txt").unlink()
    assert inspect_model(str(folder))["hasOffsets"] is False
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    with pytest.raises(Fault, match="holds no tokenizer"):
        inspect_model(str(folder))
