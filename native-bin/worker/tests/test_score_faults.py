from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file, save_file

from conftest import VOCABULARY, Runner, make_model
from longrecipe_worker.devices import Device
from longrecipe_worker.faults import EXIT_BAD_INPUT, EXIT_NON_FINITE
from longrecipe_worker.jobs import score
from longrecipe_worker.tables import TOKENS
from scoring import DOCUMENTS, LENGTHS, corpus_tokens, entry, expected_scores, run_score, scores_of


def test_a_fault_on_one_device_ends_the_other(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Numbered(Device):
        @property
        def torch(self) -> torch.device:
            return torch.device("cpu", self.index or 0)

    monkeypatch.setattr(
        score, "choose_device", lambda wanted, *_: Numbered("cpu", torch.float32, "test", int(wanted[-1]))
    )
    monkeypatch.setattr(score, "PART_COST", 16)
    tokens, _ = corpus_tokens(runner)
    small = make_model(runner.folder / "small", vocab_size=100)
    entries = [entry("base", llama, device="cuda:0"), entry("small", small, device="cuda:1")]
    assert run_score(runner, tokens, entries) == EXIT_BAD_INPUT
    assert runner.events("error")[0]["code"] == "token-out-of-range"


def test_an_absent_device_is_told(runner: Runner, llama: Path) -> None:
    tokens, _ = corpus_tokens(runner)
    assert run_score(runner, tokens, [entry("base", llama, device="cuda:7")]) == EXIT_BAD_INPUT
    assert "cuda:7" in runner.events("error")[0]["message"]


def _breaks_the_first_document(runner: Runner) -> tuple[Path, Path, list[np.ndarray]]:
    """A model with one broken embedding, and a corpus (table, ids) whose first document alone has that token."""
    folder = make_model(runner.folder / "broken")
    tokens, ids = corpus_tokens(runner)
    only = next(int(token) for token in ids[0][::-1] if token not in np.concatenate(ids[1:]))
    _break_embeddings(folder, only)
    return folder, tokens, ids


def _break_embeddings(folder: Path, tokens: int | slice) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["model.embed_tokens.weight"][tokens] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def test_nan_names_document_line_and_token(runner: Runner) -> None:
    folder = make_model(runner.folder / "broken")
    tokens, ids = corpus_tokens(runner)
    _break_embeddings(folder, int(ids[0][30]))
    first = int(np.flatnonzero(ids[0] == ids[0][30])[0])
    assert run_score(runner, tokens, [entry("base", folder)]) == EXIT_NON_FINITE
    assert f"document 4 at token {first}." in runner.events("error")[0]["message"]
    # With the texts at hand the file and the line are named; places are UTF-16 units, two of them a smiley.
    texts = ["\N{GRINNING FACE}\n" * 40] * len(DOCUMENTS)
    starts = [np.arange(length) * 3 for length in LENGTHS]
    placed = runner.table("placed.arrow", TOKENS, [DOCUMENTS, ids, starts, starts])
    schema = pa.schema([("document", pa.int32()), ("path", pa.string()), ("hash", pa.string()), ("text", pa.string())])
    paths = [f"docs/{number}.txt" for number in DOCUMENTS]
    documents = runner.table("documents.arrow", schema, [DOCUMENTS, paths, paths, texts])
    fields = {"tokens": placed, "documents": documents, "models": [entry("base", folder)]}
    assert runner.run("score", output=runner.folder / "s", window=16, minContext=5, **fields) == EXIT_NON_FINITE
    assert f"docs/4.txt at token {first} (line {first + 1})" in runner.events("error")[1]["message"]


def test_documents_with_nan_are_left_out_where_asked(runner: Runner, llama: Path) -> None:
    folder, tokens, ids = _breaks_the_first_document(runner)
    fields = {
        "tokens": tokens,
        "onNonFinite": "skip",
        "window": 16,
        "minContext": 5,
        "output": runner.folder / "scores",
    }
    assert runner.run("score", models=[entry("base", folder)], **fields) == 0
    scores = scores_of(runner, "base")
    assert np.isnan(scores[4]["logit"]).all()
    for number, row in ((9, ids[2]), (5, ids[4])):
        np.testing.assert_allclose(scores[number]["logit"], expected_scores(llama, row, 16, 5)[0], rtol=1e-4, atol=1e-4)
    (warning,) = [event["message"] for event in runner.events("log") if event["level"] == "warning"]
    assert "1 documents have non-finite logits" in warning
    assert "document 4 at token" in warning
    # A model that has nothing else to give is at fault itself.
    _break_embeddings(folder, slice(None))
    assert runner.run("score", models=[entry("base", folder)], **fields) == EXIT_NON_FINITE


def test_a_document_is_left_out_only_where_its_source_says_so(runner: Runner) -> None:
    folder, tokens, ids = _breaks_the_first_document(runner)
    fields = {"tokens": tokens, "models": [entry("base", folder)], "window": 16, "minContext": 5, "onNonFinite": "skip"}
    others = [{"first": 0, "end": DOCUMENTS[0]}, {"first": DOCUMENTS[0] + 1, "end": 1000}]
    assert runner.run("score", output=runner.folder / "left-out", strict=others, **fields) == 0
    its_own = [{"first": DOCUMENTS[0], "end": DOCUMENTS[0] + 1}]
    assert runner.run("score", output=runner.folder / "ended", strict=its_own, **fields) == EXIT_NON_FINITE
    (error,) = runner.events("error")
    assert f"document {DOCUMENTS[0]} at token" in error["message"]
    assert "onError" in error["remedy"]
    # So it is with tokens that the model lacks.
    ids[0][-1] = VOCABULARY
    empty = [np.zeros(length) for length in LENGTHS]
    fields["tokens"] = runner.table("added.arrow", TOKENS, [DOCUMENTS, ids, empty, empty])
    assert runner.run("score", output=runner.folder / "left-out", strict=others, **fields) == 0
    assert runner.run("score", output=runner.folder / "ended", strict=its_own, **fields) == EXIT_BAD_INPUT
    assert runner.events("error")[1]["code"] == "token-out-of-range"


def _drop(weights: dict[str, torch.Tensor]) -> None:
    del weights["model.layers.1.mlp.up_proj.weight"]


def _cut(weights: dict[str, torch.Tensor]) -> None:
    name = "model.layers.1.mlp.up_proj.weight"
    weights[name] = weights[name][:-8].contiguous()


@pytest.mark.parametrize(
    ("damage", "words"),
    [(_drop, "they lack 1 tensors (first: model.layers.1.mlp.up_proj.weight)"), (_cut, "(56, 32) instead of (64, 32)")],
)
def test_weights_that_do_not_fit_their_config_are_told(
    damage: Callable[[dict[str, torch.Tensor]], None], words: str, runner: Runner
) -> None:
    folder = make_model(runner.folder / "broken")
    weights = load_file(folder / "model.safetensors")
    damage(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    tokens, _ = corpus_tokens(runner)
    # Otherwise transformers makes up what is missing, and the scores are noise.
    assert run_score(runner, tokens, [entry("base", folder)]) == EXIT_BAD_INPUT
    (error,) = runner.events("error")
    assert error["code"] == "model-incomplete"
    assert words in error["message"]


def test_bad_input_is_told(runner: Runner, llama: Path) -> None:
    tokens, ids = corpus_tokens(runner)
    assert run_score(runner, tokens, [entry("base", llama)], window=8, context=8) == EXIT_BAD_INPUT
    assert "minContext" in runner.events("error")[0]["message"]
    small = make_model(runner.folder / "small", vocab_size=100)
    assert run_score(runner, tokens, [entry("small", small)]) == EXIT_BAD_INPUT
    error = runner.events("error")[1]
    assert error["code"] == "token-out-of-range"
    at = re.search(r"document 4 at token (\d+) is token id (\d+)", error["message"])
    assert at
    assert int(ids[0][int(at[1])]) == int(at[2]) >= 100


def test_documents_with_tokens_that_a_model_lacks_are_left_out_where_asked(runner: Runner, llama: Path) -> None:
    tokens, ids = corpus_tokens(runner)
    fields = {"onNonFinite": "skip", "window": 16, "minContext": 5, "output": runner.folder / "scores"}
    ids[-1][-1] = VOCABULARY
    empty = [np.zeros(length) for length in LENGTHS]
    placed = runner.table("added.arrow", TOKENS, [DOCUMENTS, ids, empty, empty])
    assert runner.run("score", tokens=placed, models=[entry("base", llama)], **fields) == 0
    scores = scores_of(runner, "base")
    assert np.isnan(scores[DOCUMENTS[-1]]["logit"]).any()
    np.testing.assert_allclose(scores[9]["logit"], expected_scores(llama, ids[2], 16, 5)[0], rtol=1e-4, atol=1e-4)
    (warning,) = [event["message"] for event in runner.events("log") if event["level"] == "warning"]
    assert f"1 documents hold tokens it lacks and are left out there: document {DOCUMENTS[-1]} at token" in warning
    # A model that lacks tokens of every document is at fault itself.
    small = make_model(runner.folder / "small", vocab_size=2)
    assert runner.run("score", tokens=tokens, models=[entry("small", small)], **fields) == EXIT_BAD_INPUT
    assert runner.events("error")[0]["code"] == "token-out-of-range"
