"""The vLLM engine against a stand-in for the vllm module that runs transformers. No real vLLM is part of the tests."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from conftest import VOCABULARY, Runner, make_model
from longrecipe_worker.devices import Device
from longrecipe_worker.engines import vllm as engine
from longrecipe_worker.faults import EXIT_BAD_INPUT

CUDA = Device("cuda", torch.bfloat16, "test")
CPU = Device("cpu", torch.float32, "test")


class FakeLLM:
    """Does with transformers what vllm.LLM does with these arguments: end tokens are part of the answer's ids."""

    made: list[dict[str, Any]] = []  # noqa: RUF012 - one list for the whole module on purpose

    def __init__(self, **arguments: Any) -> None:
        FakeLLM.made.append(arguments)
        self._model = AutoModelForCausalLM.from_pretrained(arguments["model"], dtype=getattr(torch, arguments["dtype"]))
        self._tokenizer = AutoTokenizer.from_pretrained(arguments["model"])
        self._longest = arguments["max_model_len"]

    def generate(self, prompts: list[dict[str, list[int]]], parameters: list[Any], use_tqdm: bool) -> list[Any]:
        assert not use_tqdm
        return [self._one(p["prompt_token_ids"], s) for p, s in zip(prompts, parameters, strict=True)]

    def _one(self, prompt: list[int], parameters: Any) -> Any:
        assert parameters.temperature == 0.0
        assert parameters.logprobs is not None
        assert len(prompt) + parameters.max_tokens <= self._longest
        ids: list[int] = []
        total = 0.0
        while len(ids) < parameters.max_tokens:
            with torch.no_grad():
                logits = self._model(torch.tensor([prompt + ids])).logits[0, -1]
            ids.append(int(logits.nan_to_num().argmax()))
            total += float(logits.log_softmax(-1)[ids[-1]])
            text = self._tokenizer.decode(ids, skip_special_tokens=parameters.skip_special_tokens)
            if ids[-1] in parameters.stop_token_ids or any(stop in text for stop in parameters.stop or ()):
                break
        return SimpleNamespace(outputs=[SimpleNamespace(token_ids=ids, cumulative_logprob=total)])


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("vllm")
    module.__spec__ = ModuleSpec("vllm", None)
    module.LLM = FakeLLM
    module.SamplingParams = SimpleNamespace
    monkeypatch.setitem(sys.modules, "vllm", module)
    FakeLLM.made.clear()


def _prompts(runner: Runner, ids: list[np.ndarray], stop: list[str]) -> Path:
    table = pa.table(
        {
            "prompt": pa.array(range(len(ids)), pa.int32()),
            "ids": pa.array([row.tolist() for row in ids], pa.list_(pa.int32())),
            "maxNewTokens": pa.array([None, 3, *[None] * (len(ids) - 2)], pa.int32()),
            "stop": pa.array([[], [], stop, *[[]] * (len(ids) - 3)], pa.list_(pa.string())),
        }
    )
    path = runner.folder / "prompts.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return path


def _rows(path: Path) -> list[dict[str, Any]]:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all().to_pylist()


def test_its_answers_are_those_of_the_other_engine(runner: Runner, installed: None) -> None:
    random = np.random.default_rng(0)
    haystack = random.integers(1, VOCABULARY, 12)
    ids = [np.concatenate([haystack, random.integers(1, VOCABULARY, count)]) for count in (3, 4, 5, 3, 60)]
    model = make_model(runner.folder / "model")
    first = {"prompts": _prompts(runner, ids, ["\0"]), "models": [{"name": "base", "model": {"path": str(model)}}]}
    fields = {**first, "maxNewTokens": 8}
    assert runner.run("generate", output=runner.folder / "trial", **fields) == 0
    trial = _rows(runner.folder / "trial" / "generations-base.arrow")
    # An end token and a stop text that the answers really meet.
    model = make_model(runner.folder / "model", eos_token_id=trial[0]["ids"][4])
    fields["prompts"] = _prompts(runner, ids, [AutoTokenizer.from_pretrained(model).decode(trial[2]["ids"][2:4])])
    results = {}
    for name in ("transformers", "vllm"):
        assert runner.run("generate", name, output=runner.folder / name, engine=name, **fields) == 0
        results[name] = _rows(runner.folder / name / "generations-base.arrow")
    assert results["vllm"] == results["transformers"]
    assert len(results["vllm"][0]["ids"]) <= 4
    assert len(results["vllm"][1]["ids"]) <= 3
    (made,) = FakeLLM.made
    assert made["enable_prefix_caching"]
    assert made["generation_config"] == "vllm"
    assert made["max_model_len"] == 72 + 8


def test_a_prompt_without_finite_numbers_is_named(runner: Runner, installed: None) -> None:
    folder = make_model(runner.folder / "model")
    ids = [np.full(5, token) for token in (5, 6, 7)]
    model = AutoModelForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        model.get_input_embeddings().weight[6] = float("nan")
    model.save_pretrained(folder)
    fields = {
        "prompts": _prompts(runner, ids, []),
        "models": [{"name": "base", "model": {"path": str(folder)}}],
        "engine": "vllm",
        "maxNewTokens": 1,
        "output": runner.folder / "out",
    }
    assert runner.run("generate", onNonFinite="skip", **fields) == 0
    assert [row["prompt"] for row in _rows(runner.folder / "out" / "generations-base.arrow")] == [0, 2]


def test_it_is_chosen_where_it_can_run(installed: None) -> None:
    plain, extended = {"path": "m"}, {"path": "m", "rope": {}}
    assert engine.is_chosen("auto", plain, CUDA)
    assert not engine.is_chosen("auto", plain, CPU)
    assert not engine.is_chosen("auto", extended, CUDA)
    assert not engine.is_chosen("transformers", plain, CUDA)
    assert engine.is_chosen("vllm", plain, CPU)


def test_what_it_cannot_do_is_told(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prompts = _prompts(runner, [np.array([1, 2])] * 3, [])
    fields = {"prompts": prompts, "maxNewTokens": 2, "output": runner.folder / "out", "engine": "vllm"}
    models = [{"name": "base", "model": {"path": str(llama)}}]
    assert runner.run("generate", "absent", models=models, **fields) == EXIT_BAD_INPUT
    assert runner.events("error", "absent")[0]["code"] == "engine-missing"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    models[0]["model"]["adapter"] = str(llama)
    assert runner.run("generate", "adapter", models=models, **fields) == EXIT_BAD_INPUT
    assert runner.events("error", "adapter")[0]["code"] == "engine-unsupported"
