"""Train the byte-level BPE tokenizer: 2,048 tokens, every digit and every town name a token of its own.

A digit after a space and one without are two tokens, so that no code needs a token for the space before it.

    python build_tokenizer.py --work WORKDIR --out MODELDIR

There is no beginning-of-text token and nothing is added to what is encoded, so text round-trips byte for byte.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from facts import NAMES, draw, statement
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

VOCABULARY = 2048
END = "<|endoftext|>"
WINDOW = 256


def train(work: Path) -> Tokenizer:
    """Train on the training split and on enough fact sentences that every name becomes one token."""
    texts = [p for line in (work / "train.jsonl").open() for p in json.loads(line)]
    rng = random.Random(0)
    facts = [" " + statement(*fact) for _ in range(1500) for fact in draw(rng, len(NAMES))]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r" ?\p{N}"), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts + facts, trainer)
    return tokenizer


def name_class_for_all_versions(path: Path) -> None:
    """Write the class name that transformers 4 knows as well as 5."""
    settings = json.loads(path.read_text("utf-8"))
    settings.pop("backend", None)
    settings["tokenizer_class"] = "PreTrainedTokenizerFast"
    path.write_text(json.dumps(settings, indent=2) + "\n", "utf-8")


def main() -> None:
    """Train, check and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=train(options.work),
        eos_token=END,
        pad_token=END,
        model_max_length=WINDOW,
        clean_up_tokenization_spaces=False,
    )
    sample = "Ünïcödé 漢字 🙂\t tabs,\n\n lines   and 3.14 numbers\u0000"
    assert fast.decode(fast.encode(sample)) == sample
    for name in NAMES:
        assert len(fast.encode(" " + name)) == 1, name
    fast.save_pretrained(options.out)
    name_class_for_all_versions(options.out / "tokenizer_config.json")
    print(len(fast), fast.tokenize(" " + statement(NAMES[0], "0123")))


if __name__ == "__main__":
    main()
