"""Ways of merging, layer by layer, written or in memory."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file

from conftest import Runner, make_model
from longrecipe_worker import mergekit_methods
from longrecipe_worker.blend import Blend
from longrecipe_worker.faults import EXIT_BAD_INPUT
from longrecipe_worker.models import load_model
from longrecipe_worker.tables import TOKENS


def _merge(runner: Runner, base: Path, extended: Path, alpha: float = 0.5, **fields: object) -> int:
    return runner.run("merge", base=base, extended=extended, alpha=alpha, output=runner.folder / "merged", **fields)


LAYERS = [{"layers": "0", "alpha": 0.25}, {"layers": "*.mlp.*", "alpha": 1.0}, {"layers": "*layernorm*", "alpha": 0.0}]


def test_layers_and_tensors_have_shares_of_their_own(runner: Runner, llama: Path) -> None:
    other = make_model(runner.folder / "other", seed=1)
    assert _merge(runner, llama, other, layers=LAYERS) == 0
    base, extended, merged = (load_file(f / "model.safetensors") for f in (llama, other, runner.folder / "merged"))
    shares = {
        "model.layers.0.self_attn.q_proj.weight": 0.25,
        "model.layers.1.self_attn.q_proj.weight": 0.5,
        "model.layers.0.mlp.up_proj.weight": 1.0,
        "model.layers.1.mlp.up_proj.weight": 1.0,
        "model.layers.1.input_layernorm.weight": 0.0,
        "model.embed_tokens.weight": 0.5,
        "lm_head.weight": 0.5,
    }
    for name, alpha in shares.items():
        torch.testing.assert_close(merged[name], (1 - alpha) * base[name] + alpha * extended[name])


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("0-3", "model.layers.3.mlp.up_proj.weight", True),
        ("0-3", "model.layers.4.mlp.up_proj.weight", False),
        ("1,5-7", "transformer.h.6.mlp.weight", True),
        ("1, 5-7", "transformer.h.2.mlp.weight", False),
        ("0-99", "model.embed_tokens.weight", False),
        ("*.self_attn.*", "model.layers.4.self_attn.k_proj.weight", True),
    ],
)
def test_patterns(pattern: str, name: str, fits: bool) -> None:
    assert Blend("linear", 0.5, ((pattern, 1.0),), 0.5, 0).share(name) == (1.0 if fits else 0.5)


def test_a_pattern_that_fits_nothing_is_told(runner: Runner, llama: Path) -> None:
    assert _merge(runner, llama, llama, layers=[{"layers": "7-9", "alpha": 0.2}]) == EXIT_BAD_INPUT
    assert "merge.layers[0]: `7-9` fits no tensor" in runner.events("error")[0]["message"]


@pytest.mark.parametrize("tied", [True, False])
def test_a_model_blended_at_loading_is_the_merged_one(tied: bool, runner: Runner) -> None:
    base, other = (
        make_model(runner.folder / str(seed), seed=seed, dtype=torch.bfloat16, tie_word_embeddings=tied)
        for seed in (0, 1)
    )
    config = json.loads((other / "config.json").read_text())
    config["rope_parameters"]["rope_theta"] = 5e5
    (other / "config.json").write_text(json.dumps(config))
    assert _merge(runner, base, other, alpha=0.3, layers=LAYERS) == 0
    spec = {"path": str(base), "merge": {"with": str(other), "alpha": 0.3, "layers": LAYERS}}
    blended = load_model(spec, torch.float32, torch.device("cpu"))
    written = load_model({"path": str(runner.folder / "merged")}, torch.float32, torch.device("cpu"))
    assert blended.config.rope_parameters["rope_theta"] == 5e5
    assert not blended.training
    ids = torch.arange(1, 30)[None]
    with torch.no_grad():
        assert torch.equal(blended(ids).logits, written(ids).logits)
    assert {k: v.tolist() for k, v in blended.state_dict().items()} == {
        k: v.tolist() for k, v in written.state_dict().items()
    }


def test_several_shares_are_scored_without_writing_a_model(runner: Runner, llama: Path) -> None:
    other = make_model(runner.folder / "other", seed=1)
    ids = [np.arange(1, 20)]
    tokens = runner.table("tokens.arrow", TOKENS, [[0], ids, ids, ids])
    models = [
        {"name": f"merged@{alpha}", "model": {"path": str(llama), "merge": {"with": str(other), "alpha": alpha}}}
        for alpha in (0.0, 0.25, 1.0)
    ]
    models += [{"name": "base", "model": {"path": str(llama)}}, {"name": "other", "model": {"path": str(other)}}]
    output = runner.folder / "scores"
    assert runner.run("score", tokens=tokens, models=models, window=32, minContext=4, output=output) == 0
    logit = {
        entry["name"]: pa.ipc.open_file(output / f"scores-{entry['name']}.arrow").read_all().column("logit")[0].as_py()
        for entry in models
    }
    assert logit["merged@0.0"][1:] == logit["base"][1:]
    assert logit["merged@1.0"][1:] == logit["other"][1:]
    assert logit["merged@0.25"][1:] != logit["base"][1:]
    assert not list(runner.folder.rglob("**/scores/**/*.safetensors"))


def test_without_mergekit_its_ways_are_refused_with_the_command(
    runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(mergekit_methods, "version", absent)
    assert _merge(runner, llama, llama, method="slerp") == EXIT_BAD_INPUT
    (error,) = runner.events("error")
    assert error["code"] == "mergekit-missing"
    assert '-m pip install "mergekit>=' in error["remedy"]
    monkeypatch.setattr(mergekit_methods, "version", lambda _: "0.0.6")
    assert _merge(runner, llama, llama, method="ties") == EXIT_BAD_INPUT
    assert "0.0.6" in runner.events("error")[1]["message"]


@pytest.mark.parametrize("method", ["slerp", "ties", "dare"])
def test_the_ways_of_mergekit(method: str, runner: Runner, llama: Path) -> None:
    pytest.importorskip("mergekit")
    other = make_model(runner.folder / "other", seed=1)
    assert _merge(runner, llama, other, alpha=0.5, method=method, density=0.25) == 0
    base, extended, merged = (load_file(f / "model.safetensors") for f in (llama, other, runner.folder / "merged"))
    for name in ("model.layers.0.mlp.up_proj.weight", "model.embed_tokens.weight"):
        one, two, found = base[name], extended[name], merged[name]
        if method == "slerp":
            cosine = (one * two).sum() / one.norm() / two.norm()
            angle = torch.arccos(cosine)
            expected = (one + two) * torch.sin(angle / 2) / torch.sin(angle)
            torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)
            continue
        moved = (found - one).abs() > 1e-7
        share = float(moved.float().mean())
        assert share == pytest.approx(0.25, abs=0.02)
        if method == "ties":
            largest = (two - one).abs() >= (two - one).abs().flatten().sort().values[int(0.75 * one.numel())]
            assert torch.equal(moved, largest)
            torch.testing.assert_close(found[moved], (one + 0.5 * (two - one))[moved])
        else:
            ratio = ((found - one) / (two - one))[moved]
            torch.testing.assert_close(ratio, ratio[0].expand_as(ratio), rtol=1e-2, atol=1e-2)
            assert float(ratio[0]) == pytest.approx(0.5 / 0.25, rel=0.15)


def test_dare_drops_the_same_entries_each_time(runner: Runner, llama: Path) -> None:
    pytest.importorskip("mergekit")
    blend = Blend("dare", 0.5, (), 0.5, 7)
    one, two = torch.zeros(100), torch.ones(100)
    assert torch.equal(blend.tensor(one, two, "a"), blend.tensor(one, two, "a"))
    assert not torch.equal(blend.tensor(one, two, "a"), blend.tensor(one, two, "b"))
