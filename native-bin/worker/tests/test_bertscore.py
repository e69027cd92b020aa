from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from conftest import Runner
from encoders import make_encoder
from longrecipe_worker.faults import EXIT_BAD_INPUT
from longrecipe_worker.jobs import bertscore

PAIRS = pa.schema([("pair", pa.int32()), ("candidate", pa.string()), ("reference", pa.string())])
TEXTS = [
    ("The cat sat on the mat.", "A cat lay on the mat."),
    ("None", "He lived in Paris for two years."),
    ("He lived in Paris", "he lived in paris"),
    ("dog", "The quick brown fox, the cat, a dog."),
    ("the " * 50, "a dog lay in Paris " * 12),
    ("unknown words here", "The dog lay."),
]
# Precision, recall and F1 by bert-score 0.3.13: score() of one pair at a time, idf off, not rescaled.
GOLDEN = {
    ("bert", 2): [
        (0.988676, 0.929216, 0.958024),
        (0.842524, 0.669473, 0.746096),
        (1.0, 1.0, 1.0),
        (0.926187, 0.757473, 0.833377),
        (0.954897, 0.797135, 0.868913),
        (0.906075, 0.866138, 0.885657),
    ],
    ("bert", 3): [
        (0.996401, 0.966427, 0.981185),
        (0.954956, 0.899728, 0.92652),
        (1.0, 1.0, 1.0),
        (0.992001, 0.390364, 0.56026),
        (0.989965, 0.19302, 0.323052),
        (0.844989, 0.742859, 0.790639),
    ],
    ("roberta", 1): [
        (0.978486, 0.899221, 0.93718),
        (0.910696, 0.594817, 0.719618),
        (1.0, 1.0, 1.0),
        (0.930128, 0.676625, 0.783379),
        (0.920715, 0.722238, 0.809488),
        (0.872778, 0.761246, 0.813206),
    ],
    ("roberta", 3): [
        (0.997047, 0.961871, 0.979143),
        (0.975142, 0.924815, 0.949312),
        (1.0, 1.0, 1.0),
        (0.990117, 0.405748, 0.575612),
        (0.986117, 0.162028, 0.278324),
        (0.796804, 0.711161, 0.751551),
    ],
}


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("encoders")
    return {kind: make_encoder(folder / kind, kind) for kind in ("bert", "roberta")}


def _score(runner: Runner, model: Path, layer: int, texts: list[tuple[str, str]]) -> list[tuple[float, float, float]]:
    pairs = runner.table("pairs.arrow", PAIRS, [list(range(len(texts))), *map(list, zip(*texts, strict=True))])
    output = runner.folder / "scores.arrow"
    assert runner.run("bertscore", model=model, layer=layer, pairs=pairs, output=output) == 0
    rows = pa.ipc.open_file(pa.memory_map(str(output))).read_all().to_pylist()
    assert [row["pair"] for row in rows] == list(range(len(texts)))
    return [(row["precision"], row["recall"], row["f1"]) for row in rows]


@pytest.mark.parametrize(("kind", "layer"), GOLDEN)
def test_scores_are_those_of_the_package(runner: Runner, encoders: dict[str, Path], kind: str, layer: int) -> None:
    found = _score(runner, encoders[kind], layer, TEXTS)
    for ours, theirs in zip(found, GOLDEN[kind, layer], strict=True):
        assert ours == pytest.approx(theirs, abs=2e-5)


def test_scores_do_not_depend_on_what_is_scored_beside(
    runner: Runner, encoders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    together = _score(runner, encoders["bert"], 3, TEXTS)
    monkeypatch.setattr(bertscore, "PAIRS_AT_ONCE", 1)
    for ours, alone in zip(together, _score(runner, encoders["bert"], 3, TEXTS), strict=True):
        assert ours == pytest.approx(alone, abs=1e-5)


def test_an_empty_text_scores_nothing(runner: Runner, encoders: dict[str, Path]) -> None:
    assert _score(runner, encoders["bert"], 2, [("", "The cat."), ("The cat.", " ")]) == [(0, 0, 0), (0, 0, 0)]


def test_too_few_layers_are_told(runner: Runner, encoders: dict[str, Path]) -> None:
    pairs = runner.table("pairs.arrow", PAIRS, [[0], ["a"], ["b"]])
    output = runner.folder / "scores.arrow"
    assert runner.run("bertscore", model=encoders["bert"], layer=17, pairs=pairs, output=output) == EXIT_BAD_INPUT
    assert runner.events("error")[0]["code"] == "bertscore-layer"
    assert not output.exists()
