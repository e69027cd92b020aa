from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from conftest import VOCABULARY, WINDOW, Runner, make_model
from longrecipe_worker.devices import Device
from longrecipe_worker.engines import shared
from longrecipe_worker.engines.greedy import Generator
from longrecipe_worker.engines.prompts import Prompt
from longrecipe_worker.faults import EXIT_BAD_INPUT, EXIT_INTERRUPTED, EXIT_NON_FINITE

PROMPTS = pa.schema([("prompt", pa.int32()), ("ids", pa.list_(pa.int32()))])
NEW = 6


def _prompts(runner: Runner, lengths: list[int]) -> tuple[Path, list[np.ndarray]]:
    random = np.random.default_rng(0)
    ids = [random.integers(1, VOCABULARY, length) for length in lengths]
    return runner.table("prompts.arrow", PROMPTS, [list(range(10, 10 + len(ids))), ids]), ids


def _run(runner: Runner, prompts: Path, fields: dict[str, Any] | None = None, **models: object) -> int:
    entries = [{"name": name, "model": model} for name, model in models.items()]
    output = runner.folder / "out"
    return runner.run("generate", models=entries, prompts=prompts, maxNewTokens=NEW, output=output, **(fields or {}))


def _table(runner: Runner, table: pa.Table) -> Path:
    path = runner.folder / "prompts.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return path


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


class _Killed(BaseException):
    """The process is gone: nothing catches this."""


def test_a_killed_job_goes_on_without_computing_anything_again(
    runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts, ids = _prompts(runner, [5, 6, 7, 8])
    monkeypatch.setattr(shared, "PATIENCE_SECONDS", -1.0)  # answers are written prompt by prompt
    computed: list[int] = []
    plain = shared.SharedPrefixes._compute

    def die_at_the_third(self: Any, batch: list[Prompt], width: int) -> Any:
        if len(computed) == 2:
            computed.append(0)
            raise _Killed
        computed.extend(len(prompt.ids) for prompt in batch)
        return plain(self, batch, width)

    monkeypatch.setattr(shared.SharedPrefixes, "_compute", die_at_the_third)
    with pytest.raises(_Killed):
        _run(runner, prompts, base={"path": str(llama)})
    assert _run(runner, prompts, base={"path": str(llama)}) == 0
    assert computed == [5, 6, 0, 7, 8]
    model = AutoModelForCausalLM.from_pretrained(llama)
    assert [row["ids"] for row in _rows(runner, "base")] == [_greedy(model, prompt) for prompt in ids]
    assert _run(runner, prompts, base={"path": str(llama)}) == 0  # finished: not even loaded
    assert len(computed) == 5


def test_a_pause_is_answered_within_a_prefill(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prompts, _ = _prompts(runner, [300])
    monkeypatch.setattr(Device, "token_budget", 16)
    passes: list[int] = []
    plain = Generator.forward

    def pause_at_the_third(self: Any, ids: torch.Tensor, *rest: Any) -> Any:
        passes.append(ids.shape[1])
        if len(passes) == 3:
            (runner.control / "pause").touch()
        return plain(self, ids, *rest)

    monkeypatch.setattr(Generator, "forward", pause_at_the_third)
    assert _run(runner, prompts, base={"path": str(llama)}) == EXIT_INTERRUPTED
    assert passes == [1, 16, 2]  # narrower once there is something before it


def test_prompts_have_settings_of_their_own(runner: Runner, llama: Path) -> None:
    _, ids = _prompts(runner, [20, 20, 20, 20])
    tokenizer = AutoTokenizer.from_pretrained(llama)
    model = AutoModelForCausalLM.from_pretrained(llama)
    plain = [_greedy(model, prompt) for prompt in ids]
    texts = [tokenizer.decode(answer, skip_special_tokens=True) for answer in plain]
    token = 3  # the answer of the last prompt is to end where this one begins
    stop = tokenizer.decode(plain[3][token : token + 2])
    assert stop not in tokenizer.decode(plain[3][:token])
    table = pa.table(
        {
            "prompt": pa.array([0, 1, 2, 3], pa.int32()),
            "ids": pa.array([prompt.tolist() for prompt in ids], pa.list_(pa.int32())),
            "maxNewTokens": pa.array([2, None, 1, None], pa.int32()),
            "stop": pa.array([[], None, None, ["nowhere to be found", stop]], pa.list_(pa.string())),
        }
    )
    prompts = _table(runner, table)
    assert _run(runner, prompts, base={"path": str(llama)}) == 0
    rows = _rows(runner, "base")
    assert [row["ids"] for row in rows[:3]] == [plain[0][:2], plain[1], plain[2][:1]]
    assert rows[1]["text"] == texts[1]
    assert rows[3]["text"] == texts[3][: texts[3].index(stop)]
    assert rows[3]["ids"] == plain[3][: token + 2]


def test_a_limit_of_nothing_is_told(runner: Runner, llama: Path) -> None:
    table = pa.table(
        {
            "prompt": pa.array([7], pa.int32()),
            "ids": pa.array([[1, 2]], pa.list_(pa.int32())),
            "maxNewTokens": pa.array([0], pa.int32()),
        }
    )
    assert _run(runner, _table(runner, table), base={"path": str(llama)}) == EXIT_BAD_INPUT
    assert "Prompt 7 has maxNewTokens 0" in runner.events("error")[0]["message"]


def test_a_prompt_without_finite_logits_is_named(runner: Runner, llama: Path) -> None:
    prompts, ids = _prompts(runner, [9, 9, 9])
    model = AutoModelForCausalLM.from_pretrained(llama)
    expected = {10 + row: _greedy(model, ids[row]) for row in (0, 2)}
    only = next(token for token in ids[1] if token not in {*ids[0], *ids[2], *expected[10], *expected[12]})
    with torch.no_grad():
        model.get_input_embeddings().weight[only] = float("nan")
    broken = shutil.copytree(llama, runner.folder / "broken")
    model.save_pretrained(broken)
    spec = {"path": str(broken)}
    assert _run(runner, prompts, {"onNonFinite": "skip"}, base=spec) == 0
    assert {row["prompt"]: row["ids"] for row in _rows(runner, "base")} == expected
    (warning,) = [event for event in runner.events("log") if event["level"] == "warning"]
    assert "base gives non-finite logits for prompt 11: it is left out" in warning["message"]
    assert _run(runner, prompts, base=spec) == EXIT_NON_FINITE
    assert "for prompt 11" in runner.events("error")[0]["message"]


def test_a_prompt_beyond_the_window_is_answered_or_named(runner: Runner, llama: Path) -> None:
    prompts, _ = _prompts(runner, [5, WINDOW, WINDOW + 1])
    assert _run(runner, prompts, {"onTooLong": "skip"}, base={"path": str(llama)}) == 0
    assert [row["prompt"] for row in _rows(runner, "base")] == [10, 11]
    (warning,) = [event for event in runner.events("log") if event["level"] == "warning"]
    assert f"Prompt 12 has {WINDOW + 1} tokens, more than the window of base ({WINDOW})" in warning["message"]
    assert _run(runner, prompts, base={"path": str(llama)}) == 0
    assert len(_rows(runner, "base")) == 3


def test_an_empty_prompt_is_told(runner: Runner, llama: Path) -> None:
    prompts, _ = _prompts(runner, [5, 0])
    assert _run(runner, prompts, base={"path": str(llama)}) == EXIT_BAD_INPUT
    assert "Prompt 11" in runner.events("error")[0]["message"]
