"""The output head, chunk by chunk: logits of a whole window are never in memory at once.

24k tokens × 128k vocabulary are 12 GB of logits in float32; here a chunk of rows is computed, used and dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .faults import Fault

IGNORED = -100
"""Label of tokens that have no loss."""


@dataclass(frozen=True)
class Head:
    """logits = softcap(scale · (hidden · weightᵀ + bias)), with softcap(x) = cap · tanh(x / cap)."""

    weight: Tensor
    """(V, D)"""
    bias: Tensor | None
    """(V,)"""
    scale: float
    cap: float | None

    @staticmethod
    def of(model: Any) -> Head:
        """Read the head of a causal language model off its output embeddings and config, and check it."""
        layer = model.get_output_embeddings()
        config = model.config.get_text_config()
        if not isinstance(layer, torch.nn.Linear):
            raise _unsupported(model, "its output layer is not linear")
        scale = float(getattr(config, "logit_scale", None) or 1.0) * float(
            getattr(config, "lm_head_multiplier", None) or 1.0
        )
        scale /= float(getattr(config, "logits_scaling", None) or 1.0)
        head = Head(layer.weight, layer.bias, scale, getattr(config, "final_logit_softcapping", None))
        _verify(model, head)
        return head

    def logits(self, hidden: Tensor) -> Tensor:
        """Float32 logits (..., V) of a few hidden states (..., D)."""
        return _cap(_linear(hidden, self.weight, self.bias, self.scale), self.cap)

    @torch.no_grad()
    def true_token(self, hidden: Tensor, targets: Tensor, budget: int) -> tuple[Tensor, Tensor]:
        """Logit and log-probability of each target.

        hidden: (N, D); targets: (N,); budget: bytes that a chunk of logits may take. Returns two float32 (N,).
        """
        logit = torch.empty(len(targets), dtype=torch.float32, device=hidden.device)
        logprob = torch.empty_like(logit)
        for rows in chunks(len(targets), len(self.weight), budget):
            logits = self.logits(hidden[rows])
            logit[rows] = logits.gather(1, targets[rows, None])[:, 0]
            logprob[rows] = logit[rows] - logits.logsumexp(1)
        return logit, logprob


def chunks(rows: int, vocabulary: int, budget: int) -> list[slice]:
    """Slices over `rows` whose float32 logits take at most `budget` bytes (at least one row each)."""
    size = max(1, budget // (4 * vocabulary))
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


def cross_entropy_sum(
    head: Head, hidden: Tensor, labels: Tensor, dtype: torch.dtype, budget: int, weights: Tensor | None = None
) -> Tensor:
    """Summed cross entropy of `labels` (N,) under hidden states (N, D), in nats, without their logits in memory.

    Products are computed in `dtype`, the rest in float32. Labels of IGNORED have no loss; `weights`, float32 (N,), are
    factors on the loss of each label. Differentiable in hidden, weight and bias.
    """
    kept = (labels != IGNORED).nonzero()[:, 0]
    if len(kept) != len(labels):
        hidden, labels = hidden[kept], labels[kept]
        weights = None if weights is None else weights[kept]
    return _CrossEntropySum.apply(hidden, head.weight, head.bias, labels, weights, head.scale, head.cap, dtype, budget)


class _CrossEntropySum(torch.autograd.Function):
    """Gradients are formed in the forward pass while a chunk's softmax is there: no logits kept, none recomputed.

    The scheme of Liger's fused linear cross entropy, in plain PyTorch so that it runs on every device.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        labels: Tensor,
        weights: Tensor | None,
        scale: float,
        cap: float | None,
        dtype: torch.dtype,
        budget: int,
    ) -> Tensor:
        needs_hidden, needs_weight, needs_bias = ctx.needs_input_grad[:3]
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        grad_hidden = torch.empty_like(hidden) if needs_hidden else None
        grad_weight = torch.zeros_like(weight, dtype=torch.float32) if needs_weight else None
        grad_bias = torch.zeros_like(bias, dtype=torch.float32) if bias is not None and needs_bias else None
        with torch.autocast(hidden.device.type, enabled=False):
            cast_weight = weight.to(dtype)
            for rows in chunks(len(labels), len(weight), budget):
                part, target = hidden[rows].to(dtype), labels[rows, None]
                logits = _cap(_linear(part, cast_weight, bias, scale), cap)
                lse = logits.logsumexp(1, keepdim=True)
                factor = None if weights is None else weights[rows, None]
                loss = lse - logits.gather(1, target)
                total += (loss if factor is None else loss * factor).sum()
                slope = None if cap is None else (1 - (logits / cap).square_()).mul_(scale)
                grad = logits.sub_(lse).exp_()  # in place: the chunk's one large buffer becomes its gradient
                grad.scatter_add_(1, target, torch.full_like(lse, -1.0))
                grad = grad.mul_(scale) if slope is None else grad.mul_(slope)
                if factor is not None:
                    grad.mul_(factor)
                if grad_bias is not None:
                    grad_bias += grad.sum(0)
                grad = grad.to(dtype)
                if grad_hidden is not None:
                    grad_hidden[rows] = (grad @ cast_weight).to(hidden.dtype)
                if grad_weight is not None:
                    _add_product(grad_weight, grad.T, part)
        ctx.save_for_backward(grad_hidden, grad_weight, grad_bias)
        ctx.dtypes = (weight.dtype, None if bias is None else bias.dtype)
        return total

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        grad_hidden, grad_weight, grad_bias = ctx.saved_tensors
        weight_dtype, bias_dtype = ctx.dtypes
        return (
            None if grad_hidden is None else grad_hidden * upstream,
            None if grad_weight is None else grad_weight.mul_(upstream).to(weight_dtype),
            None if grad_bias is None else grad_bias.mul_(upstream).to(bias_dtype),
            *([None] * 6),
        )


def _add_product(total: Tensor, left: Tensor, right: Tensor) -> None:
    if left.dtype == total.dtype:
        total.addmm_(left, right)
    else:
        total += left @ right


def _linear(hidden: Tensor, weight: Tensor, bias: Tensor | None, scale: float) -> Tensor:
    logits = functional.linear(hidden, weight).float()
    if bias is not None:
        logits = logits + bias
    return logits if scale == 1.0 else logits * scale


def _cap(logits: Tensor, cap: float | None) -> Tensor:
    return logits if cap is None else torch.tanh(logits / cap) * cap


@torch.no_grad()
def _verify(model: Any, head: Head) -> None:
    """Compare with the model's own logits on a few tokens: an unknown scaling must not pass unnoticed."""
    training = model.training
    model.eval()
    ids = torch.arange(8, device=head.weight.device)[None] % len(head.weight)
    mask = torch.ones_like(ids)
    own = model(input_ids=ids, attention_mask=mask, use_cache=False).logits.float()
    hidden = model.base_model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
    ours = head.logits(hidden.to(head.weight.dtype))
    model.train(training)
    # Non-finite weights are another fault, told where they are met.
    largest = float(own[torch.isfinite(own)].abs().amax()) if bool(torch.isfinite(own).any()) else 0.0
    if not torch.allclose(own, ours, rtol=2e-2, atol=2e-2 * largest + 1e-6, equal_nan=True):
        raise _unsupported(model, "its logits are not a scaled or capped linear map of its hidden states")


def _unsupported(model: Any, why: str) -> Fault:
    return Fault(
        "model-unsupported",
        f"{type(model).__name__} cannot be scored or trained here: {why}.",
        "Take a model with a linear output head, such as Llama, Qwen, Mistral, Gemma or Granite.",
    )
