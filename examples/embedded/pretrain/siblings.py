"""Pretrain siblings of the embedded model in the shapes of other families, for the study of architectures.

    python siblings.py --cache DIR [--families qwen3 gpt_neox]

The text is that of the example itself, without its facts, so nothing is downloaded; the tokenizer is the embedded
model's. Each sibling goes through the curriculum of `pretrain.py` with a share of its last stages. Finished models are
kept in the cache, by what they were made from, and put into `../.longrecipe/siblings`, where the study looks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import torch
from facts import cue
from families import FAMILIES
from pretrain import Sampler, new_model, train
from transformers import AutoTokenizer

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parent
TOKENIZER = EXAMPLE / "model"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")
FACT = re.compile(" ?" + re.escape(cue("NAME")).replace("NAME", r"\w+") + r" \d+\.")
SHARE = 0.5


def prose() -> Iterator[list[str]]:
    """Paragraphs of each training document, without the facts."""
    for folder in ("corpus", "general"):
        for file in sorted((EXAMPLE / folder).glob("*.txt")):
            paragraphs = FACT.sub("", file.read_text("utf-8")).strip().split("\n\n")
            yield [paragraph for paragraph in paragraphs if paragraph.strip()]


def write_text(work: Path) -> str:
    """Write `train.jsonl`, as `pretrain.py` reads it. Return its hash."""
    work.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(paragraphs) + "\n" for paragraphs in prose())
    (work / "train.jsonl").write_text(text, "utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def key(family: str, text: str, seed: int) -> str:
    """What a sibling is made from."""
    scripts = ("pretrain.py", "warm_start.py", "families.py", "facts.py")
    digest = hashlib.sha256(json.dumps([family, text, seed, SHARE, torch.__version__]).encode())
    for file in (*(HERE / name for name in scripts), TOKENIZER / "tokenizer.json"):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def pretrain(family: str, work: Path, out: Path, seed: int) -> None:
    """Make the model in a folder beside, which gets its name when it is whole."""
    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(TOKENIZER)
    model = new_model(family, len(tokenizer), tokenizer.eos_token_id)
    print(family, sum(p.numel() for p in model.parameters()), "parameters", flush=True)
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    train(model, Sampler(work, tokenizer, seed), 4096, partial, range(5), SHARE)
    for name in TOKENIZER_FILES:
        shutil.copy(TOKENIZER / name, partial / name)
    partial.rename(out)


def place(model: Path, target: Path) -> None:
    """Put a copy of a cached model where the study looks for it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(target.name + ".partial")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(model, beside)
    shutil.rmtree(target, ignore_errors=True)
    beside.rename(target)


def main() -> None:
    """Pretrain what is not in the cache."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=["qwen3", "gpt_neox"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=EXAMPLE / ".longrecipe" / "siblings")
    options = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    work = options.cache / "siblings" / "text"
    text = write_text(work)
    for family in options.families:
        model = options.cache / "siblings" / f"{family}-{key(family, text, options.seed)}"
        if not model.exists():
            pretrain(family, work, model, options.seed)
        place(model, options.out / family)
        print(options.out / family, flush=True)


if __name__ == "__main__":
    main()
