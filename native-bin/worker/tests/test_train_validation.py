"""Measuring while training: the right numbers, and nothing else changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer

from conftest import VOCABULARY, Runner
from longrecipe_worker.faults import EXIT_INTERRUPTED
from longrecipe_worker.head import Head
from longrecipe_worker.jobs import train
from longrecipe_worker.tables import TOKENS
from training import FULL, LORA, ROPE, fields, losses, same, weights

pytestmark = pytest.mark.usefixtures("every_metric")
PROMPTS = pa.schema([("prompt", pa.int32()), ("ids", pa.list_(pa.int32()))])


def _texts(count: int, length: int) -> list[np.ndarray]:
    random = np.random.default_rng(9)
    return [random.integers(1, VOCABULARY, length - 7 * number) for number in range(count)]


def _validation(runner: Runner) -> dict[str, object]:
    """Three documents of up to 80 tokens, three prompts, and as a probe the training samples."""
    documents = _texts(3, 80)
    runner.table("held-out.arrow", TOKENS, [[0, 1, 2], documents, documents, documents])
    runner.table("prompts.arrow", PROMPTS, [[4, 0, 7], [text[:40] for text in documents]])
    names = {"documents": "held-out", "prompts": "prompts", "probe": "samples"}
    paths = {key: str(runner.folder / f"{name}.arrow") for key, name in names.items()}
    return {"bins": [32, 96], "maxNewTokens": 4, **paths}


def _load(path: Path, rope: bool) -> torch.nn.Module:
    config = AutoModelForCausalLM.from_pretrained(path).config
    if rope:
        config.rope_parameters = ROPE["parameters"]
    return AutoModelForCausalLM.from_pretrained(path, config=config).eval()


@torch.no_grad()
def _expected(model: torch.nn.Module, ids: np.ndarray, positions: np.ndarray) -> np.ndarray:
    inputs = torch.tensor(ids)[None]
    logits = model(
        input_ids=inputs, position_ids=torch.tensor(positions)[None], attention_mask=torch.ones_like(inputs)
    ).logits[0]
    return functional.cross_entropy(logits[:-1], inputs[0, 1:].long(), reduction="none").numpy()


def _measurements(runner: Runner, name: str = "job") -> list[dict[str, object]]:
    """Without what the clock says."""
    return [
        {key: value for key, value in event.items() if key not in ("time", "seconds")}
        for event in runner.events("measurement", name)
    ]


@pytest.mark.parametrize("method", [FULL, LORA], ids=["full", "lora"])
def test_numbers_are_those_of_the_plain_model(method: dict[str, object], runner: Runner, llama: Path) -> None:
    runner.samples(count=4)
    job = fields(runner, llama, method=method, checkpointEvery=4, validation=_validation(runner))
    assert runner.run("train", **job) == 0
    found = _measurements(runner)
    assert [event["step"] for event in found] == [0, 4, 6]
    assert [("probe" in event) for event in found] == [True, False, True]
    tokenizer = AutoTokenizer.from_pretrained(llama)
    samples = pa.ipc.open_file(pa.memory_map(str(runner.folder / "samples.arrow"))).read_all().to_pylist()
    for event, model in ((found[0], _load(llama, True)), (found[2], _load(runner.folder / "out" / "model", False))):
        each = [_expected(model, ids, np.arange(len(ids))) for ids in _texts(3, 80)]
        for bin_, start, end in zip(event["bins"], (0, 31), (31, 95), strict=True):
            assert bin_["tokens"] == sum(len(one[start:end]) for one in each)
            assert bin_["sum"] == pytest.approx(sum(one[start:end].sum() for one in each), rel=1e-4)
        for probed, sample in zip(event["probe"], samples, strict=True):
            ids = np.array(sample["ids"])
            assert probed["tokens"] == 23
            assert probed["plain"] == pytest.approx(_expected(model, ids, np.arange(24)).sum(), rel=1e-4)
            assert probed["skipped"] == pytest.approx(
                _expected(model, ids, np.array(sample["positions"])).sum(), rel=1e-4
            )
        assert [answer["prompt"] for answer in event["answers"]] == [0, 4, 7]
        for answer, text in zip(event["answers"], (1, 0, 2), strict=True):
            prompt = torch.tensor(_texts(3, 80)[text][:40])[None]
            new = model.generate(prompt, max_new_tokens=4, do_sample=False, attention_mask=torch.ones_like(prompt))
            assert answer["text"] == tokenizer.decode(new[0, 40:], skip_special_tokens=True)


def test_checkpoints_are_left_out_where_asked(runner: Runner, llama: Path) -> None:
    runner.samples(count=4)
    validation = {**_validation(runner), "between": False}
    assert runner.run("train", **fields(runner, llama, checkpointEvery=2, validation=validation)) == 0
    found = _measurements(runner)
    assert [event["step"] for event in found] == [0, 6]
    assert all("probe" in event for event in found)


@pytest.mark.parametrize("method", [FULL, LORA], ids=["full", "lora"])
def test_training_is_the_same_to_the_last_bit(method: dict[str, object], runner: Runner, llama: Path) -> None:
    runner.samples(count=7)
    plain = fields(runner, llama, "plain", method=method, gradientCheckpointing=True)
    assert runner.run("train", "plain", **plain) == 0
    job = fields(runner, llama, "measured", method=method, gradientCheckpointing=True, validation=_validation(runner))
    assert runner.run("train", "measured", **job) == 0
    assert len(_measurements(runner, "measured")) == 4
    assert losses(runner, "measured") == losses(runner, "plain")
    assert same(weights(runner, "measured"), weights(runner, "plain"))


def test_a_resumed_training_measures_the_rest_alone(
    runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.samples(count=7)
    validation = _validation(runner)
    assert runner.run("train", "whole", **fields(runner, llama, "whole", validation=validation)) == 0
    plain = train.Training._step

    def ask_at_third(self: train.Training, step: int) -> object:
        if step == 2:
            (runner.control / "pause").touch()
        return plain(self, step)

    monkeypatch.setattr(train.Training, "_step", ask_at_third)
    assert runner.run("train", "parts", **fields(runner, llama, "parts", validation=validation)) == EXIT_INTERRUPTED
    monkeypatch.setattr(train.Training, "_step", plain)
    (runner.control / "pause").unlink()
    # What is measured is no part of the training: its checkpoints are taken up.
    resumed = {key: value for key, value in validation.items() if key != "prompts"}
    assert runner.run("train", "parts", **fields(runner, llama, "parts", validation=resumed)) == 0
    assert same(weights(runner, "parts"), weights(runner, "whole"))
    whole, parts = _measurements(runner, "whole"), _measurements(runner, "parts")
    assert [event["step"] for event in parts] == [0, 2, 4, 6]
    for one, other in zip(whole, parts, strict=True):
        assert one["bins"] == other["bins"]


@pytest.mark.parametrize("fault", ["memory", "numbers"])
def test_a_fault_ends_the_validation_and_not_the_training(
    fault: str, runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.samples(count=4)

    def broken(self: Head, hidden: torch.Tensor, *_: object) -> tuple[torch.Tensor, torch.Tensor]:
        if fault == "memory":
            torch.empty(2**60)
        nothing = torch.full((len(hidden),), torch.nan)
        return nothing, nothing

    monkeypatch.setattr(Head, "true_token", broken)
    assert runner.run("train", **fields(runner, llama, validation=_validation(runner))) == 0
    assert _measurements(runner) == []
    assert len(losses(runner)) == 6
    (warning,) = [event["message"] for event in runner.events("log") if event["level"] == "warning"]
    assert warning.startswith("Validation is left out from step 0 on: ")


def test_a_request_to_end_does_not_wait_for_it(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.samples(count=4)
    job = fields(runner, llama, validation=_validation(runner))
    plain = Head.true_token

    def ask(self: Head, *arguments: object) -> tuple[torch.Tensor, torch.Tensor]:
        (runner.control / "stop").touch()
        return plain(self, *arguments)

    monkeypatch.setattr(Head, "true_token", ask)
    assert runner.run("train", **job) == EXIT_INTERRUPTED
    assert _measurements(runner) == []
    monkeypatch.setattr(Head, "true_token", plain)
    (runner.control / "stop").unlink()
    assert runner.run("train", **job) == 0
    assert [event["step"] for event in _measurements(runner)] == [0, 2, 4, 6]
