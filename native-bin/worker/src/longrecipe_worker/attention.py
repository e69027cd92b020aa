"""Which layers of a model look how far, and what masks that costs."""

from __future__ import annotations

import sys
from typing import Any

import torch
from transformers import PreTrainedConfig

_ROTARY_WHERE_SLIDING = ("cohere2", "exaone4")
"""Types whose layers that see everything have no rotary positions."""
_ALWAYS_MASKED = ("falcon",)
"""Types for which transformers builds the N × N mask even where the causal kernel would do without."""


def sliding_windows(config: PreTrainedConfig) -> list[int | None]:
    """Tokens that each layer looks back over, or None for a layer that sees everything before it."""
    text = config.get_text_config()
    layers = text.num_hidden_layers
    window = getattr(text, "sliding_window", None)
    types = getattr(text, "layer_types", None)
    if not window or getattr(text, "use_sliding_window", True) is False:
        return [None] * layers
    if types is not None:
        return [window if kind == "sliding_attention" else None for kind in types]
    return [window] * layers


def rotary_layers(config: PreTrainedConfig) -> list[bool]:
    """Whether each layer has rotary positions, where the model has any."""
    text = config.get_text_config()
    if text.model_type in _ROTARY_WHERE_SLIDING and getattr(text, "sliding_window", None):
        return [window is not None for window in sliding_windows(config)]
    # SmolLM3 and Llama 4 name them so, 1 standing for a layer with rotary positions.
    flags = getattr(text, "no_rope_layers", None)
    return [bool(flag) for flag in flags] if flags else [True] * text.num_hidden_layers


def always_masked(config: PreTrainedConfig) -> bool:
    """Whether transformers builds an N × N mask whatever the input."""
    return config.model_type in _ALWAYS_MASKED


def rotary_layout(model: Any) -> str | None:
    """Which dimensions are rotated together: `halves` (i with i + d/2), `pairs` (2 i with 2 i + 1); None: not known."""
    function = getattr(sys.modules[type(model).__module__], "rotate_half", None)
    if function is None:
        return None
    turned = function(torch.arange(4.0, device="cpu")).tolist()
    return {(-2.0, -3.0, 0.0, 1.0): "halves", (-1.0, 0.0, -3.0, 2.0): "pairs"}.get(tuple(turned))


def mask_warning(model: Any, tokens: int) -> str | None:
    """What to tell about an N × N mask that a pass over `tokens` tokens makes, or None where none is made.

    transformers expands the mask of sliding layers for eager attention and SDPA once the input is longer than the
    window; eager attention holds N × N scores anyway.
    """
    backend = model.config._attn_implementation
    narrow = [window for window in sliding_windows(model.config) if window is not None and window < tokens]
    size = f"{tokens:,} × {tokens:,}"
    megabytes = tokens * tokens / 2**20
    if backend == "sdpa" and always_masked(model.config):
        return f"transformers builds a mask of {size} for {model.config.model_type}: {megabytes:,.0f} MB a sequence."
    if backend == "eager":
        return (
            f"its attention runs in plain matrix products and holds {size} scores a head ({_why_eager(model.config)})."
        )
    if narrow and backend == "sdpa":
        return (
            f"{len(narrow)} of its {model.config.get_text_config().num_hidden_layers} layers look back over "
            f"{min(narrow):,} tokens only; their mask of {size} takes {megabytes:,.0f} MB."
        )
    return None


def _why_eager(config: PreTrainedConfig) -> str:
    capped = getattr(config.get_text_config(), "attn_logit_softcapping", None)
    return (
        "its attention scores are capped, which fused kernels do not do"
        if capped
        else "no fused kernel is known for it"
    )
