from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from conftest import VOCABULARY, Runner, make_model
from longrecipe_worker.faults import EXIT_BAD_INPUT, EXIT_INTERRUPTED
from longrecipe_worker.jobs import generate

PROMPTS = pa.schema([("prompt", pa.int32()), ("ids", pa.list_(pa.int32()))])
NEW = 6


def _prompts(runner: Runner, lengths: list[int]) -> tuple[Path, list[np.ndarray]]:
    random = np.random.default_rng(0)
    ids = [random.integers(1, VOCABULARY, length) for length in lengths]
    return runner.table("prompts.arrow", PROMPTS, [list(range(10, 10 + len(ids))), ids]), ids


def _run(runner: Runner, prompts: Path, **models: object) -> int:
    entries = [{"name": name, "model": model} for name, model in models.items()]
    return runner.run("generate", models=entries, prompts=prompts, maxNewTokens=NEW, output=runner.folder / "out")


def _rows(runner: Runner, name: str) -> list[dict[str, object]]:
    return (
        pa.ipc.open_file(pa.memory_map(str(runner.folder / "out" / f"generations-{name}.arrow"))).read_all().to_pylist()
    )


def _greedy(model: torch.nn.Module, ids: np.ndarray) -> list[int]:
    """Greedy decoding by the definition: no cache, one prompt at a time."""
    tokens = ids.tolist()
    for _ in range(NEW):
        with torch.no_grad():
            best = int(model(torch.tensor([tokens])).logits[0, -1].argmax())
        if best == model.config.eos_token_id:
            break
        tokens.append(best)
    return tokens[len(ids) :]


def test_equals_greedy_decoding_within_and_beyond_the_window(runner: Runner, llama: Path) -> None:
    prompts, ids = _prompts(runner, [5, 60, 5, 8, 60, 5])
    rope = {"parameters": {"rope_type": "yarn", "factor": 4.0}, "maxPositionEmbeddings": 128}
    assert _run(runner, prompts, base={"path": str(llama)}, rope={"path": str(llama), "rope": rope}) == 0
    tokenizer = AutoTokenizer.from_pretrained(llama)
    models = {"base": AutoModelForCausalLM.from_pretrained(llama)}
    config = AutoModelForCausalLM.from_pretrained(llama).config
    config.rope_parameters = {**config.rope_parameters, **rope["parameters"], "original_max_position_embeddings": 32}
    config.max_position_embeddings = 128
    models["rope"] = AutoModelForCausalLM.from_pretrained(llama, config=config)
    for name, model in models.items():
        rows = _rows(runner, name)
        assert [row["prompt"] for row in rows] == [10, 11, 12, 13, 14, 15]
        for row, prompt in zip(rows, ids, strict=True):
            assert row["ids"] == _greedy(model, prompt)
            assert row["text"] == tokenizer.decode(row["ids"], skip_special_tokens=True)
    assert _rows(runner, "base") != _rows(runner, "rope")


def test_ends_at_the_end_token(runner: Runner) -> None:
    prompts, ids = _prompts(runner, [4, 4, 4])
    model = make_model(runner.folder / "model")
    first = _greedy(AutoModelForCausalLM.from_pretrained(model), ids[0])
    ended = make_model(runner.folder / "ended", eos_token_id=first[2])
    assert _run(runner, prompts, base={"path": str(ended)}) == 0
    assert _rows(runner, "base")[0]["ids"] == first[: first.index(first[2])]


def test_finished_batches_are_kept(runner: Runner, llama: Path, monkeypatch: object) -> None:
    prompts, _ = _prompts(runner, [5, 6, 7])
    seen: list[int] = []
    plain = generate.Generator.continue_batch

    def stop_after_second(self: object, batch: np.ndarray, new: int) -> object:
        seen.append(batch.shape[1])
        if len(seen) == 2:
            (runner.control / "pause").touch()
        return plain(self, batch, new)

    monkeypatch.setattr(generate.Generator, "continue_batch", stop_after_second)
    assert _run(runner, prompts, base={"path": str(llama)}) == EXIT_INTERRUPTED
    (runner.control / "pause").unlink()
    assert _run(runner, prompts, base={"path": str(llama)}) == 0
    assert seen == [5, 6, 7]
    assert len(_rows(runner, "base")) == 3


def test_an_empty_prompt_is_told(runner: Runner, llama: Path) -> None:
    prompts, _ = _prompts(runner, [5, 0])
    assert _run(runner, prompts, base={"path": str(llama)}) == EXIT_BAD_INPUT
    assert "Prompt 11" in runner.events("error")[0]["message"]
