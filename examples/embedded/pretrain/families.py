"""The same small language model in the shapes of several families, and one view on their attention for `warm_start`.

All have 4 layers, width 128, 4 heads of 32, tied embeddings and about 1.1 M parameters. They differ as their families
do: Qwen3 normalises queries and keys in every head; GPT-NeoX rotates only half of each head's dimensions, has
LayerNorm, biases, a plain feed-forward layer, and attention and feed-forward side by side.
"""

from __future__ import annotations

from torch import Tensor, nn
from transformers import (
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    Qwen3Config,
    Qwen3ForCausalLM,
)

WINDOW = 256
THETA = 500.0
FAMILIES = ("llama", "qwen3", "gpt_neox")


def untrained(family: str, vocabulary: int, end: int) -> PreTrainedModel:
    """A model of the family with random weights."""
    common = {
        "vocab_size": vocabulary,
        "hidden_size": 128,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "max_position_embeddings": WINDOW,
        "tie_word_embeddings": True,
        "initializer_range": 0.09,  # 1 / sqrt(width): the customary 0.02 leaves attention flat for hundreds of steps
        "bos_token_id": None,
        "eos_token_id": end,
        "pad_token_id": end,
    }
    rope = {"rope_type": "default", "rope_theta": THETA}
    match family:
        case "llama":
            shape = {"intermediate_size": 384, "num_key_value_heads": 4, "rope_parameters": rope}
            return LlamaForCausalLM(LlamaConfig(**common, **shape))
        case "qwen3":
            shape = {"intermediate_size": 384, "num_key_value_heads": 4, "head_dim": 32, "rope_parameters": rope}
            return Qwen3ForCausalLM(Qwen3Config(**common, **shape))
        case "gpt_neox":
            partial = {**rope, "partial_rotary_factor": 0.5}
            return GPTNeoXForCausalLM(GPTNeoXConfig(**common, intermediate_size=576, rope_parameters=partial))
    raise ValueError(f"no family {family}; there are {', '.join(FAMILIES)}")


class Attention:
    """The attention of one layer: views on its weights, head by head, that can be written to."""

    def __init__(self, layer: nn.Module, heads: int) -> None:
        """Take the layer of any family."""
        self.heads = heads
        self.fused = hasattr(layer, "attention")
        self.module = layer.attention if self.fused else layer.self_attn
        self.output = self.module.dense.weight if self.fused else self.module.o_proj.weight
        self.feed_forward = layer.mlp.dense_4h_to_h.weight if self.fused else layer.mlp.down_proj.weight

    def whole(self, part: int) -> Tensor:
        """Weights of the queries (0), keys (1) or values (2) of all heads: heads x size x width."""
        if self.fused:
            weight = self.module.query_key_value.weight
            return weight.view(self.heads, 3, -1, weight.shape[1])[:, part]
        weight = (self.module.q_proj, self.module.k_proj, self.module.v_proj)[part].weight
        return weight.view(self.heads, -1, weight.shape[1])

    def sharpen(self, scale: float) -> None:
        """Scale normalised queries and keys, where the family normalises them: their own scale is lost."""
        for name in ("q_norm", "k_norm"):
            if hasattr(self.module, name):
                nn.init.constant_(getattr(self.module, name).weight, scale)


def layers(model: PreTrainedModel) -> list[Attention]:
    """The layers of a model of any family."""
    found = model.base_model.layers
    return [Attention(layer, model.config.num_attention_heads) for layer in found]
