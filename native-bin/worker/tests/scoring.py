"""What the tests of scoring share: a corpus of tokens, its scores, and what they should be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from transformers import AutoModelForCausalLM

from conftest import VOCABULARY, Runner
from longrecipe_worker.tables import TOKENS

LENGTHS = [50, 1, 20, 0, 33]
DOCUMENTS = [4, 0, 9, 2, 5]


def corpus_tokens(runner: Runner) -> tuple[Path, list[np.ndarray]]:
    random = np.random.default_rng(0)
    ids = [random.integers(1, VOCABULARY, length) for length in LENGTHS]
    empty = [np.zeros(length) for length in LENGTHS]
    return runner.table("tokens.arrow", TOKENS, [DOCUMENTS, ids, empty, empty]), ids


def entry(name: str, folder: Path, **fields: object) -> dict[str, object]:
    return {"name": name, "model": {"path": str(folder)}, **fields}


def scores_of(runner: Runner, name: str) -> dict[int, dict[str, list[float]]]:
    table = pa.ipc.open_file(pa.memory_map(str(runner.folder / "scores" / f"scores-{name}.arrow"))).read_all()
    return {row["document"]: row for row in table.to_pylist()}


def run_score(runner: Runner, tokens: Path, models: list[object], window: int = 16, context: int = 5) -> int:
    fields = {"tokens": tokens, "models": models, "window": window, "minContext": context}
    return runner.run("score", output=runner.folder / "scores", **fields)


def expected_scores(folder: Path, ids: np.ndarray, window: int, context: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores by the definition: one window after another, all logits at once."""
    model = AutoModelForCausalLM.from_pretrained(folder)
    logit = np.full(len(ids), np.nan)
    logprob = logit.copy()
    first = 1
    while first < len(ids):
        start = max(0, first - context)
        part = torch.from_numpy(ids[start : start + window].astype(np.int64))[None]
        with torch.no_grad():
            logits = model(part).logits[0]
        for token in range(first, start + part.shape[1]):
            row = logits[token - start - 1]
            logit[token] = row[ids[token]]
            logprob[token] = row.log_softmax(-1)[ids[token]]
        first = start + part.shape[1]
    return logit, logprob
