"""Answers with shared beginnings are those of each prompt alone, whatever the model, the memory and the batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional
from transformers import AutoConfig, AutoModelForCausalLM

from conftest import VOCABULARY, make_tokenizer
from families import FAMILIES, make_family
from longrecipe_worker.devices import Device
from longrecipe_worker.engines import plan
from longrecipe_worker.engines.greedy import Generator
from longrecipe_worker.engines.plain import Plain
from longrecipe_worker.engines.prompts import Answer, Prompt
from longrecipe_worker.engines.shared import SharedPrefixes, sharing_kinds

NEW = 5
ALIBI = "falcon with slopes"
MODELS = {**{family: {} for family in FAMILIES}, ALIBI: {"alibi": True}}


class Small(Device):
    """A device that takes 48 tokens a pass, and 3 of a prompt's own in a batch."""

    @property
    def token_budget(self) -> int:
        return 48


def _prompts() -> list[Prompt]:
    """Needles at several depths, questions after one haystack, equal prompts, one that begins another, others."""
    random = np.random.default_rng(3)

    def draw(count: int) -> np.ndarray:
        return random.integers(1, VOCABULARY, count)

    haystack, question = draw(90), draw(4)
    ids = [
        np.concatenate([haystack[:depth], draw(3), haystack[depth:length], question])
        for length in (60, 90)
        for depth in (0, 20, 40, length)
    ]
    ids += [np.concatenate([haystack, draw(count)]) for count in (1, 2, 2, 3, 9)]
    ids += [ids[0], haystack[:50], haystack[:7], haystack[:1], draw(7), draw(7), draw(2)]
    limits = [NEW if row % 3 else 1 + row % NEW for row in range(len(ids))]
    return [Prompt(100 + row, one.astype(np.int32), limits[row]) for row, one in enumerate(ids)]


def _generator(folder: Path, device: Device) -> Generator:
    return Generator.load({"path": str(folder)}, device)


def _alone(model: Any, prompt: Prompt) -> list[int]:
    """Greedy decoding by the definition: no cache, no batch."""
    tokens = prompt.ids.tolist()
    while len(tokens) < len(prompt.ids) + prompt.max_new_tokens:
        row = torch.tensor([tokens])
        with torch.no_grad():
            best = int(model(row, attention_mask=torch.ones_like(row), use_cache=False).logits[0, -1].argmax())
        if best == model.config.get_text_config().eos_token_id:
            break
        tokens.append(best)
    return tokens[len(prompt.ids) :]


def _answers(engine: Any, prompts: list[Prompt]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for outcomes in engine.answers(prompts, lambda: None):
        for outcome in outcomes:
            assert isinstance(outcome, Answer)
            assert outcome.number not in found
            found[outcome.number] = outcome.ids.tolist()
    return found


@pytest.mark.parametrize("family", MODELS)
def test_answers_are_those_of_each_prompt_alone(family: str, tmp_path: Path) -> None:
    folder = make_family(
        tmp_path, "falcon" if family == ALIBI else family, max_position_embeddings=256, **MODELS[family]
    )
    plain = AutoModelForCausalLM.from_pretrained(folder)
    prompts = _prompts()
    expected = {prompt.number: _alone(plain, prompt) for prompt in prompts}
    assert len({tuple(ids) for ids in expected.values()}) > len(prompts) // 2  # a test that could fail
    for kind in (Device, Small):
        generator = _generator(folder, kind("cpu", torch.float32, "test"))
        kinds = sharing_kinds(generator)
        assert kinds is not None
        several = 8 * sum(layer.token_bytes for layer in kinds) * 100
        for budget in (None, several, 0):  # all at once, a few at a time, each where its cache is
            assert _answers(SharedPrefixes(generator, kinds, budget), prompts) == expected


def test_what_is_shared_is_computed_once(tmp_path: Path) -> None:
    generator = _generator(make_family(tmp_path, "llama"), Device("cpu", torch.float32, "test"))
    random = np.random.default_rng(0)
    haystack = random.integers(1, VOCABULARY, 400)
    questions = [np.concatenate([haystack, random.integers(1, VOCABULARY, 8)]) for _ in range(10)]
    passes: list[tuple[int, ...]] = []
    generator.model.get_input_embeddings().register_forward_hook(lambda _m, inputs, _o: passes.append(inputs[0].shape))
    kinds = sharing_kinds(generator)
    assert kinds is not None
    passes.clear()
    prompts = [Prompt(row, ids.astype(np.int32), 3) for row, ids in enumerate(questions)]
    assert len(_answers(SharedPrefixes(generator, kinds), prompts)) == 10
    assert passes[:2] == [(1, 400), (10, 8)]
    assert all(width == 1 for _, width in passes[2:])


def test_a_long_prompt_comes_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No pass holds more than its chunk, in the feed-forward layers and in the mask."""
    folder = make_family(tmp_path, "qwen2 with sliding layers", max_position_embeddings=2048)
    generator = _generator(folder, Small("cpu", torch.float32, "test"))
    kinds = sharing_kinds(generator)
    assert kinds is not None
    widths: list[int] = []
    masks: list[int] = []
    generator.model.model.layers[0].mlp.register_forward_hook(lambda _m, inputs, _o: widths.append(inputs[0].shape[1]))
    sdpa = functional.scaled_dot_product_attention

    def spy(*arguments: torch.Tensor, attn_mask: torch.Tensor | None = None, **keywords: Any) -> torch.Tensor:
        masks.append(0 if attn_mask is None else attn_mask.shape[-2] * attn_mask.shape[-1])
        return sdpa(*arguments, attn_mask=attn_mask, **keywords)

    monkeypatch.setattr(functional, "scaled_dot_product_attention", spy)
    prompt = Prompt(0, np.random.default_rng(0).integers(1, VOCABULARY, 1000).astype(np.int32), NEW)
    found = _answers(SharedPrefixes(generator, kinds), [prompt])
    assert sum(widths) == 1000 + NEW - 1
    assert max(widths) == 48
    assert max(masks) <= 48 * (1000 + NEW)  # not 1000 × 1000
    monkeypatch.undo()
    assert found == {0: _alone(AutoModelForCausalLM.from_pretrained(folder), prompt)}


def test_chunks_narrow_as_the_mask_widens(tmp_path: Path) -> None:
    generator = _generator(make_family(tmp_path, "gemma2"), Device("cpu", torch.float32, "test"))
    kinds = sharing_kinds(generator)
    assert kinds is not None
    engine = SharedPrefixes(generator, kinds)
    assert engine.chunk(0) == 4096
    for seen in (0, 10_000, 100_000):  # 4 heads of scores, in eager attention
        assert 4 * engine.chunk(seen) * (seen + engine.chunk(seen)) <= 2**26


@pytest.mark.parametrize(
    "fields",
    [
        {"model_type": "lfm2", "layer_types": ["conv", "full_attention"], "num_key_value_heads": 2},
        {"model_type": "llama", "rope_parameters": {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}},
    ],
)
def test_a_model_that_cannot_share_is_answered_plainly(fields: dict[str, Any], tmp_path: Path) -> None:
    """Convolutions keep a state, and dynamic angles depend on all of the input: neither can be cropped."""
    common = {"vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    common |= {"num_attention_heads": 4, "eos_token_id": 0, "pad_token_id": 0, "initializer_range": 0.3}
    torch.manual_seed(0)
    config = AutoConfig.for_model(fields.pop("model_type"), **common, max_position_embeddings=128, **fields)
    AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    make_tokenizer().save_pretrained(tmp_path)
    generator = _generator(tmp_path, Device("cpu", torch.float32, "test"))
    assert sharing_kinds(generator) is None
    plain = AutoModelForCausalLM.from_pretrained(tmp_path)
    prompts = _prompts()
    assert _answers(Plain(generator), prompts) == {prompt.number: _alone(plain, prompt) for prompt in prompts}


token_lists = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=12).map(np.array), min_size=1, max_size=12)


@given(token_lists, st.integers(1, 8), st.integers(1, 5))
def test_a_plan_has_each_prompt_once_and_shares_only_what_is_common(
    ids: list[np.ndarray], suffix: int, most: int
) -> None:
    ordered = [ids[row] for row in plan.order(ids)]
    assert [one.tolist() for one in ordered] == sorted(one.tolist() for one in ids)
    seen: list[int] = []
    for shared, rows in plan.runs(ordered, suffix):
        seen += rows
        for row in rows:
            assert plan.common(ordered[rows[0]], ordered[row]) >= min(shared, len(ordered[row]) - 1) == shared
            assert len(rows) == 1 or len(ordered[row]) - shared <= suffix
        lengths = [len(ordered[row]) for row in rows]
        placed: list[int] = []
        for width, places in plan.batches(lengths, shared, most, lambda count, width: count * width <= 20):
            placed += places
            assert len(places) <= most
            for place in places:
                assert 0 <= lengths[place] - width <= shared
        assert sorted(placed) == list(range(len(rows)))
    assert seen == list(range(len(ids)))
