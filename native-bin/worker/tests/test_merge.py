from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from conftest import VOCABULARY, Runner, make_model, make_tokenizer
from longrecipe_worker.faults import EXIT_BAD_INPUT


def _merge(runner: Runner, base: Path, extended: Path, alpha: float = 0.5) -> int:
    return runner.run("merge", base=base, extended=extended, alpha=alpha, output=runner.folder / "merged")


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("tied", [True, False])
def test_every_tensor_is_the_mean(alpha: float, tied: bool, runner: Runner) -> None:
    models = []
    for seed in (0, 1):
        folder = make_model(runner.folder / str(seed), seed=seed, dtype=torch.bfloat16, tie_word_embeddings=tied)
        models.append(folder)
    base, extended = models
    config = json.loads((extended / "config.json").read_text())
    config["max_position_embeddings"] = 777
    (extended / "config.json").write_text(json.dumps(config))
    # in shards, as large models are
    model = AutoModelForCausalLM.from_pretrained(extended, dtype=torch.bfloat16)
    (extended / "model.safetensors").unlink()
    model.save_pretrained(extended, max_shard_size="20KB")
    assert len(list(extended.glob("*.safetensors"))) > 1
    assert _merge(runner, base, extended, alpha) == 0
    merged = AutoModelForCausalLM.from_pretrained(runner.folder / "merged")
    assert merged.dtype == torch.bfloat16
    assert merged.config.max_position_embeddings == 777
    assert AutoTokenizer.from_pretrained(runner.folder / "merged").model_max_length == 777
    sources = [AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).state_dict() for folder in models]
    for name, tensor in merged.state_dict().items():
        expected = ((1 - alpha) * sources[0][name] + alpha * sources[1][name]).to(torch.bfloat16)
        assert torch.equal(tensor, expected), name


def test_a_stored_tied_head_is_no_difference(runner: Runner, llama_bf16: Path) -> None:
    base = shutil.copytree(llama_bf16, runner.folder / "base")
    weights = load_file(base / "model.safetensors")
    weights["lm_head.weight"] = weights["model.embed_tokens.weight"].clone()
    save_file(weights, base / "model.safetensors", metadata={"format": "pt"})
    assert _merge(runner, base, llama_bf16) == 0
    assert "lm_head.weight" not in load_file(runner.folder / "merged" / "model.safetensors")


def test_models_that_differ_are_refused(runner: Runner, llama: Path) -> None:
    other = make_model(runner.folder / "deeper", num_hidden_layers=3)
    assert _merge(runner, llama, other) == EXIT_BAD_INPUT
    assert "model.layers.2" in runner.events("error")[0]["message"]
    wider = make_model(runner.folder / "wider", intermediate_size=96)
    assert _merge(runner, llama, wider) == EXIT_BAD_INPUT
    assert "shape" in runner.events("error")[1]["message"]
    assert not (runner.folder / "merged").exists()
    assert not (runner.folder / ".merged.tmp").exists()


def test_a_damaged_file_is_told(runner: Runner, llama: Path) -> None:
    broken = shutil.copytree(llama, runner.folder / "broken")
    data = (broken / "model.safetensors").read_bytes()
    (broken / "model.safetensors").write_bytes(data[: len(data) // 2])
    assert _merge(runner, llama, broken) == EXIT_BAD_INPUT
    assert runner.events("error")[0]["code"] == "model-damaged"


def test_tokenizers_are_copied_as_they_are(runner: Runner, llama: Path) -> None:
    assert _merge(runner, llama, llama) == 0
    assert (runner.folder / "merged" / "tokenizer.json").read_bytes() == (llama / "tokenizer.json").read_bytes()
    assert make_tokenizer().get_vocab() == AutoTokenizer.from_pretrained(runner.folder / "merged").get_vocab()


def test_added_tokens_are_told_as_such(runner: Runner, llama: Path) -> None:
    wider = make_model(runner.folder / "wider", vocab_size=VOCABULARY + 3)
    assert _merge(runner, llama, wider) == EXIT_BAD_INPUT
    assert "one has 3 added tokens" in runner.events("error")[0]["message"]


def test_merging_takes_the_memory_of_a_shard(tmp_path: Path) -> None:
    """Twelve shards of 16 MB each: the peak must stay far below the 192 MB of one model."""
    code = """
import json, sys
from pathlib import Path
import psutil, torch
from safetensors.torch import save_file
from longrecipe_worker.__main__ import main
from longrecipe_worker.jobs import merge
from transformers import LlamaConfig
folder = Path(sys.argv[1])
for seed, name in enumerate(("base", "extended")):
    (folder / name).mkdir()
    LlamaConfig(architectures=["LlamaForCausalLM"]).save_pretrained(folder / name)
    for shard in range(12):
        tensors = {f"model.layers.{shard}.{part}.weight": torch.full((1024, 1024), float(seed)) for part in "abcd"}
        save_file(tensors, folder / name / f"model-{shard:05d}.safetensors")
job = {"version": 1, "kind": "merge", "events": str(folder / "e"), "control": str(folder), "device": "cpu", "seed": 0,
       "precision": "float32", "base": str(folder / "base"), "extended": str(folder / "extended"), "alpha": 0.5,
       "output": str(folder / "merged")}
(folder / "job.json").write_text(json.dumps(job))
del tensors
# ru_maxrss would begin at the parent's peak.
Path("/proc/self/clear_refs").write_text("5")
before = psutil.Process().memory_info().rss
assert main([str(folder / "job.json")]) == 0
peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024
print("grown", peak - before)
"""
    if sys.platform != "linux":
        pytest.skip("Linux alone tells a peak that can be reset")
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    grown = int(run.stdout.rpartition("grown ")[2]) / 2**20
    assert grown < 80, f"{grown:.0f} MB"
    first = load_file(tmp_path / "merged" / "model-00000.safetensors")
    assert float(first["model.layers.0.a.weight"][0, 0]) == 0.5
