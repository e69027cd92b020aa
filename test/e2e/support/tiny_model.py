"""Makes the end-to-end tests' model: a random two-layer Llama of 64 tokens' window, with its tokenizer, and a corpus.

Usage: tiny_model.py FOLDER
"""

import random
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

WINDOW = 64
WORDS = "the river runs past an old mill where seven boats wait for rain and nobody counts the slow grey days".split()


def main(folder: Path) -> None:
    """Write FOLDER/model and FOLDER/corpus."""
    torch.manual_seed(0)
    texts = corpus()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<end>"], initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>", model_max_length=WINDOW)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=WINDOW,
        bos_token_id=None,
        eos_token_id=0,
    )
    LlamaForCausalLM(config).save_pretrained(folder / "model")
    fast.save_pretrained(folder / "model")
    (folder / "corpus").mkdir(parents=True)
    for number, text in enumerate(texts):
        (folder / "corpus" / f"{number}.txt").write_text(text)


def corpus() -> list[str]:
    """Six documents of several hundred tokens: sentences of common words, some with numbers."""
    draw = random.Random(0)

    def sentence() -> str:
        words = draw.choices(WORDS, k=draw.randint(5, 12))
        return " ".join([words[0].capitalize(), *words[1:], str(draw.randint(10, 99))]) + "."

    return [" ".join(sentence() for _ in range(60)) for _ in range(6)]


main(Path(sys.argv[1]))
