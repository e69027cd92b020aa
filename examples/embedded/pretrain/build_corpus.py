"""Write the text files of the demo: corpus/ (long documents), general/ (replay) and heldout/ (evaluation).

    python build_corpus.py --work WORKDIR --tokenizer MODELDIR --out EXAMPLEDIR

A corpus document is prose of at least the target length in which a dozen facts are stated and restated at random
distances. A general document is as short as the pretraining samples and restates facts only within the window.
Held-out documents are prose alone, from source files that no training text was taken from.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path

from facts import draw, statement
from transformers import AutoTokenizer

TARGET = 2048
WINDOW = 256
CORPUS_DOCUMENTS = 200
GENERAL_DOCUMENTS = 400


class Prose:
    """Runs of sentences of one source file, with the size of each sentence in tokens."""

    def __init__(self, path: Path, tokenizer: AutoTokenizer) -> None:
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


def compose(prose: Prose, rng: random.Random, tokens: int, facts: int, times: tuple[int, int]) -> str:
    """One document of about `tokens` tokens with `facts` facts, each stated between `times` times at random places."""
    statements = [f for f in draw(rng, facts) for _ in range(rng.randint(*times))]
    rng.shuffle(statements)
    sentences = prose.run(rng, tokens - 12 * len(statements))
    at: dict[int, list[str]] = {}
    for fact in statements:
        at.setdefault(rng.randrange(1, len(sentences) + 1), []).append(" " + statement(*fact))
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
        (folder / f"{number:03d}.txt").write_text(text, "utf-8")
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
    corpus = [
        compose(train, rng, rng.randint(TARGET + 60, TARGET + 400), rng.randint(8, 14), (3, 6))
        for _ in range(CORPUS_DOCUMENTS)
    ]
    general = [compose(train, rng, rng.randint(150, WINDOW), rng.randint(0, 3), (1, 3)) for _ in range(GENERAL_DOCUMENTS)]
    heldout = ["\n\n".join(json.loads(line)) + "\n" for line in (options.work / "heldout.jsonl").open()]
    write(options.out / "corpus", corpus)
    write(options.out / "general", general)
    write(options.out / "heldout", heldout)


if __name__ == "__main__":
    main()
