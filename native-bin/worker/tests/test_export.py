"""The pair for the editor's scorer: equal to PyTorch within the stated tolerances, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
import torch

from conftest import VOCABULARY, Runner, make_model
from families import FAMILIES, make_family
from longrecipe_worker import onnx_check
from longrecipe_worker.faults import Fault
from longrecipe_worker.models import load_model
from longrecipe_worker.onnx_check import CheckedWindow, Errors, compare, reference, require_close
from longrecipe_worker.onnx_formats import store_half
from longrecipe_worker.onnx_graph import write_graph

TOKENS = pa.schema([("document", pa.int32())] + [(name, pa.list_(pa.int32())) for name in ("ids", "starts", "ends")])
EXPORTED = [
    "llama",
    "mistral",
    "qwen2",
    "qwen2 with sliding layers",
    "qwen3",
    "gemma2",
    "gemma3",
    "phi3",
    "olmo2",
    "smollm3",
    "gpt_neox",
]


def job_fields(runner: Runner, base: Path, extended: Any, form: str) -> dict[str, Any]:
    random = np.random.default_rng(3)
    ids = [random.integers(1, VOCABULARY, count) for count in (1, 70, 30)]
    tokens = runner.table("tokens.arrow", TOKENS, [list(range(3)), ids, ids, ids])
    window = {"window": 48, "minContext": 24}
    return {
        "title": "tiny",
        "models": [
            {"name": "base", "model": {"path": str(base)}, **window},
            {"name": "extended", "model": extended, **window},
        ],
        "format": form,
        "measure": "logit",
        "tokens": tokens,
        "output": runner.folder / "pair",
    }


@pytest.mark.parametrize("form", ["fp32", "fp16", "int8"])
def test_a_pair_is_written_and_checked(runner: Runner, llama: Path, form: str) -> None:
    rope = {"parameters": {"rope_type": "linear", "factor": 4.0}, "maxPositionEmbeddings": 128}
    fields = job_fields(runner, llama, {"path": str(llama), "rope": rope}, form)
    assert runner.run("export", **fields) == 0, runner.events()
    pair = runner.folder / "pair"
    manifest = json.loads((pair / "scorer.json").read_text())
    assert manifest["format"] == form
    assert manifest["base"] == {"file": "base.onnx", "window": 48, "minContext": 24}
    assert manifest["check"]["tokens"] == 47 + 29
    limits = onnx_check.TOLERANCES[form]
    for name in ("base", "extended"):
        assert manifest["check"][name]["maxLogit"] <= limits["maxLogit"]
    assert manifest["check"]["rankCorrelation"] >= limits["rankCorrelation"]
    assert sorted(file.name for file in pair.iterdir()) == [
        "base.onnx",
        "extended.onnx",
        "scorer.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


@pytest.mark.parametrize("family", EXPORTED)
def test_every_family_gives_what_pytorch_gives(tmp_path: Path, family: str) -> None:
    """Windows longer than the sliding layers look back, and shorter ones; the graph's length is free."""
    model = load_model({"path": str(make_family(tmp_path / "model", family))}, torch.float32, torch.device("cpu"))
    random = np.random.default_rng(0)
    windows = [CheckedWindow(random.integers(1, VOCABULARY, count)) for count in (2, 9, 40)]
    expected = reference(model, windows)
    write_graph(model, tmp_path / "model.onnx", external=False)
    errors, _ = compare(tmp_path / "model.onnx", windows, expected)
    assert errors.max_logit < 1e-4, errors


def test_families_are_exported_or_refused_with_the_reason(tmp_path: Path) -> None:
    refused = set(FAMILIES) - set(EXPORTED)
    assert refused
    for family in refused:
        model = load_model({"path": str(make_family(tmp_path / family, family))}, torch.float32, torch.device("cpu"))
        with pytest.raises(Fault, match=r"cannot be written as ONNX: .+") as fault:
            write_graph(model, tmp_path / "model.onnx", external=False)
        assert fault.value.code == "export-unsupported"


def test_frequencies_that_follow_the_length_are_refused(runner: Runner, llama: Path) -> None:
    rope = {"parameters": {"rope_type": "dynamic", "factor": 4.0}, "maxPositionEmbeddings": 128}
    fields = job_fields(runner, llama, {"path": str(llama), "rope": rope}, "fp32")
    assert runner.run("export", **fields) == 20
    assert "depend on the length" in runner.events("error")[-1]["message"]
    assert not (runner.folder / "pair").exists()


def test_an_inexact_export_is_refused_with_its_errors() -> None:
    require_close("base", "fp16", Errors(0.01, 1.0, 0.005), 0.995)
    with pytest.raises(Fault, match=r"a logit is off by 0\.05") as fault:
        require_close("base", "fp16", Errors(0.05, 1.0, 0.005))
    assert "fp32" in fault.value.remedy
    with pytest.raises(Fault, match=r"ranks correlate by 0\.500"):
        require_close("pair", "int8", None, 0.5)
    with pytest.raises(Fault):
        require_close("base", "fp32", Errors(float("nan"), 0.0, 0.0))


def test_weights_beyond_float16_are_named() -> None:
    weight = onnx.numpy_helper.from_array(np.full((32, 32), 1e5, dtype=np.float32), "layers.0.weight")
    graph = onnx.helper.make_graph([], "g", [], [], initializer=[weight])
    with pytest.raises(Fault, match=r"layers\.0\.weight holds 1e\+05"):
        store_half(onnx.helper.make_model(graph))


def test_a_folder_without_tokenizer_json_is_refused(runner: Runner, tmp_path: Path) -> None:
    model = make_model(tmp_path / "bare")
    (model / "tokenizer.json").unlink()
    assert runner.run("export", **job_fields(runner, model, {"path": str(model)}, "fp32")) == 20
    assert runner.events("error")[-1]["code"] == "export-tokenizer"
