"""HumanEval and GSM8K as lm-evaluation-harness defines them, on a document or two in place of the download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import lm_eval
import pyarrow as pa
import pytest

from conftest import Runner, make_model
from longrecipe_worker.ability_model import AbilityModel
from longrecipe_worker.ability_store import read_report
from longrecipe_worker.faults import EXIT_DONE

TASKS = Path(lm_eval.__file__).parent / "tasks"
_ADD = 'def add(a, b):\n    """Return the sum."""\n'
_DATA = {
    "openai/openai_humaneval": {
        "test": [
            {
                "task_id": "T/0",
                "prompt": _ADD,
                "canonical_solution": "    return a + b",
                "test": "def check(f):\n    assert f(2, 3) == 5",
                "entry_point": "add",
            },
        ]
        * 2
    },
    "openai/gsm8k": {
        "train": [{"question": f"What is {n} + 1?", "answer": f"It is {n + 1}.\n#### {n + 1}"} for n in range(8)],
        "test": [{"question": "What is 20 + 1?", "answer": "#### 21"}, {"question": "What is 3?", "answer": "#### 3"}],
    },
}


@pytest.fixture
def measure(runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Measure one of lm_eval's own tasks, its data and the model's answers given; returns the report and the rows."""
    model = make_model(tmp_path / "model", max_position_embeddings=4096)
    monkeypatch.setattr(
        datasets,
        "load_dataset",
        lambda path, **_: datasets.DatasetDict(
            {split: datasets.Dataset.from_list(rows) for split, rows in _DATA[path].items()}
        ),
    )

    def run(task: str, answers: list[str], **fields: Any) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
        prompts: list[str] = []

        def answer(_: AbilityModel, requests: list[Any], **__: Any) -> list[str]:
            prompts.extend(str(request.args[0]) for request in requests)
            return answers

        monkeypatch.setattr(AbilityModel, "generate_until", answer)
        job = {
            "models": [{"name": "base", "model": {"path": str(model)}}],
            "tasks": [task],
            # Their folder alone: all the others would be read, too.
            "include": TASKS / task,
            "chatTemplate": False,
            "allowCode": False,
            "output": runner.folder,
            **fields,
        }
        assert runner.run("ability", **job) == EXIT_DONE
        table = runner.folder / "abilities-base.arrow"
        return read_report(table), pa.ipc.open_file(pa.memory_map(str(table))).read_all().to_pylist(), prompts

    return run


def test_humaneval_runs_in_the_sandbox(measure: Any) -> None:
    # The second one would end the evaluation, and pass for nothing, if it ran inside it.
    report, rows, prompts = measure("humaneval", ["    return a + b", "    import os; os._exit(0)"], allowCode=True)
    assert report["missing"] == []
    assert [(row["metric"], row["score"]) for row in rows] == [("pass@1,create_test", 1.0), ("pass@1,create_test", 0.0)]
    assert prompts == [_ADD, _ADD]
    assert report["tasks"]["humaneval"]["version"] == "1.0"


def test_humaneval_without_consent_imports_nothing(measure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluate.load", lambda *_, **__: pytest.fail("its Python was imported"))
    report, rows, _ = measure("humaneval", [])
    assert ([missing["code"] for missing in report["missing"]], rows) == (["ability-code-refused"], [])


def test_gsm8k_with_its_examples_and_filters(measure: Any) -> None:
    report, rows, prompts = measure("gsm8k", [" It is 21.\n#### 21", " Surely 3"])
    assert report["tasks"]["gsm8k"]["fewShot"] == 5
    assert all(prompt.count("Question: ") == 6 for prompt in prompts)
    scores = {(row["metric"], row["document"]): row["score"] for row in rows}
    assert scores == {
        ("exact_match,strict-match", 0): 1.0,
        ("exact_match,strict-match", 1): 0.0,
        ("exact_match,flexible-extract", 0): 1.0,
        ("exact_match,flexible-extract", 1): 1.0,
    }
