"""Tiny random models of the families that are supported, each with what is peculiar to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from conftest import VOCABULARY, WINDOW, make_tokenizer

LOCAL = 12
"""Tokens that sliding layers look back over."""
_COMMON: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": WINDOW,
    "bos_token_id": None,
    "eos_token_id": 0,
    "pad_token_id": 0,
    "initializer_range": 0.3,
}
_GATED = {"intermediate_size": 64, "num_key_value_heads": 2, "head_dim": 8}
_LOCAL_FIRST = {"sliding_window": LOCAL, "layer_types": ["sliding_attention", "full_attention"]}

FAMILIES: dict[str, dict[str, Any]] = {
    "llama": {"model_type": "llama", **_GATED},
    "mistral": {"model_type": "mistral", **_GATED, "sliding_window": None},
    "qwen2": {"model_type": "qwen2", **_GATED},
    "qwen2 with sliding layers": {"model_type": "qwen2", **_GATED, "use_sliding_window": True, **_LOCAL_FIRST},
    "qwen3": {"model_type": "qwen3", **_GATED},
    "gemma2": {"model_type": "gemma2", **_GATED, **_LOCAL_FIRST},
    "gemma3": {"model_type": "gemma3_text", **_GATED, **_LOCAL_FIRST},
    "phi3": {"model_type": "phi3", "intermediate_size": 64, "num_key_value_heads": 2, "partial_rotary_factor": 0.5},
    "olmo2": {"model_type": "olmo2", **_GATED},
    "smollm3": {"model_type": "smollm3", **_GATED, "num_hidden_layers": 4, "no_rope_layers": [1, 1, 1, 0]},
    "gpt_neox": {"model_type": "gpt_neox", "intermediate_size": 64, "rotary_pct": 0.5},
    "falcon": {"model_type": "falcon", "new_decoder_architecture": True, "num_kv_heads": 2},
    "falcon of one key": {"model_type": "falcon", "multi_query": True, "parallel_attn": True},
}


def make_family(folder: Path, family: str, seed: int = 0, **changes: Any) -> Path:
    """Save a random model of a family with its tokenizer."""
    fields = {**_COMMON, **FAMILIES[family], **changes}
    config = AutoConfig.for_model(fields.pop("model_type"), **fields)
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim == 1 and not name.endswith("bias"):
                weight.add_(torch.randn_like(weight) * 0.1)  # norms that are all one would hide how they are merged
    model.save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)
    return folder
