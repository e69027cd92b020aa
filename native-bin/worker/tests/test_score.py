from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from conftest import VOCABULARY, Runner, make_model
from longrecipe_worker.devices import Device
from longrecipe_worker.faults import EXIT_BAD_INPUT, EXIT_INTERRUPTED
from longrecipe_worker.jobs import score
from longrecipe_worker.models import load_model
from longrecipe_worker.scorer import Scorer
from longrecipe_worker.tables import TOKENS
from longrecipe_worker.windows import Span
from scoring import DOCUMENTS, LENGTHS, corpus_tokens, entry, expected_scores, run_score, scores_of


@pytest.mark.parametrize("budget", [4096, 20])
def test_scores_equal_the_definition(runner: Runner, llama: Path, budget: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longrecipe_worker.devices.Device.token_budget", budget)
    monkeypatch.setattr("longrecipe_worker.devices.Device.logits_budget", 4 * VOCABULARY * 3)
    tokens, ids = corpus_tokens(runner)
    other = make_model(runner.folder / "other", seed=3)
    assert run_score(runner, tokens, [entry("base", llama), entry("extended", other)]) == 0
    for name, folder in (("base", llama), ("extended", other)):
        scores = scores_of(runner, name)
        assert list(scores) == sorted(DOCUMENTS)
        for document, row in zip(DOCUMENTS, ids, strict=True):
            logit, logprob = expected_scores(folder, row, 16, 5)
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
    tokens, ids = corpus_tokens(runner)
    fields = {"context": 4} if stride is None else {"context": 4, "stride": stride}
    assert run_score(runner, tokens, [entry("long", llama), entry("short", llama, **fields)], window=64) == 0
    short = scores_of(runner, "short")[4]["logit"]
    np.testing.assert_allclose(short, expected_scores(llama, ids[0], 5, least)[0], rtol=1e-4, atol=1e-4)
    assert not np.allclose(short[10:], scores_of(runner, "long")[4]["logit"][10:], atol=1e-3)


def test_stride_one_is_exactly_the_context(runner: Runner, llama: Path) -> None:
    """By the definition: every token is predicted from the `context` tokens before it and nothing else."""
    tokens, ids = corpus_tokens(runner)
    assert run_score(runner, tokens, [entry("short", llama, context=6, stride=1)], window=64) == 0
    model = AutoModelForCausalLM.from_pretrained(llama)
    found = scores_of(runner, "short")[4]["logit"]
    for token in range(1, len(ids[0])):
        part = torch.from_numpy(ids[0][max(0, token - 6) : token].astype(np.int64))[None]
        with torch.no_grad():
            expected = model(part).logits[0, -1, int(ids[0][token])]
        assert found[token] == pytest.approx(float(expected), abs=1e-4), token


def test_a_stride_beyond_the_context_is_told(runner: Runner, llama: Path) -> None:
    tokens, _ = corpus_tokens(runner)
    assert run_score(runner, tokens, [entry("short", llama, context=6, stride=7)], window=64) == EXIT_BAD_INPUT
    assert "stride 7" in runner.events("error")[0]["message"]


def test_rescaled_rotary_parameters_change_scores(runner: Runner, llama: Path) -> None:
    tokens, _ = corpus_tokens(runner)
    rope = {"parameters": {"rope_type": "default", "rope_theta": 500.0}, "maxPositionEmbeddings": 128}
    rescaled = {"name": "rope", "model": {"path": str(llama), "rope": rope}}
    assert run_score(runner, tokens, [entry("base", llama), rescaled], window=64) == 0
    logits = {name: scores_of(runner, name)[4]["logit"][1:] for name in ("rope", "base")}
    assert not np.allclose(logits["rope"], logits["base"], atol=1e-3)
    model = load_model(rescaled["model"], torch.float32, torch.device("cpu"))
    assert model.config.max_position_embeddings == 128
    assert model.config.rope_parameters["rope_theta"] == 500.0


def test_finished_parts_are_kept(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "PART_COST", 16)
    tokens, _ = corpus_tokens(runner)
    models = [entry("base", llama)]
    scored: list[tuple[int, int]] = []
    plain = Scorer.score

    def stop_at_third(self: Scorer, spans: list[Span], check: object) -> object:
        scored.extend((span.row, span.end) for span in spans)
        if len(scored) == 3:
            (runner.control / "stop").touch()
        return plain(self, spans, check)

    monkeypatch.setattr(Scorer, "score", stop_at_third)
    assert run_score(runner, tokens, models) == EXIT_INTERRUPTED
    (runner.control / "stop").unlink()
    assert run_score(runner, tokens, models) == 0
    # The first document of 50 tokens reaches over several parts; only the one that was cut off is done again.
    first = [end for row, end in scored if row == 0]
    assert len(first) > 3
    assert first[2] == first[3]
    assert sorted({*first}) == first[:3] + first[4:]
    count = len(scored)
    assert run_score(runner, tokens, models) == 0
    assert len(scored) == count
    # Another job in the same folder must not take the tables of this one.
    assert run_score(runner, tokens, models, context=6) == 0
    assert len(scored) > count


def test_a_killed_worker_goes_on(runner: Runner, llama: Path) -> None:
    random = np.random.default_rng(0)
    ids = [random.integers(1, VOCABULARY, 3000) for _ in range(2)]
    empty = [np.zeros(3000)] * 2
    tokens = runner.table("tokens.arrow", TOKENS, [[0, 1], ids, empty, empty])
    fields = {"tokens": tokens, "models": [entry("base", llama)], "window": 16, "minContext": 5}
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
    expected = expected_scores(llama, ids[1], 16, 5)[0]
    np.testing.assert_allclose(scores_of(runner, "base")[1]["logit"], expected, rtol=1e-4, atol=1e-4)


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
    tokens, _ = corpus_tokens(runner)
    other = make_model(runner.folder / "other", seed=3)
    entries = [entry("base", llama, device="cuda:0"), entry("extended", other, device="cuda:1")]
    assert run_score(runner, tokens, entries) == 0
    side_by_side = {name: scores_of(runner, name) for name in ("base", "extended")}
    monkeypatch.undo()
    shutil.rmtree(runner.folder / "scores")
    assert run_score(runner, tokens, [entry("base", llama), entry("extended", other)]) == 0
    for name, scores in side_by_side.items():
        np.testing.assert_array_equal(scores[4]["logit"], scores_of(runner, name)[4]["logit"])


def test_a_head_of_more_tokens_scores_the_same_corpus(runner: Runner, llama: Path) -> None:
    """A reference with added tokens: the ids that both have can be scored under both."""
    wider = make_model(runner.folder / "wider", vocab_size=VOCABULARY + 5)
    tokens, _ = corpus_tokens(runner)
    assert run_score(runner, tokens, [entry("base", llama), entry("extended", wider)]) == 0


def test_short_documents_share_batches(runner: Runner, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    ids = [random.integers(1, VOCABULARY, 3 + number % 5) for number in range(60)]
    tokens = runner.table("tokens.arrow", TOKENS, [list(range(60)), ids, ids, ids])
    calls: list[int] = []
    plain = Scorer._hidden
    monkeypatch.setattr(Scorer, "_hidden", lambda self, part: calls.append(len(part)) or plain(self, part))
    assert run_score(runner, tokens, [entry("base", llama)]) == 0
    assert calls == [60]
    for number in (0, 4, 59):
        expected = expected_scores(llama, ids[number], 16, 5)[0]
        np.testing.assert_allclose(scores_of(runner, "base")[number]["logit"], expected, rtol=1e-4, atol=1e-4)
