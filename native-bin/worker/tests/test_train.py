"""The training loop against a plain one, its metrics and its result."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer

from conftest import Runner, make_model
from longrecipe_worker.schedule import learning_rate_factor
from training import LORA, ROPE, add_weights, fields, losses, same, weights

pytestmark = pytest.mark.usefixtures("every_metric")


@pytest.mark.parametrize("weighted", [False, True], ids=["uniform", "weighted"])
def test_equals_a_plain_loop(weighted: bool, runner: Runner, llama: Path) -> None:
    """Losses and weights of a loop written out in plain PyTorch on the same samples."""
    runner.samples(count=5)
    factors = np.random.default_rng(3).uniform(0, 3, (5, 24)).astype(np.float32) if weighted else np.ones((5, 24))
    if weighted:
        add_weights(runner, list(factors))
    assert runner.run("train", **fields(runner, llama, checkpointEvery=100)) == 0
    table = pa.ipc.open_file(pa.memory_map(str(runner.folder / "samples.arrow"))).read_all().to_pylist()
    config = AutoModelForCausalLM.from_pretrained(llama).config
    config.rope_parameters = ROPE["parameters"]
    model = AutoModelForCausalLM.from_pretrained(llama, config=config).train()
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim < 2]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3)
    expected = []
    for step in range(6):
        rows = [table[(4 * step + index) % 5] for index in range(4)]
        ids, positions = (torch.tensor([row[name] for row in rows]) for name in ("ids", "positions"))
        logits = model(input_ids=ids, position_ids=positions, attention_mask=torch.ones_like(ids)).logits
        each = functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
        weight = torch.tensor(np.array([factors[(4 * step + index) % 5, 1:] for index in range(4)])).flatten()
        loss = (each * weight).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * learning_rate_factor("linear", step, 6, 1)
        optimizer.step()
        optimizer.zero_grad()
        expected.append(loss.item())
    np.testing.assert_allclose([loss for _, loss in losses(runner)], expected, rtol=1e-4)
    for name, tensor in weights(runner).items():
        torch.testing.assert_close(tensor, model.state_dict()[name], rtol=1e-3, atol=2e-4)


def test_weights_of_one_are_no_weights(runner: Runner, llama: Path) -> None:
    runner.samples(count=7)
    assert runner.run("train", "plain", **fields(runner, llama, "plain")) == 0
    add_weights(runner, [np.ones(24, dtype=np.float32)] * 7)
    assert runner.run("train", "ones", **fields(runner, llama, "ones")) == 0
    assert losses(runner, "ones") == losses(runner, "plain")
    assert same(weights(runner, "ones"), weights(runner, "plain"))


def test_metrics_and_result(runner: Runner, llama_bf16: Path) -> None:
    runner.samples()
    assert runner.run("train", **fields(runner, llama_bf16, gradientCheckpointing=True)) == 0
    metrics = runner.events("metric")
    assert [event["step"] for event in metrics] == [1, 2, 3, 4, 5, 6]
    for event in metrics:
        assert event["totalSteps"] == 6
        assert event["values"].keys() == {"loss", "learningRate", "gradNorm", "tokensPerSecond", "memoryBytes"}
    assert runner.events("device")[0]["precision"] == "float32"
    assert [event["step"] for event in runner.events("checkpoint")] == [2, 4]
    folder = runner.folder / "out" / "model"
    assert {tensor.dtype for tensor in weights(runner).values()} == {torch.bfloat16}
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert model.dtype == torch.bfloat16
    modes = {file.stat().st_mode & 0o777 for file in folder.iterdir()}
    assert len(modes) == 1  # weights are as readable as their config
    assert model.config.max_position_embeddings == 96
    assert model.config.rope_parameters == ROPE["parameters"]
    older = json.loads((folder / "config.json").read_text())
    assert (older["rope_theta"], older["rope_scaling"]) == (40000.0, None)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.model_max_length == 96
    assert len(model.generate(**tokenizer("The quick", return_tensors="pt"), max_new_tokens=3, do_sample=False)[0]) > 2
    assert not (runner.folder / "out" / "checkpoints").exists()
    # The same job again has nothing to do.
    assert runner.run("train", **fields(runner, llama_bf16, gradientCheckpointing=True)) == 0
    assert len(runner.events("metric")) == 6


def test_gradient_checkpointing_changes_nothing(runner: Runner, llama: Path) -> None:
    runner.samples()
    for name, on in (("with", True), ("without", False)):
        assert runner.run("train", name, **fields(runner, llama, name, gradientCheckpointing=on)) == 0
    np.testing.assert_allclose(*(np.array(losses(runner, name)) for name in ("with", "without")), rtol=1e-6)


def test_lora_is_folded_into_the_weights_of_the_checkpoint(runner: Runner, tmp_path: Path) -> None:
    """Arithmetic in bfloat16 must not round the float32 weights that no adapter touches."""
    base = make_model(tmp_path / "base")
    runner.samples()
    job = fields(runner, base, method={**LORA, "dropout": 0.0}, precision="bfloat16")
    assert runner.run("train", **job) == 0
    before, after = load_file(base / "model.safetensors"), weights(runner)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {f"model.layers.{i}.self_attn.{p}.weight" for i in (0, 1) for p in ("q_proj", "v_proj")}
    assert losses(runner)[-1][1] < losses(runner)[0][1] + 0.1


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
def test_schedules(schedule: str) -> None:
    factors = [learning_rate_factor(schedule, step, 20, 4) for step in range(20)]
    assert factors[0] > 0
    assert factors[:5] == sorted(factors[:5])
    assert factors[4] == 1.0
    assert factors[4:] == sorted(factors[4:], reverse=True)
    assert factors[-1] == 1.0 if schedule == "constant" else factors[-1] < 0.1
