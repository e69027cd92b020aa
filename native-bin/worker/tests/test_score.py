from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from conftest import VOCABULARY, Runner, make_model
from longrecipe_worker.devices import Device
from longrecipe_worker.faults import EXIT_BAD_INPUT, EXIT_INTERRUPTED, EXIT_NON_FINITE
from longrecipe_worker.jobs import score
from longrecipe_worker.models import load_model
from longrecipe_worker.scorer import Scorer
from longrecipe_worker.tables import TOKENS
from longrecipe_worker.windows import Span

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
    assert sorted(file.name for file in (runner.folder / "scores").iterdir()) == [
        "scores-base.arrow",
        "scores-extended.arrow",
    ]


@pytest.mark.parametrize(("stride", "least"), [(None, 3), (1, 4), (4, 1)])
def test_contrast_cuts_the_context(stride: int | None, least: int, runner: Runner, llama: Path) -> None:
    tokens, ids = _tokens(runner)
    fields = {"context": 4} if stride is None else {"context": 4, "stride": stride}
    assert _run(runner, tokens, [_entry("long", llama), _entry("short", llama, **fields)], window=64) == 0
    short = _scores(runner, "short")[4]["logit"]
    np.testing.assert_allclose(short, _expected(llama, ids[0], 5, least)[0], rtol=1e-4, atol=1e-4)
    assert not np.allclose(short[10:], _scores(runner, "long")[4]["logit"][10:], atol=1e-3)


def test_stride_one_is_exactly_the_context(runner: Runner, llama: Path) -> None:
    """By the definition: every token is predicted from the `context` tokens before it and nothing else."""
    tokens, ids = _tokens(runner)
    assert _run(runner, tokens, [_entry("short", llama, context=6, stride=1)], window=64) == 0
    model = AutoModelForCausalLM.from_pretrained(llama)
    found = _scores(runner, "short")[4]["logit"]
    for token in range(1, len(ids[0])):
        part = torch.from_numpy(ids[0][max(0, token - 6) : token].astype(np.int64))[None]
        with torch.no_grad():
            expected = model(part).logits[0, -1, int(ids[0][token])]
        assert found[token] == pytest.approx(float(expected), abs=1e-4), token


def test_a_stride_beyond_the_context_is_told(runner: Runner, llama: Path) -> None:
    tokens, _ = _tokens(runner)
    assert _run(runner, tokens, [_entry("short", llama, context=6, stride=7)], window=64) == EXIT_BAD_INPUT
    assert "stride 7" in runner.events("error")[0]["message"]


def test_rescaled_rotary_parameters_change_scores(runner: Runner, llama: Path) -> None:
    tokens, _ = _tokens(runner)
    rope = {"parameters": {"rope_type": "default", "rope_theta": 500.0}, "maxPositionEmbeddings": 128}
    entry = {"name": "rope", "model": {"path": str(llama), "rope": rope}}
    assert _run(runner, tokens, [_entry("base", llama), entry], window=64) == 0
    assert not np.allclose(_scores(runner, "rope")[4]["logit"][1:], _scores(runner, "base")[4]["logit"][1:], atol=1e-3)
    model = load_model(entry["model"], torch.float32, torch.device("cpu"))
    assert model.config.max_position_embeddings == 128
    assert model.config.rope_parameters["rope_theta"] == 500.0


def test_finished_parts_are_kept(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "PART_COST", 16)
    tokens, _ = _tokens(runner)
    models = [_entry("base", llama)]
    scored: list[tuple[int, int]] = []
    plain = Scorer.score

    def stop_at_third(self: Scorer, spans: list[Span], check: object) -> object:
        scored.extend((span.row, span.end) for span in spans)
        if len(scored) == 3:
            (runner.control / "stop").touch()
        return plain(self, spans, check)

    monkeypatch.setattr(Scorer, "score", stop_at_third)
    assert _run(runner, tokens, models) == EXIT_INTERRUPTED
    (runner.control / "stop").unlink()
    assert _run(runner, tokens, models) == 0
    # The first document of 50 tokens reaches over several parts; only the one that was cut off is done again.
    first = [end for row, end in scored if row == 0]
    assert len(first) > 3
    assert first[2] == first[3]
    assert sorted({*first}) == first[:3] + first[4:]
    count = len(scored)
    assert _run(runner, tokens, models) == 0
    assert len(scored) == count
    # Another job in the same folder must not take the tables of this one.
    assert _run(runner, tokens, models, context=6) == 0
    assert len(scored) > count


def test_a_killed_worker_goes_on(runner: Runner, llama: Path) -> None:
    random = np.random.default_rng(0)
    ids = [random.integers(1, VOCABULARY, 3000) for _ in range(2)]
    empty = [np.zeros(3000)] * 2
    tokens = runner.table("tokens.arrow", TOKENS, [[0, 1], ids, empty, empty])
    fields = {"tokens": tokens, "models": [_entry("base", llama)], "window": 16, "minContext": 5}
    job = runner.job("score", output=runner.folder / "scores", **fields)
    code = (
        "import sys; from longrecipe_worker.jobs import score; score.PART_COST = 64;"
        "from longrecipe_worker.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(job)], stdout=subprocess.DEVNULL)
    parts = None
    while process.poll() is None and not (parts and len(list(parts.glob("*.arrow"))) > 20):
        parts = next((runner.folder / "scores").glob(".scores-base.*.parts"), None)
    process.kill()
    process.wait()
    assert parts is not None
    assert not (runner.folder / "scores" / "scores-base.arrow").exists(), "it was too fast to be killed"
    before = {file.name: file.stat().st_mtime_ns for file in parts.glob("0*.arrow")}
    assert len(before) > 10
    # In a process of its own again, stopped before it joins: what was there is as it was.
    ending = code.replace(
        "from longrecipe_worker.__main__",
        "score.ScoreParts.finish = lambda self, n: sys.exit(9);" + " from longrecipe_worker.__main__",
    )
    assert subprocess.run([sys.executable, "-c", ending, str(job)], check=False).returncode == 9
    after = {file.name: file.stat().st_mtime_ns for file in parts.glob("0*.arrow")}
    assert {name: after[name] for name in before} == before
    assert len(after) > len(before)
    assert subprocess.run([sys.executable, "-c", code, str(job)], check=False).returncode == 0
    expected = _expected(llama, ids[1], 16, 5)[0]
    np.testing.assert_allclose(_scores(runner, "base")[1]["logit"], expected, rtol=1e-4, atol=1e-4)


def test_models_on_different_devices_go_side_by_side(
    runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Numbered(Device):
        @property
        def torch(self) -> torch.device:
            return torch.device("cpu", self.index or 0)

    def choose(wanted: str, _precision: str, _events: object) -> Device:
        return Numbered("cpu", torch.float32, "test", int(wanted.partition(":")[2] or 0))

    meeting = threading.Barrier(2, timeout=30)
    plain = Scorer.score

    def meet(self: Scorer, spans: list[Span], check: object) -> object:
        meeting.wait()  # breaks unless the other model is at work too
        return plain(self, spans, check)

    monkeypatch.setattr(score, "choose_device", choose)
    monkeypatch.setattr(Scorer, "score", meet)
    tokens, _ = _tokens(runner)
    other = make_model(runner.folder / "other", seed=3)
    entries = [_entry("base", llama, device="cuda:0"), _entry("extended", other, device="cuda:1")]
    assert _run(runner, tokens, entries) == 0
    side_by_side = {name: _scores(runner, name) for name in ("base", "extended")}
    monkeypatch.undo()
    shutil.rmtree(runner.folder / "scores")
    assert _run(runner, tokens, [_entry("base", llama), _entry("extended", other)]) == 0
    for name, scores in side_by_side.items():
        np.testing.assert_array_equal(scores[4]["logit"], _scores(runner, name)[4]["logit"])


def test_a_fault_on_one_device_ends_the_other(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Numbered(Device):
        @property
        def torch(self) -> torch.device:
            return torch.device("cpu", self.index or 0)

    monkeypatch.setattr(
        score, "choose_device", lambda wanted, *_: Numbered("cpu", torch.float32, "test", int(wanted[-1]))
    )
    monkeypatch.setattr(score, "PART_COST", 16)
    tokens, _ = _tokens(runner)
    small = make_model(runner.folder / "small", vocab_size=100)
    entries = [_entry("base", llama, device="cuda:0"), _entry("small", small, device="cuda:1")]
    assert _run(runner, tokens, entries) == EXIT_BAD_INPUT
    assert runner.events("error")[0]["code"] == "token-out-of-range"


def test_an_absent_device_is_told(runner: Runner, llama: Path) -> None:
    tokens, _ = _tokens(runner)
    assert _run(runner, tokens, [_entry("base", llama, device="cuda:7")]) == EXIT_BAD_INPUT
    assert "cuda:7" in runner.events("error")[0]["message"]


def test_nan_names_document_line_and_token(runner: Runner) -> None:
    folder = make_model(runner.folder / "broken")
    weights = load_file(folder / "model.safetensors")
    tokens, ids = _tokens(runner)
    weights["model.embed_tokens.weight"][int(ids[0][30])] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    first = int(np.flatnonzero(ids[0] == ids[0][30])[0])
    assert _run(runner, tokens, [_entry("base", folder)]) == EXIT_NON_FINITE
    assert f"document 4 at token {first}." in runner.events("error")[0]["message"]
    # With the texts at hand the file and the line are named; places are UTF-16 units, two of them a smiley.
    texts = ["\N{GRINNING FACE}\n" * 40] * len(DOCUMENTS)
    starts = [np.arange(length) * 3 for length in LENGTHS]
    placed = runner.table("placed.arrow", TOKENS, [DOCUMENTS, ids, starts, starts])
    schema = pa.schema([("document", pa.int32()), ("path", pa.string()), ("hash", pa.string()), ("text", pa.string())])
    paths = [f"docs/{number}.txt" for number in DOCUMENTS]
    documents = runner.table("documents.arrow", schema, [DOCUMENTS, paths, paths, texts])
    fields = {"tokens": placed, "documents": documents, "models": [_entry("base", folder)]}
    assert runner.run("score", output=runner.folder / "s", window=16, minContext=5, **fields) == EXIT_NON_FINITE
    assert f"docs/4.txt at token {first} (line {first + 1})" in runner.events("error")[1]["message"]


def test_documents_with_nan_are_left_out_where_asked(runner: Runner, llama: Path) -> None:
    folder = make_model(runner.folder / "broken")
    weights = load_file(folder / "model.safetensors")
    tokens, ids = _tokens(runner)
    only = next(int(token) for token in ids[0][::-1] if token not in np.concatenate(ids[1:]))
    weights["model.embed_tokens.weight"][only] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    fields = {
        "tokens": tokens,
        "onNonFinite": "skip",
        "window": 16,
        "minContext": 5,
        "output": runner.folder / "scores",
    }
    assert runner.run("score", models=[_entry("base", folder)], **fields) == 0
    scores = _scores(runner, "base")
    assert np.isnan(scores[4]["logit"]).all()
    for number, row in ((9, ids[2]), (5, ids[4])):
        np.testing.assert_allclose(scores[number]["logit"], _expected(llama, row, 16, 5)[0], rtol=1e-4, atol=1e-4)
    (warning,) = [event["message"] for event in runner.events("log") if event["level"] == "warning"]
    assert "1 documents have non-finite logits" in warning
    assert "document 4 at token" in warning
    # A model that has nothing else to give is at fault itself.
    weights["model.embed_tokens.weight"][:] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert runner.run("score", models=[_entry("base", folder)], **fields) == EXIT_NON_FINITE


def test_bad_input_is_told(runner: Runner, llama: Path) -> None:
    tokens, ids = _tokens(runner)
    assert _run(runner, tokens, [_entry("base", llama)], window=8, context=8) == EXIT_BAD_INPUT
    assert "minContext" in runner.events("error")[0]["message"]
    small = make_model(runner.folder / "small", vocab_size=100)
    assert _run(runner, tokens, [_entry("small", small)]) == EXIT_BAD_INPUT
    error = runner.events("error")[1]
    assert error["code"] == "token-out-of-range"
    at = re.search(r"document 4 at token (\d+) is token id (\d+)", error["message"])
    assert at
    assert int(ids[0][int(at[1])]) == int(at[2]) >= 100


def test_a_head_of_more_tokens_scores_the_same_corpus(runner: Runner, llama: Path) -> None:
    """A reference with added tokens: the ids that both have can be scored under both."""
    wider = make_model(runner.folder / "wider", vocab_size=VOCABULARY + 5)
    tokens, _ = _tokens(runner)
    assert _run(runner, tokens, [_entry("base", llama), _entry("extended", wider)]) == 0


def test_short_documents_share_batches(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    ids = [random.integers(1, VOCABULARY, 3 + number % 5) for number in range(60)]
    tokens = runner.table("tokens.arrow", TOKENS, [list(range(60)), ids, ids, ids])
    calls: list[int] = []
    plain = Scorer._hidden
    monkeypatch.setattr(Scorer, "_hidden", lambda self, part: calls.append(len(part)) or plain(self, part))
    assert _run(runner, tokens, [_entry("base", llama)]) == 0
    assert calls == [60]
    for number in (0, 4, 59):
        expected = _expected(llama, ids[number], 16, 5)[0]
        np.testing.assert_allclose(_scores(runner, "base")[number]["logit"], expected, rtol=1e-4, atol=1e-4)
