"""Tiny encoders with weights by formula: the same on every machine and with every release of torch."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

WORDS = [
    "the",
    "cat",
    "sat",
    "on",
    "mat",
    "a",
    "dog",
    "lay",
    "he",
    "lived",
    "in",
    "paris",
    "for",
    "two",
    "years",
    "none",
    "quick",
    "brown",
    "fox",
    ",",
    ".",
]


def make_encoder(folder: Path, kind: str) -> Path:
    """Save a three-layer `bert` or `roberta` of 32 positions with a tokenizer of words."""
    special = ["<pad>", "<s>", "</s>", "<unk>"]
    vocabulary = {token: place for place, token in enumerate([*special, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    names = {"pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>", "unk_token": "<unk>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=30, **names)
    config = AutoConfig.for_model(
        kind,
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        type_vocab_size=1,
        pad_token_id=0,
    )
    model = AutoModel.from_config(config)
    with torch.no_grad():
        for number, (name, weights) in enumerate(sorted(model.named_parameters())):
            if "LayerNorm" in name:
                continue
            places = torch.arange(weights.numel(), dtype=torch.float64)
            weights.copy_((0.4 * torch.sin(places * (1.7 + number) + number)).reshape(weights.shape))
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder
