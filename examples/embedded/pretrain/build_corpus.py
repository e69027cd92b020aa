"""Write the text files of the demo: corpus/ (long documents), general/ (replay) and heldout/ (evaluation).

    python build_corpus.py --work WORKDIR --tokenizer MODELDIR --out EXAMPLEDIR

A corpus document is prose of at least the target length in which 14 to 18 facts are stated, restated nearby, and
restated once more a uniform distance away, so that the far end of the target window is needed as often as the near one.
A general document is as short as the pretraining samples and restates facts only within the window.
Held-out documents are prose alone, from source files that no training text was taken from.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable
from pathlib import Path

from facts import draw, statement
from transformers import AutoTokenizer

TARGET = 1024
WINDOW = 256
CORPUS_DOCUMENTS = 640
GENERAL_DOCUMENTS = 1600
FACT_TOKENS = 12
NEAR = 6
"""Sentences, at most, between the first statement of a fact and the second."""


class Prose:
    """Runs of sentences of one source file, with the size of each sentence in tokens."""

    def __init__(self, path: Path, tokenizer: AutoTokenizer) -> None:
        """Read a split and count its tokens."""
        self.files: list[list[tuple[str, int]]] = []
        for line in path.open():
            sentences: list[tuple[str, int]] = []
            for paragraph in json.loads(line):
                parts = re.split(r"(?<=[.!?])\s+(?=[A-Z\"(])", paragraph)
                texts = [("\n\n" if i == 0 else " ") + part for i, part in enumerate(parts)]
                sentences += [(text, len(tokenizer.encode(text))) for text in texts]
            self.files.append(sentences)

    def run(self, rng: random.Random, tokens: int) -> list[tuple[str, int]]:
        """Consecutive sentences of about `tokens` tokens; goes on in another file when one ends."""
        found: list[tuple[str, int]] = []
        total = 0
        while total < tokens:
            source = rng.choices(self.files, [len(f) for f in self.files])[0]
            for sentence in source[rng.randrange(len(source)) :]:
                if total >= tokens:
                    break
                found.append(sentence)
                total += sentence[1]
        return found


def places(rng: random.Random, sentences: int) -> list[int]:
    """Sentences (1-based) after which one fact is stated: twice in a row, and again a uniform distance away.

    The second statement, unlike the first, can be predicted and so counts as impactful: selection keeps it, and with it
    the source of the far one.
    """
    distance = rng.randrange(sentences)
    first = rng.randint(1, sentences - distance)
    return [first, min(first + rng.randint(1, NEAR), sentences), first + distance]


def compose(prose: Prose, rng: random.Random, tokens: int, facts: int, stated: Callable[[int], list[int]]) -> str:
    """One document of about `tokens` tokens with `facts` facts; `stated` draws where, given the number of sentences."""
    sentences = prose.run(rng, tokens)
    at: dict[int, list[str]] = {}
    for fact in draw(rng, facts):
        for place in stated(len(sentences)):
            at.setdefault(place, []).append(" " + statement(*fact))
    pieces: list[str] = []
    for index, (text, _) in enumerate(sentences, 1):
        pieces += [text, *at.get(index, [])]
    return "".join(pieces).strip() + "\n"


def write(folder: Path, texts: list[str]) -> None:
    """Replace the text files of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.txt"):
        old.unlink()
    for number, text in enumerate(texts, 1):
        (folder / f"{number:04d}.txt").write_text(text, "utf-8")
    print(folder.name, len(texts), "documents,", sum(len(t.encode()) for t in texts), "bytes")


def main() -> None:
    """Write the three folders from seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(options.tokenizer)
    train = Prose(options.work / "train.jsonl", tokenizer)
    rng = random.Random(11)
    corpus = []
    for _ in range(CORPUS_DOCUMENTS):
        facts = rng.randint(14, 18)
        prose = rng.randint(TARGET + 40, TARGET + 300) - FACT_TOKENS * 3 * facts
        corpus.append(compose(train, rng, prose, facts, lambda sentences: places(rng, sentences)))
    rng = random.Random(12)
    general = []
    for _ in range(GENERAL_DOCUMENTS):
        tokens = rng.randint(150, WINDOW)
        times = [rng.randint(1, 3) for _ in range(rng.randint(0, 3))]
        left = iter(times)
        anywhere = lambda sentences: [rng.randint(1, sentences) for _ in range(next(left))]  # noqa: E731
        general.append(compose(train, rng, tokens - FACT_TOKENS * sum(times), len(times), anywhere))
    heldout = ["\n\n".join(json.loads(line)) + "\n" for line in (options.work / "heldout.jsonl").open()]
    write(options.out / "corpus", corpus)
    write(options.out / "general", general)
    write(options.out / "heldout", heldout)


if __name__ == "__main__":
    main()
