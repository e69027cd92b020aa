"""Pretrain the small model: a curriculum of lengths up to the window, then ordinary text.

Retrieval does not appear by itself in so small a model when most of the loss is on prose. So the first stages are
short and dense in facts, weigh the restated codes fully and prose lightly, and each ends as soon as it retrieves. The
last two are plain language modelling at the full window, every token weighted alike. Positions are always 0 to
length - 1.

    python pretrain.py --work WORKDIR --tokenizer MODELDIR --out MODELDIR
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from facts import draw, statement
from families import FAMILIES, untrained
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel
from warm_start import warm_start


@dataclass(frozen=True)
class Stage:
    """One step of the curriculum: sample shape, loss weights and when to move on."""

    length: int
    facts: tuple[int, int]  # fewest and most different facts in a sample
    density: float  # chance that the next sentence is a fact
    text_weight: float
    max_steps: int
    target: float  # moving average of the accuracy of a restated code's first digit, that ends the stage early
    rate: float
    natural: bool = False  # facts in any order instead of rounds, and one of them restated near the end of the window


CURRICULUM = (
    Stage(80, (3, 4), 1.0, 0.02, 400, 0.95, 1e-3),
    Stage(128, (4, 8), 0.8, 0.1, 800, 0.95, 2e-3),
    Stage(256, (4, 8), 0.6, 0.1, 300, 0.95, 1.5e-3),
    Stage(256, (3, 8), 0.3, 1.0, 1200, 2.0, 1.5e-3),
    Stage(256, (2, 6), 0.35, 1.0, 350, 2.0, 1.5e-3, natural=True),
)


class Sampler:
    """Builds token samples: running prose of one source file with facts stated and restated between sentences."""

    def __init__(self, work: Path, tokenizer: AutoTokenizer, seed: int) -> None:
        """Read and tokenize the training prose."""
        self.rng = random.Random(seed)
        self.tokenizer = tokenizer
        self.prose: list[list[list[int]]] = []
        for line in (work / "train.jsonl").open():
            sentences: list[list[int]] = []
            for paragraph in json.loads(line):
                parts = re.split(r"(?<=[.!?])\s+(?=[A-Z\"(])", paragraph)
                sentences += [self.encode((" " if i else "\n\n") + part) for i, part in enumerate(parts)]
            self.prose.append(sentences)
        self.weights = [len(s) for s in self.prose]

    def encode(self, text: str) -> list[int]:
        """Token ids of a text."""
        return self.tokenizer.encode(text)

    def fact(self, name: str, value: str) -> list[int]:
        """Tokens of one fact sentence."""
        return self.encode(" " + statement(name, value))

    def sample(self, stage: Stage) -> tuple[list[int], list[float]]:
        """One sample of `stage.length` tokens and the weight of each; a negative weight marks a restated digit."""
        rng = self.rng
        facts = [self.fact(*f) for f in draw(rng, rng.randint(*stage.facts))]
        source = rng.choices(self.prose, self.weights)[0]
        at = rng.randrange(len(source))
        stated: set[int] = set()
        turns: list[int] = []  # facts come in shuffled rounds, so guessing a recent code does not pay
        closed = False
        tokens: list[int] = []
        weights: list[float] = []
        while len(tokens) < stage.length:
            closing = stage.natural and not closed and stage.length - len(tokens) <= 40 and bool(stated)
            if closing or rng.random() < stage.density:
                if closing:
                    index, closed = rng.choice(sorted(stated)), True
                elif stage.natural:
                    index = rng.randrange(len(facts))
                else:
                    turns = turns or rng.sample(range(len(facts)), len(facts))
                    index = turns.pop()
                code = -1.0 if index in stated else stage.text_weight
                stated.add(index)
                tokens += facts[index]
                weights += [stage.text_weight] * (len(facts[index]) - 5) + [code] * 4 + [stage.text_weight]
            else:
                tokens += source[at % len(source)]
                weights += [stage.text_weight] * len(source[at % len(source)])
                at += 1
        start = 0 if stage.density == 1.0 or stage.natural else rng.randint(0, len(tokens) - stage.length)
        return tokens[start : start + stage.length], weights[start : start + stage.length]


def new_model(family: str, vocabulary: int, end: int) -> PreTrainedModel:
    """A model of the family with the rough draft of the look-back circuit in it."""
    model = untrained(family, vocabulary, end)
    warm_start(model)
    return model


def train(
    model: PreTrainedModel,
    sampler: Sampler,
    tokens_per_step: int,
    out: Path,
    stages: range,
    share: float = 1.0,
) -> None:
    """Run the given stages of the curriculum; save after each.

    `share` of the steps is done in the stages that do not end by themselves.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1, betas=(0.9, 0.95))
    began = time.time()
    step = 0
    for number in stages:
        stage = CURRICULUM[number]
        average = 0.0
        batch = tokens_per_step // stage.length // (2 if stage.density == 1.0 else 1)
        steps = round(stage.max_steps * share) if stage.target > 1 else stage.max_steps
        for inner in range(steps):
            pairs = [sampler.sample(stage) for _ in range(batch)]
            ids = torch.tensor([p[0] for p in pairs])
            raw = torch.tensor([p[1] for p in pairs])[:, 1:]
            cosine = 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * inner / steps)) if stage.target > 1 else 1.0
            for group in optimizer.param_groups:
                group["lr"] = stage.rate * min(1.0, (step + 1) / 100) * cosine
            logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
            losses = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
            weights = raw.abs().flatten()
            loss = (losses * weights).sum() / weights.sum()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            restated = raw < 0
            first = restated & ~torch.nn.functional.pad(restated, (1, 0))[:, :-1]
            right = (logits.argmax(-1) == ids[:, 1:])[first].float().mean().item()
            average = average if math.isnan(right) else 0.95 * average + 0.05 * right
            if inner % 50 == 0:
                text = losses[~restated.flatten()].mean().item()
                passed = f"{time.time() - began:6.0f}s"
                print(f"{passed} stage {number} step {inner} text {text:.3f} code {average:.3f}", flush=True)
            step += 1
            if average > stage.target:
                break
        print(f"stage {number} ended at step {step}, code accuracy {average:.3f}", flush=True)
        model.save_pretrained(out)


def main() -> None:
    """Seed everything, train, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="go on from the model in --out at this stage")
    parser.add_argument("--family", choices=FAMILIES, default="llama")
    parser.add_argument("--stop", type=int, default=len(CURRICULUM), help="stop before this stage")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(2)
    tokenizer = AutoTokenizer.from_pretrained(options.tokenizer)
    if options.start:
        model = AutoModelForCausalLM.from_pretrained(options.out).train()
    else:
        model = new_model(options.family, len(tokenizer), tokenizer.eos_token_id)
    print(sum(p.numel() for p in model.parameters()), "parameters")
    stages = range(options.start, options.stop)
    train(model, Sampler(options.work, tokenizer, options.seed), 4096, options.out, stages)
    if options.out.resolve() != options.tokenizer.resolve():
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(options.tokenizer / name, options.out / name)


if __name__ == "__main__":
    main()
