from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, GPT2Config

from conftest import VOCABULARY, WINDOW, Runner, make_model, make_tokenizer
from families import LOCAL, make_family
from longrecipe_worker.faults import EXIT_BAD_INPUT
from longrecipe_worker.jobs.inspect import inspect_model


def test_facts_of_a_model(runner: Runner, llama: Path) -> None:
    output = runner.folder / "facts.json"
    assert runner.run("inspect", models=[str(llama)], output=output) == 0
    (facts,) = json.loads(output.read_text())
    model = AutoModelForCausalLM.from_pretrained(llama)
    assert facts == {
        "model": str(llama),
        "path": str(llama.resolve()),
        "architecture": "LlamaForCausalLM",
        "modelType": "llama",
        "window": WINDOW,
        "vocabularySize": VOCABULARY,
        "parameters": model.num_parameters(),
        "hiddenSize": 32,
        "layers": 2,
        "headDimension": 8,
        "ropeParameters": {"rope_type": "default", "rope_theta": 10000.0},
        "localRopeParameters": None,
        "ropeTypes": ["ntk", "linear", "yarn", "llama3"],
        "rotaryLayout": "halves",
        "layerReach": [{"window": None, "rotary": True}] * 2,
        "alwaysMasked": False,
        "tokenizerTokens": VOCABULARY,
        "addedTokens": {"0": "<end>"},
        "tokenizerHash": facts["tokenizerHash"],
        "hasOffsets": True,
        "promptPrefix": [],
        "chatTemplate": None,
        "contentHash": facts["contentHash"],
    }


def test_tied_weights_count_once(llama_bf16: Path) -> None:
    assert (
        inspect_model(str(llama_bf16))["parameters"]
        == AutoModelForCausalLM.from_pretrained(llama_bf16).num_parameters()
    )


@pytest.mark.parametrize("kind", ["qwen2", "qwen3", "mistral", "gemma3_text"])
def test_other_architectures_have_rotary_facts(kind: str, tmp_path: Path) -> None:
    facts = inspect_model(str(make_model(tmp_path, kind)))
    assert facts["headDimension"] == 8
    assert facts["ropeParameters"]["rope_theta"] > 0


def test_partial_rotation_gives_the_rotary_part(tmp_path: Path) -> None:
    facts = inspect_model(str(make_model(tmp_path, "gpt_neox", intermediate_size=32, rotary_pct=0.5)))
    assert facts["headDimension"] == 4


def test_a_model_without_rotary_positions(tmp_path: Path, llama: Path) -> None:
    config = GPT2Config(n_embd=16, n_layer=1, n_head=2, vocab_size=VOCABULARY, n_positions=64)
    AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    shutil.copy(llama / "tokenizer.json", tmp_path)
    facts = inspect_model(str(tmp_path))
    assert facts["ropeParameters"] is None
    assert facts["headDimension"] is None


def test_hashes_tell_contents_not_places(tmp_path: Path, llama: Path) -> None:
    copy = shutil.copytree(llama, tmp_path / "copy")
    other = make_model(tmp_path / "other", seed=1)
    first, same, different = (inspect_model(str(folder)) for folder in (llama, copy, other))
    assert first["contentHash"] == same["contentHash"] != different["contentHash"]
    assert first["tokenizerHash"] == same["tokenizerHash"] == different["tokenizerHash"]
    tokenizer = json.loads((copy / "tokenizer.json").read_text())
    tokenizer["model"]["merges"].pop()
    (copy / "tokenizer.json").write_text(json.dumps(tokenizer))
    assert inspect_model(str(copy))["tokenizerHash"] != first["tokenizerHash"]


def _break_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "no-such-model"}')


def _config_with(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return change


def _become_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_bytes(b"GGUF")


@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        (shutil.rmtree, "model-missing", "does not exist"),
        (lambda folder: (folder / "config.json").unlink(), "model-incomplete", "config.json"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer-missing", "tokenizer"),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "tokenizer-unreadable", "cannot be read"),
        (lambda folder: (folder / "model.safetensors").unlink(), "model-incomplete", "safetensors"),
        (_break_config, "model-unknown", "no-such-model"),
        (_config_with(max_position_embeddings="256"), "model-unknown", "expected int, got str"),
        (_config_with(rope_parameters={"rope_type": "weird", "factor": 4.0}), "model-unknown", "weird"),
        (_become_a_file, "model-missing", "is a file"),
    ],
)
def test_faults_are_told(damage: object, code: str, words: str, runner: Runner, llama: Path) -> None:
    folder = shutil.copytree(llama, runner.folder / "model")
    damage(folder)
    assert runner.run("inspect", models=[str(folder)], output=runner.folder / "facts.json") == EXIT_BAD_INPUT
    (error,) = runner.events("error")
    assert error["code"] == code
    assert words in error["message"]
    assert error["remedy"]
    assert not (runner.folder / "facts.json").exists()


def test_hub_id_offline_is_told(runner: Runner) -> None:
    assert runner.run("inspect", models=["nobody/nothing"], output=runner.folder / "facts.json") == EXIT_BAD_INPUT
    assert runner.events("error")[0]["code"] == "model-unreachable"


def test_parameters_take_no_memory_of_the_weights(tmp_path: Path) -> None:
    from transformers import LlamaConfig

    from longrecipe_worker.jobs.inspect import count_parameters, on_paper

    config = LlamaConfig()  # 7 B: would be 27 GB
    assert count_parameters(on_paper(config)) == 6_738_415_616
    assert torch.get_default_device().type == "cpu"


def test_added_tokens_do_not_make_another_tokenizer(tmp_path: Path, llama: Path) -> None:
    wider = make_model(tmp_path / "wider", vocab_size=VOCABULARY + 2)
    tokenizer = make_tokenizer()
    tokenizer.add_tokens(["<|user|>", "<|model|>"])
    tokenizer.save_pretrained(wider)
    base, other = inspect_model(str(llama)), inspect_model(str(wider))
    assert base["tokenizerHash"] == other["tokenizerHash"]
    assert base["tokenizerTokens"] == other["tokenizerTokens"] == VOCABULARY
    assert other["vocabularySize"] == VOCABULARY + 2
    assert other["addedTokens"] == {"0": "<end>", "300": "<|user|>", "301": "<|model|>"}


def test_layers_and_how_far_they_see(tmp_path: Path) -> None:
    def reach(family: str, **changes: object) -> list[tuple[int | None, bool]]:
        facts = inspect_model(str(make_family(tmp_path / f"{family}-{len(changes)}", family, **changes)))
        return [(layer["window"], layer["rotary"]) for layer in facts["layerReach"]]

    assert reach("gemma2") == [(LOCAL, True), (None, True)]
    assert reach("mistral", sliding_window=LOCAL) == [(LOCAL, True)] * 2
    assert reach("smollm3") == [(None, True)] * 3 + [(None, False)]
    assert reach("falcon", alibi=True) == [(None, False)] * 2
    facts = inspect_model(str(tmp_path / "falcon-1"))
    assert (facts["ropeParameters"], facts["headDimension"], facts["alwaysMasked"]) == (None, None, True)


def test_rotary_positions_of_the_sliding_layers_alone(tmp_path: Path) -> None:
    cohere = {"sliding_window": 8, "layer_types": ["sliding_attention", "full_attention"]}
    facts = inspect_model(str(make_model(tmp_path / "cohere2", "cohere2", pad_token_id=0, **cohere)))
    assert facts["layerReach"] == [{"window": 8, "rotary": True}, {"window": None, "rotary": False}]
    assert facts["rotaryLayout"] == "pairs"


def test_what_phi3_and_gemma3_are_peculiar_in(tmp_path: Path) -> None:
    phi3 = inspect_model(str(make_family(tmp_path / "phi3", "phi3")))
    assert phi3["ropeTypes"] == ["ntk"]
    gemma3 = inspect_model(str(make_family(tmp_path / "gemma3", "gemma3")))
    assert gemma3["ropeTypes"] == ["ntk", "linear", "yarn", "llama3"]
    assert gemma3["ropeParameters"]["rope_theta"] == 1e6
    assert gemma3["localRopeParameters"]["rope_theta"] == 1e4
