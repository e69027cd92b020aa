from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from conftest import VOCABULARY, Runner, make_model
from longrecipe_worker.faults import EXIT_BAD_INPUT, EXIT_INTERRUPTED, EXIT_NON_FINITE
from longrecipe_worker.jobs import score
from longrecipe_worker.models import load_model
from longrecipe_worker.tables import TOKENS

LENGTHS = [50, 1, 20, 0, 33]
DOCUMENTS = [4, 0, 9, 2, 5]


def _tokens(runner: Runner) -> tuple[Path, list[np.ndarray]]:
    random = np.random.default_rng(0)
    ids = [random.integers(1, VOCABULARY, length) for length in LENGTHS]
    empty = [np.zeros(length) for length in LENGTHS]
    return runner.table("tokens.arrow", TOKENS, [DOCUMENTS, ids, empty, empty]), ids


def _entry(name: str, folder: Path, **fields: object) -> dict[str, object]:
    return {"name": name, "model": {"path": str(folder)}, **fields}


def _scores(runner: Runner, name: str) -> dict[int, dict[str, list[float]]]:
    table = pa.ipc.open_file(pa.memory_map(str(runner.folder / "scores" / f"scores-{name}.arrow"))).read_all()
    return {row["document"]: row for row in table.to_pylist()}


def _run(runner: Runner, tokens: Path, models: list[object], window: int = 16, context: int = 5) -> int:
    fields = {"tokens": tokens, "models": models, "window": window, "minContext": context}
    return runner.run("score", output=runner.folder / "scores", **fields)


def _expected(folder: Path, ids: np.ndarray, window: int, context: int) -> tuple[np.ndarray, np.ndarray]:
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


@pytest.mark.parametrize("budget", [4096, 20])
def test_scores_equal_the_definition(runner: Runner, llama: Path, budget: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longrecipe_worker.devices.Device.token_budget", budget)
    monkeypatch.setattr("longrecipe_worker.devices.Device.logits_budget", 4 * VOCABULARY * 3)
    tokens, ids = _tokens(runner)
    other = make_model(runner.folder / "other", seed=3)
    assert _run(runner, tokens, [_entry("base", llama), _entry("extended", other)]) == 0
    for name, folder in (("base", llama), ("extended", other)):
        scores = _scores(runner, name)
        assert list(scores) == sorted(DOCUMENTS)
        for document, row in zip(DOCUMENTS, ids, strict=True):
            logit, logprob = _expected(folder, row, 16, 5)
            np.testing.assert_allclose(scores[document]["logit"], logit, rtol=1e-4, atol=1e-4)
            np.testing.assert_allclose(scores[document]["logprob"], logprob, rtol=1e-4, atol=1e-4)
    last = runner.events("progress")[-1]
    assert last["done"] == last["total"] == 2 * sum(LENGTHS)
    assert not list((runner.folder / "scores").glob(".*"))


def test_contrast_cuts_the_context(runner: Runner, llama: Path) -> None:
    tokens, ids = _tokens(runner)
    assert _run(runner, tokens, [_entry("long", llama), _entry("short", llama, context=4)], window=64) == 0
    short = _scores(runner, "short")[4]["logit"]
    np.testing.assert_allclose(short, _expected(llama, ids[0], 5, 2)[0], rtol=1e-4, atol=1e-4)
    assert not np.allclose(short[10:], _scores(runner, "long")[4]["logit"][10:], atol=1e-3)


def test_rescaled_rotary_parameters_change_scores(runner: Runner, llama: Path) -> None:
    tokens, _ = _tokens(runner)
    rope = {"parameters": {"rope_type": "default", "rope_theta": 500.0}, "maxPositionEmbeddings": 128}
    entry = {"name": "rope", "model": {"path": str(llama), "rope": rope}}
    assert _run(runner, tokens, [_entry("base", llama), entry], window=64) == 0
    assert not np.allclose(_scores(runner, "rope")[4]["logit"][1:], _scores(runner, "base")[4]["logit"][1:], atol=1e-3)
    model = load_model(entry["model"], torch.float32, torch.device("cpu"))
    assert model.config.max_position_embeddings == 128
    assert model.config.rope_parameters["rope_theta"] == 500.0


def test_finished_work_is_kept(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "PART_TOKENS", 1)
    tokens, _ = _tokens(runner)
    models = [_entry("base", llama)]
    calls: list[int] = []
    plain = score._Scorer.score

    def stop_at_third(self: object, document: int, ids: np.ndarray) -> object:
        calls.append(document)
        if len(calls) == 3:
            (runner.control / "stop").touch()
        return plain(self, document, ids)

    monkeypatch.setattr(score._Scorer, "score", stop_at_third)
    assert _run(runner, tokens, models) == EXIT_INTERRUPTED
    (runner.control / "stop").unlink()
    assert _run(runner, tokens, models) == 0
    assert calls == [4, 0, 9, 9, 2, 5]
    assert _run(runner, tokens, models) == 0
    assert len(calls) == 6
    # Another job in the same folder must not take the tables of this one.
    assert _run(runner, tokens, models, context=6) == 0
    assert len(calls) == 11


def test_nan_names_document_and_token(runner: Runner) -> None:
    folder = make_model(runner.folder / "broken")
    weights = load_file(folder / "model.safetensors")
    tokens, ids = _tokens(runner)
    weights["model.embed_tokens.weight"][int(ids[0][30])] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert _run(runner, tokens, [_entry("base", folder)]) == EXIT_NON_FINITE
    found = re.search(r"document 4 at token (\d+)\.", runner.events("error")[0]["message"])
    # The window that scores [27, 38) holds the NaN; kernels let it reach masked neighbours too.
    assert found
    assert 27 <= int(found[1]) <= 31


def test_bad_input_is_told(runner: Runner, llama: Path) -> None:
    tokens, _ = _tokens(runner)
    assert _run(runner, tokens, [_entry("base", llama)], window=8, context=8) == EXIT_BAD_INPUT
    assert "minContext" in runner.events("error")[0]["message"]
    small = make_model(runner.folder / "small", vocab_size=100)
    assert _run(runner, tokens, [_entry("small", small)]) == EXIT_BAD_INPUT
    assert runner.events("error")[1]["code"] == "token-out-of-range"
