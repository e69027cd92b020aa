"""Every supported family through every job, and rotary scaling in all its forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM

from conftest import VOCABULARY, WINDOW, Runner
from families import FAMILIES, LOCAL, make_family
from longrecipe_worker.attention import mask_warning, sliding_windows
from longrecipe_worker.export import save_checkpoint
from longrecipe_worker.faults import Fault
from longrecipe_worker.jobs.inspect import inspect_model
from longrecipe_worker.models import load_model
from longrecipe_worker.samples import Sample, collate
from longrecipe_worker.tables import TOKENS

TARGET = 96
PROMPTS = pa.schema([("prompt", pa.int32()), ("ids", pa.list_(pa.int32()))])
ROPE: dict[str, dict[str, Any]] = {
    "none": {},
    "ntk": {"rope_type": "default", "rope_theta": 80_000.0},
    "linear": {"rope_type": "linear", "rope_theta": 10_000.0, "factor": 3.0},
    "yarn": {
        "rope_type": "yarn",
        "rope_theta": 10_000.0,
        "factor": 3.0,
        "beta_fast": 4.0,
        "beta_slow": 1.0,
        "original_max_position_embeddings": WINDOW,
    },
    "llama3": {
        "rope_type": "llama3",
        "rope_theta": 10_000.0,
        "factor": 3.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": WINDOW,
    },
}
UNKNOWN = [("phi3", "linear"), ("phi3", "yarn"), ("phi3", "llama3")]
"""What transformers has not: Phi-3 takes longrope alone."""
every_family = pytest.mark.parametrize("family", FAMILIES)


def _rope(kind: str) -> dict[str, Any]:
    return {"parameters": ROPE[kind], "maxPositionEmbeddings": TARGET}


def _load(folder: Path, **spec: Any) -> Any:
    return load_model({"path": str(folder), **spec}, torch.float32, torch.device("cpu"))


def _logits(model: Any, ids: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False).logits


@every_family
def test_a_family_goes_through_every_job(family: str, runner: Runner) -> None:
    base = make_family(runner.folder / "base", family)
    ids = [np.random.default_rng(0).integers(1, VOCABULARY, 60)]
    tokens = runner.table("tokens.arrow", TOKENS, [[0], ids, ids, ids])
    extended = {"name": "extended", "model": {"path": str(base), "rope": _rope("ntk")}}
    models = [{"name": "base", "model": {"path": str(base)}}, extended]
    output = runner.folder / "scores"
    assert runner.run("score", tokens=tokens, models=models, window=40, minContext=20, output=output) == 0
    scores = [
        pa.ipc.open_file(output / f"scores-{m['name']}.arrow").read_all().column("logit")[0].as_py() for m in models
    ]
    plain = AutoModelForCausalLM.from_pretrained(base)
    expected = _logits(plain, torch.from_numpy(ids[0][None, :40]))[0, torch.arange(39), torch.from_numpy(ids[0][1:40])]
    torch.testing.assert_close(torch.tensor(scores[0][1:40]), expected, rtol=1e-4, atol=1e-4)
    assert scores[0][1:] != scores[1][1:]

    training = {
        "model": {"path": str(base), "rope": _rope("ntk")}, "method": {"type": "full"}, "learningRate": 1e-3,
        "schedule": "constant", "warmupSteps": 0, "weightDecay": 0.1, "maxGradNorm": 1.0, "steps": 2,
        "microBatchSize": 2, "gradientAccumulation": 1, "gradientCheckpointing": True, "checkpointEvery": 5,
        "keepCheckpoints": 1,
    }  # fmt: skip
    samples = runner.samples(count=4, length=24, target=TARGET)
    assert runner.run("train", "train", samples=samples, output=runner.folder / "out", **training) == 0
    losses = [event["values"]["loss"] for event in runner.events("metric", "train")]
    assert all(np.isfinite(losses))
    trained = runner.folder / "out" / "model"
    merged = runner.folder / "merged"
    assert runner.run("merge", "merge", base=base, extended=trained, alpha=0.5, output=merged) == 0
    config = json.loads((merged / "config.json").read_text())
    assert config["max_position_embeddings"] == TARGET

    # Continued past the old window with a cache, as by the definition without one.
    prompt = ids[0][:50]
    prompts = runner.table("prompts.arrow", PROMPTS, [[0], [prompt]])
    specs = [{"name": "merged", "model": {"path": str(merged)}}]
    assert runner.run("generate", "generate", prompts=prompts, models=specs, maxNewTokens=3, output=output) == 0
    found = pa.ipc.open_file(output / "generations-merged.arrow").read_all().column("ids")[0].as_py()
    again = AutoModelForCausalLM.from_pretrained(merged)
    expected_ids: list[int] = []
    for _ in range(3):
        row = torch.tensor([[*prompt.tolist(), *expected_ids]])
        expected_ids.append(int(_logits(again, row)[0, -1].argmax()))
    assert found == (expected_ids[: expected_ids.index(0)] if 0 in expected_ids else expected_ids)


@every_family
@pytest.mark.parametrize("kind", ROPE)
def test_a_rescaled_model_reloads_in_plain_transformers(kind: str, family: str, tmp_path: Path) -> None:
    base = make_family(tmp_path / "base", family)
    if (family, kind) in UNKNOWN:
        with pytest.raises(Fault, match=f"no rotary scaling `{kind}` for phi3"):
            _load(base, rope=_rope(kind))
        return
    model = _load(base, rope=_rope(kind))
    ids = torch.from_numpy(np.random.default_rng(1).integers(1, VOCABULARY, (1, TARGET)))
    expected = _logits(model, ids)
    save_checkpoint(model, base, torch.float32, tmp_path / "saved", "test")
    again = AutoModelForCausalLM.from_pretrained(tmp_path / "saved")
    torch.testing.assert_close(_logits(again, ids), expected, rtol=0, atol=0)
    assert again.config.get_text_config().max_position_embeddings == TARGET
    before = _logits(AutoModelForCausalLM.from_pretrained(base), ids)
    assert torch.allclose(before, expected, atol=1e-6) == (kind == "none")


@every_family
@pytest.mark.parametrize("backend", ["sdpa", "eager"])
def test_tokens_before_a_skip_move_the_logits_after_it(backend: str, family: str, tmp_path: Path) -> None:
    """The trap of packed sequences, in each family: see test_attention.py."""
    if backend == "sdpa" and family == "gemma2":
        pytest.skip("transformers has no SDPA for capped attention scores")
    folder = make_family(tmp_path, family, max_position_embeddings=1024)
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation=backend).train()
    length, at = 20, 10
    moved = []
    for first in (5, 6):
        ids = np.random.default_rng(0).integers(1, VOCABULARY, length)
        ids[at - 1] = first  # within reach of the sliding layers too
        batch = collate([Sample(ids, np.arange(length) + np.where(np.arange(length) < at, 0, 500))])
        del batch["labels"]
        with torch.no_grad():
            moved.append(model(**batch, use_cache=False).logits[:, at:])
    assert float((moved[0] - moved[1]).abs().max()) > 1e-4


@pytest.mark.parametrize("family", [name for name, fields in FAMILIES.items() if fields.get("layer_types")])
@pytest.mark.parametrize("kind", ["ntk", "yarn"])
def test_sliding_layers_keep_their_window(kind: str, family: str, tmp_path: Path) -> None:
    """With the full layer silenced, nothing reaches farther than the window, in the extended model either."""
    model = _load(make_family(tmp_path, family), rope=_rope(kind))
    assert sliding_windows(model.config) == [LOCAL, None]
    with torch.no_grad():
        model.model.layers[1].self_attn.o_proj.weight.zero_()
    ids = torch.from_numpy(np.random.default_rng(0).integers(1, VOCABULARY, (1, TARGET)))
    other = ids.clone()
    other[0, 10] = (other[0, 10] + 1) % VOCABULARY
    moved = (_logits(model, ids) - _logits(model, other)).abs().amax(-1)[0] > 1e-6
    assert moved.nonzero()[:, 0].tolist() == list(range(10, 10 + LOCAL))


def test_gemma3_rescales_the_far_layers_alone(tmp_path: Path) -> None:
    base = make_family(tmp_path / "base", "gemma3")
    before, after = _load(base), _load(base, rope=_rope("ntk"))
    parameters = after.config.rope_parameters
    assert parameters["sliding_attention"] == before.config.rope_parameters["sliding_attention"]
    assert parameters["full_attention"]["rope_theta"] == 80_000.0
    save_checkpoint(after, base, torch.float32, tmp_path / "saved", "test")
    config = json.loads((tmp_path / "saved" / "config.json").read_text())  # as readers of before transformers 5 take it
    assert (config["rope_theta"], config["rope_local_base_freq"], config["rope_scaling"]) == (80_000.0, 10_000.0, None)


def test_layers_without_positions_stay_without(tmp_path: Path) -> None:
    """SmolLM3: rescaling must not move what a layer without rotary positions computes."""
    base = make_family(tmp_path, "smollm3", no_rope_layers=[0, 0, 0, 0])
    ids = torch.from_numpy(np.random.default_rng(0).integers(1, VOCABULARY, (1, TARGET)))
    torch.testing.assert_close(_logits(_load(base), ids), _logits(_load(base, rope=_rope("ntk")), ids), rtol=0, atol=0)


@every_family
def test_a_mask_that_grows_with_the_square_is_told(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The warning says what SDPA is really called with."""
    model = _load(make_family(tmp_path, family))
    masks: list[bool] = []
    plain = functional.scaled_dot_product_attention

    def spy(*arguments: torch.Tensor, attn_mask: torch.Tensor | None = None, **keywords: Any) -> torch.Tensor:
        masks.append(attn_mask is not None)
        return plain(*arguments, attn_mask=attn_mask, **keywords)

    monkeypatch.setattr(functional, "scaled_dot_product_attention", spy)
    _logits(model, torch.ones((1, LOCAL + 8), dtype=torch.long))
    warning = mask_warning(model, LOCAL + 8)
    if model.config._attn_implementation == "eager":
        assert not masks
        assert "capped" in warning
    else:
        assert any(masks) == (warning is not None)


@every_family
def test_facts_of_a_family(family: str, tmp_path: Path) -> None:
    facts = inspect_model(str(make_family(tmp_path, family)))
    partial = {"phi3": 4, "gpt_neox": 4}
    assert facts["headDimension"] == partial.get(family, 8)
    assert facts["window"] == WINDOW
    assert facts["ropeParameters"]["rope_theta"] > 0
