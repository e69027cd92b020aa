"""Which layers of a model look how far, and what masks that costs."""

from __future__ import annotations

from typing import Any

from transformers import PreTrainedConfig

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


def mask_warning(model: Any, tokens: int) -> str | None:
    """What to tell about an N × N mask that a pass over `tokens` tokens makes, or None where none is made.

    transformers expands the mask of sliding layers for eager attention and SDPA once the input is longer than the
    window; eager attention holds N × N scores anyway.
    """
    backend = model.config._attn_implementation
    narrow = [window for window in sliding_windows(model.config) if window is not None and window < tokens]
    size = f"{tokens:,} × {tokens:,}"
    megabytes = tokens * tokens / 2**20
    if backend == "sdpa" and model.config.model_type in _ALWAYS_MASKED:
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
