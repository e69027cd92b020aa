"""The trap: transformers takes a skip in position_ids for a border between packed sequences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM

from conftest import VOCABULARY, make_model
from longrecipe_worker.samples import Sample, collate

LENGTH, SKIP_AT, SKIP = 40, 20, 500
BACKENDS = [
    "eager",
    "sdpa",
    pytest.param(
        "flash_attention_2",
        marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="flash attention needs a CUDA device"),
    ),
]


def _batch(first: int) -> dict[str, torch.Tensor]:
    ids = np.random.default_rng(0).integers(1, VOCABULARY, LENGTH)
    ids[3] = first
    positions = np.arange(LENGTH) + np.where(np.arange(LENGTH) < SKIP_AT, 0, SKIP)
    batch = collate([Sample(ids, positions)])
    return {name: tensor for name, tensor in batch.items() if name != "labels"}


def _effect(model: torch.nn.Module, **changes: object) -> float:
    """How far logits after the skip move when a token before it changes."""
    device = next(model.parameters()).device
    with torch.no_grad():
        one, other = (
            model(**{k: v.to(device) for k, v in _batch(first).items() if k not in changes}, use_cache=False).logits
            for first in (5, 6)
        )
    return float((one - other)[:, SKIP_AT:].abs().max())


def _load(folder: Path, backend: str) -> torch.nn.Module:
    flash = backend.startswith("flash")
    model = AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation=backend, dtype=torch.bfloat16 if flash else torch.float32
    )
    return (model.cuda() if flash else model).train()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", ["llama", "qwen2", "qwen3", "mistral"])
def test_attention_crosses_a_skip(kind: str, backend: str, tmp_path: Path) -> None:
    model = _load(make_model(tmp_path, kind, max_position_embeddings=1024), backend)
    assert _effect(model) > 1e-4


@pytest.mark.parametrize("backend", ["eager", "sdpa"])
def test_the_trap_is_still_there_without_a_mask(backend: str, llama: Path) -> None:
    """When this fails, transformers has changed its rule and the mask may be no longer needed."""
    assert _effect(_load(llama, backend), attention_mask=None) == 0.0


def test_sdpa_takes_the_causal_kernel_without_a_mask(llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An all-ones mask must not be expanded to N × N, and padding must not bring it back."""
    seen: list[tuple[object, bool]] = []
    plain = functional.scaled_dot_product_attention

    def spy(
        *arguments: torch.Tensor, attn_mask: object = None, is_causal: bool = False, **keywords: object
    ) -> torch.Tensor:
        seen.append((attn_mask, is_causal))
        return plain(*arguments, attn_mask=attn_mask, is_causal=is_causal, **keywords)

    monkeypatch.setattr(functional, "scaled_dot_product_attention", spy)
    ids = np.arange(1, 21)
    batch = collate([Sample(ids, ids), Sample(ids[:12], ids[:12] * 3)])
    del batch["labels"]
    _load(llama, "sdpa")(**batch, use_cache=False)
    assert seen == [(None, True), (None, True)]


@pytest.mark.parametrize("backend", ["eager", "sdpa"])
def test_padding_does_not_change_a_sample(backend: str, llama: Path) -> None:
    model = _load(llama, backend).eval()
    random = np.random.default_rng(0)
    long, short = random.integers(1, VOCABULARY, 30), random.integers(1, VOCABULARY, 17)
    positions = np.arange(30) * 2
    padded = collate([Sample(long, positions), Sample(short, positions[:17])])
    alone = collate([Sample(short, positions[:17])])
    for batch in (padded, alone):
        del batch["labels"]
    with torch.no_grad():
        together = model(**padded, use_cache=False).logits[1, :17]
        torch.testing.assert_close(together, model(**alone, use_cache=False).logits[0], rtol=1e-4, atol=1e-5)
