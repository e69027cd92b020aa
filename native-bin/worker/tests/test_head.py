from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM, GPT2Config

from conftest import VOCABULARY, make_model
from longrecipe_worker.faults import Fault
from longrecipe_worker.head import IGNORED, Head, cross_entropy_sum


def _plain_loss(
    head: Head, hidden: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor | None = None
) -> torch.Tensor:
    logits = functional.linear(hidden, head.weight, head.bias) * head.scale
    if head.cap is not None:
        logits = torch.tanh(logits / head.cap) * head.cap
    losses = functional.cross_entropy(logits, labels, ignore_index=IGNORED, reduction="none")
    return (losses if weights is None else losses * weights).sum()


@pytest.mark.parametrize("cap", [None, 3.0])
@pytest.mark.parametrize("scale", [1.0, 0.25])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_chunked_loss_and_gradients_equal_the_plain_ones(
    cap: float | None, scale: float, bias: bool, weighted: bool
) -> None:
    torch.manual_seed(0)
    labels = torch.randint(0, 50, (23,))
    labels[[3, 9]] = IGNORED
    weights = torch.rand(23) * 3 if weighted else None
    grads = []
    for chunked in (True, False):
        torch.manual_seed(1)
        hidden = torch.randn(23, 16, dtype=torch.float64).float().requires_grad_()
        weight = torch.randn(50, 16).requires_grad_()
        offset = torch.randn(50).requires_grad_() if bias else None
        head = Head(weight, offset, scale, cap)
        # 4 bytes × 50 logits × 5 rows: several chunks, the last one short
        loss = (
            cross_entropy_sum(head, hidden, labels, torch.float32, 1000, weights)
            if chunked
            else _plain_loss(head, hidden, labels, weights)
        )
        (loss * 0.5).backward()
        grads.append([loss.detach(), hidden.grad, weight.grad, *([] if offset is None else [offset.grad])])
    for ours, plain in zip(*grads, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-5, atol=1e-5)


def test_frozen_head_gets_no_gradient() -> None:
    hidden = torch.randn(4, 8, requires_grad=True)
    weight = torch.randn(10, 8)
    cross_entropy_sum(Head(weight, None, 1.0, None), hidden, torch.arange(4), torch.float32, 10**6).backward()
    assert hidden.grad is not None
    assert weight.grad is None


@pytest.mark.parametrize("kind", ["llama", "qwen2", "qwen3", "mistral", "gemma2", "granite", "cohere"])
def test_head_gives_the_models_own_logits(kind: str, tmp_path: Path) -> None:
    changes = {"gemma2": {"final_logit_softcapping": 2.0}, "granite": {"logits_scaling": 8.0}}.get(kind, {})
    model = AutoModelForCausalLM.from_pretrained(make_model(tmp_path, kind, **changes)).eval()
    ids = torch.randint(1, VOCABULARY, (1, 20))
    with torch.no_grad():
        own = model(input_ids=ids).logits[0]
        hidden = model.base_model(input_ids=ids).last_hidden_state[0]
        logit, logprob = Head.of(model).true_token(hidden[:-1], ids[0, 1:], 4 * VOCABULARY * 6)
    expected = own[:-1].gather(1, ids[0, 1:, None])[:, 0]
    torch.testing.assert_close(logit, expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(logprob, expected - own[:-1].logsumexp(1), rtol=1e-4, atol=1e-5)


def test_an_unknown_scaling_is_refused() -> None:
    class Odd(type(AutoModelForCausalLM.from_config(GPT2Config(n_embd=16, n_layer=1, n_head=2, vocab_size=20)))):
        def forward(self, *arguments: object, **keywords: object) -> object:
            output = super().forward(*arguments, **keywords)
            output.logits = output.logits * 3
            return output

    with pytest.raises(Fault, match="scaled or capped"):
        Head.of(Odd(GPT2Config(n_embd=16, n_layer=1, n_head=2, vocab_size=20)))
