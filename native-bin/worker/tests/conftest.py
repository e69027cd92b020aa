"""Tiny models and tokenizers made on the spot, and a way to run jobs inside the test process."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from accelerate.state import AcceleratorState, GradientState, PartialState
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

import longrecipe_worker
from longrecipe_worker import events as events_module
from longrecipe_worker.__main__ import main
from longrecipe_worker.tables import list_array, table_writer

VOCABULARY = 300
WINDOW = 32
TEXT = "The quick brown fox jumps over the lazy dog. Pack my box with five dozen liquor jugs! 0123456789"
SAMPLES = pa.schema(
    [("sample", pa.int32()), ("document", pa.int32())]
    + [(name, pa.list_(pa.int32())) for name in ("ids", "positions", "segments")]
)


@pytest.fixture(autouse=True)
def _clean_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Jobs run inside this process: put back what they set for a process of their own."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(longrecipe_worker.__file__).parents[1]))
    # Tiny models gain nothing from a second thread, and on a busy machine threads wait for each other.
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    torch.set_num_threads(1)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
    for state in (AcceleratorState, GradientState, PartialState):
        state._reset_state()


@pytest.fixture
def every_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    """Metrics of every step, however fast they come."""
    monkeypatch.setattr(events_module, "INTERVAL_SECONDS", 0.0)


def make_model(
    folder: Path, kind: str = "llama", seed: int = 0, dtype: torch.dtype = torch.float32, **changes: Any
) -> Path:
    """Save a random two-layer model of the given type with its tokenizer."""
    config = AutoConfig.for_model(
        kind,
        **{
            "vocab_size": VOCABULARY,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 8,
            "max_position_embeddings": WINDOW,
            "bos_token_id": None,
            "eos_token_id": 0,
            "pad_token_id": None,
            "initializer_range": 0.2,
            **changes,
        },
    )
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config).to(dtype)
    model.config.dtype = dtype
    model.save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)
    return folder


def make_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer of at most VOCABULARY tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=["<end>"], initial_alphabet=alphabet)
    tokenizer.train_from_iterator([TEXT], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>", model_max_length=WINDOW)


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "llama")


@pytest.fixture(scope="session")
def llama_bf16(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "llama-bf16", dtype=torch.bfloat16, tie_word_embeddings=True)


class Runner:
    """Makes job files in a folder and runs them in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.control = folder / "control"
        self.control.mkdir()

    def job(self, kind: str, name: str = "job", **fields: Any) -> Path:
        """Write a job file; its events go to NAME.events.jsonl."""
        job = {
            "version": 1,
            "kind": kind,
            "events": str(self.folder / f"{name}.events.jsonl"),
            "control": str(self.control),
            "device": "cpu",
            "precision": "float32",
            "seed": 1,
            **{key: str(value) if isinstance(value, Path) else value for key, value in fields.items()},
        }
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(job))
        return path

    def run(self, kind: str, name: str = "job", **fields: Any) -> int:
        """Run a job; returns the exit code."""
        return main([str(self.job(kind, name, **fields))])

    def events(self, kind: str | None = None, name: str = "job") -> list[dict[str, Any]]:
        """Events of a job so far, of one kind or all."""
        path = self.folder / f"{name}.events.jsonl"
        events = [json.loads(line) for line in path.read_text().split("\n") if line]
        return [event for event in events if kind in (None, event["kind"])]

    def table(self, name: str, schema: pa.Schema, columns: list[Any]) -> Path:
        """Write a table: lists of arrays become list<int32> columns."""
        path = self.folder / name
        arrays = [
            list_array([np.asarray(row) for row in column], pa.int32())
            if isinstance(column[0], list | np.ndarray)
            else column
            for column in columns
        ]
        with table_writer(path, schema) as writer:
            writer.write_batch(pa.record_batch(arrays, schema=schema))
        return path

    def samples(self, count: int = 8, length: int = 24, target: int = 96, seed: int = 0) -> Path:
        """Random samples, each with one skip in its positions."""
        random = np.random.default_rng(seed)
        ids = [random.integers(1, VOCABULARY, length) for _ in range(count)]
        positions = [
            np.arange(length) + np.where(np.arange(length) < length // 2, 0, target - length) for _ in range(count)
        ]
        numbers = list(range(count))
        return self.table("samples.arrow", SAMPLES, [numbers, numbers, ids, positions, [[0, length // 2]] * count])


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


ModelMaker = Callable[..., Path]
