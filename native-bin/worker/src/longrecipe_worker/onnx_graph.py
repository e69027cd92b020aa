"""A causal language model as an ONNX graph that gives the logit and log-probability of each true token.

Inputs: ids and position_ids, int64 (1, N); rows, int64 (M,). Outputs: logit and logprob, float32 (M,), of the token
that follows each row. Logits are formed for the asked rows only and never leave the graph: M × V float32 while it runs.

Attention is one node of ONNX Runtime (com.microsoft GroupQueryAttention): causal, without a mask in memory, with keys
shared by heads, sliding windows and capped scores. Exported as matrix products it holds N × N scores
a head, and is slower.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface

from .faults import Fault
from .head import Head

INPUTS = ("ids", "position_ids", "rows")
OUTPUTS = ("logit", "logprob")
OPSET = 18
_ATTENTION = "longrecipe_onnx"
# Their frequencies depend on how long the input is, which a graph cannot follow.
_DYNAMIC_ROPE = ("dynamic", "longrope")


class TokenScores(nn.Module):
    """Logit and log-probability of the token after each row."""

    def __init__(self, model: Any) -> None:
        """Take a loaded model."""
        super().__init__()
        self.body = model.base_model
        head = Head.of(model)
        # A transpose of its own, so that the product is a MatMul, which is what gets quantized.
        self.weight = head.weight.t()
        self.bias, self.scale, self.cap = head.bias, head.scale, head.cap

    def forward(self, ids: Tensor, position_ids: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Score; shapes as the module says."""
        mask = torch.ones_like(ids)
        hidden = self.body(input_ids=ids, position_ids=position_ids, attention_mask=mask, use_cache=False)
        logits = torch.matmul(hidden.last_hidden_state[0].index_select(0, rows), self.weight)
        if self.bias is not None:
            logits = logits + self.bias
        if self.scale != 1.0:
            logits = logits * self.scale
        if self.cap is not None:
            logits = torch.tanh(logits / self.cap) * self.cap
        logit = logits.gather(1, ids[0].index_select(0, rows + 1)[:, None])[:, 0]
        return logit, logit - logits.logsumexp(1)


def write_graph(model: Any, file: Path, external: bool) -> None:
    """Write `model` (float32, on the CPU) as a graph. Raises a fault for models that cannot be exported.

    `external`: keep the weights in a file beside it, as protobuf demands above 2 GB.
    """
    require_exportable(model)
    scores = TokenScores(model).eval()
    before = model.config._attn_implementation
    AttentionInterface.register(_ATTENTION, _attention)
    AttentionMaskInterface.register(_ATTENTION, lambda *_, **__: None)
    length, count = torch.export.Dim("N", min=2), torch.export.Dim("M", min=1)
    ids = torch.arange(24)[None] % model.config.get_text_config().vocab_size
    example = (ids, torch.arange(24)[None], torch.arange(7, 23))
    try:
        model.set_attn_implementation(_ATTENTION)
        with quietly(), torch.inference_mode():
            program = torch.onnx.export(
                scores,
                example,
                dynamo=True,
                opset_version=OPSET,
                input_names=INPUTS,
                output_names=OUTPUTS,
                dynamic_shapes={"ids": {1: length}, "position_ids": {1: length}, "rows": {0: count}},
            )
        program.save(file, external_data=external)
    except Exception as error:  # the exporter has a dozen classes of its own
        raise Fault(
            "export-unsupported",
            f"{type(model).__name__} cannot be written as ONNX: {_first_line(error)}",
            "Score this model through a run instead; its table of scores is shown in the editor alike.",
        ) from error
    finally:
        model.set_attn_implementation(before)


def require_exportable(model: Any) -> None:
    """Refuse what a graph cannot hold, with the reason."""
    text = model.config.get_text_config()
    rope = getattr(text, "rope_parameters", None) or {}
    kinds = {rope.get("rope_type"), *(part.get("rope_type") for part in rope.values() if isinstance(part, dict))}
    why = None
    if not getattr(model, "_supports_attention_backend", False):
        why = "transformers does not let its attention be replaced"
    elif getattr(text, "alibi", False):
        why = "its positions are biases on attention scores (ALiBi)"
    elif kinds & set(_DYNAMIC_ROPE):
        why = "its rotary frequencies depend on the length of the input"
    if why is not None:
        raise Fault(
            "export-unsupported",
            f"{type(model).__name__} cannot be written as ONNX: {why}.",
            "Score this model through a run instead; its table of scores is shown in the editor alike.",
        )


def _attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    softcap: float | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    """Causal attention as one node. query: (1, H, N, D), key and value: (1, K, N, D); returns (1, N, H, D)."""
    if others.get("s_aux") is not None:
        raise NotImplementedError("attention sinks")
    heads, tokens, size = query.shape[1:]
    shared = key.shape[1]

    def flat(tensor: Tensor, count: int) -> Tensor:
        return tensor.transpose(1, 2).reshape(1, tokens, count * size)

    last = torch.full((1,), 0, dtype=torch.int32) + (tokens - 1)
    total = torch.full((), 0, dtype=torch.int32) + tokens
    out = torch.onnx.ops.symbolic(
        "com.microsoft::GroupQueryAttention",
        (flat(query, heads), flat(key, shared), flat(value, shared), None, None, last, total),
        {
            "num_heads": heads,
            "kv_num_heads": shared,
            "scale": float(size**-0.5 if scaling is None else scaling),
            "local_window_size": sliding_window or -1,
            "softcap": float(softcap or 0.0),
        },
        dtype=query.dtype,
        shape=(1, tokens, heads * size),
        version=1,
    )
    return out.reshape(1, tokens, heads, size), None


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Without what the exporter and the quantizer print: each step, each tensor, packages that are not needed here."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _first_line(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
