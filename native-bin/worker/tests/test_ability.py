"""General ability by lm-evaluation-harness, on local tasks: scores, faults, consent, going on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import datasets
import lm_eval
import pyarrow as pa
import pytest
import torch
from huggingface_hub import constants
from lm_eval.tasks import TaskManager
from transformers import AutoModelForCausalLM, AutoTokenizer

from ability_folder import CHOICES, WORDS, make_tasks
from conftest import Runner, make_model
from longrecipe_worker import ability_model, ability_tasks
from longrecipe_worker.ability_store import Answers, read_report
from longrecipe_worker.code_eval import CodeEval
from longrecipe_worker.faults import EXIT_BAD_INPUT, EXIT_DONE, EXIT_INTERRUPTED


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "datasets"))
    # Read when they were imported. Without them a dead network is tried for twenty seconds.
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return make_tasks(tmp_path / "tasks")


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose window holds the prompts."""
    return make_model(tmp_path_factory.mktemp("models") / "roomy", max_position_embeddings=128)


def _run(runner: Runner, tasks: Path, names: list[str], models: dict[str, Any], **fields: Any) -> int:
    specs = {name: model if isinstance(model, dict) else {"path": str(model)} for name, model in models.items()}
    job = {
        "models": [{"name": name, "model": spec} for name, spec in specs.items()],
        "tasks": names,
        "include": tasks,
        "chatTemplate": False,
        "allowCode": False,
        "output": runner.folder,
        **fields,
    }
    return runner.run("ability", **job)


def _rows(runner: Runner, name: str = "base") -> list[dict[str, Any]]:
    return pa.ipc.open_file(pa.memory_map(str(runner.folder / f"abilities-{name}.arrow"))).read_all().to_pylist()


def _report(runner: Runner, name: str = "base") -> dict[str, Any]:
    return read_report(runner.folder / f"abilities-{name}.arrow")


def _logprob(folder: Path, context: str, continuation: str) -> float:
    """By transformers alone."""
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    whole = tokenizer(context + continuation, return_tensors="pt").input_ids
    first = len(tokenizer(context).input_ids)
    with torch.no_grad():
        logprobs = model(whole).logits.log_softmax(-1)
    return float(sum(logprobs[0, at - 1, whole[0, at]] for at in range(first, whole.shape[1])))


def test_choices_score_as_transformers_says(runner: Runner, tasks: Path, roomy: Path) -> None:
    assert _run(runner, tasks, ["local_choice"], {"base": roomy}) == EXIT_DONE
    rows = _rows(runner)
    assert [(row["metric"], row["document"]) for row in rows] == [
        (metric, document) for metric in ("acc,none", "acc_norm,none") for document in range(3)
    ]
    for row, question in zip(rows, CHOICES, strict=False):
        expected = [_logprob(roomy, question["question"], f" {choice}") for choice in question["choices"]]
        told = [logprob for logprob, _ in json.loads(row["answer"])]
        assert told == pytest.approx(expected, abs=1e-3)
        assert row["score"] == float(expected.index(max(expected)) == question["answer"])
    report = _report(runner)
    facts = report["tasks"]["local_choice"]
    assert (facts["version"], facts["fewShot"], facts["documents"], facts["measured"]) == ("2.5", 0, 3, 3)
    assert facts["metrics"]["acc,none"] == pytest.approx(sum(row["score"] for row in rows[:3]) / 3)
    assert facts["higherIsBetter"] == {"acc": True, "acc_norm": True}
    assert (report["lmEval"], report["missing"]) == (ability_tasks.version(), [])


def test_answers_are_those_of_lm_eval_alone(runner: Runner, tasks: Path, roomy: Path) -> None:
    """Batches by length, kept answers and our loader change nothing: HFLM itself loads the folder, one by one."""
    assert _run(runner, tasks, ["local_choice", "local_words"], {"base": roomy}) == EXIT_DONE
    with ability_tasks.working_folder(str(tasks)):
        results = lm_eval.simple_evaluate(
            model="hf",
            model_args={"pretrained": str(roomy), "dtype": "float32"},
            tasks=["local_choice", "local_words"],
            task_manager=TaskManager(include_path=tasks, include_defaults=False),
            device="cpu",
            batch_size=1,
            bootstrap_iters=0,
        )
    ours = {(row["task"], row["metric"], row["document"]): row for row in _rows(runner)}
    theirs = {
        (task, f"{metric},none", sample["doc_id"]): (sample[metric], sample["filtered_resps"])
        for task, samples in results["samples"].items()
        for sample in samples
        for metric in sample["metrics"]
    }
    assert ours.keys() == theirs.keys()
    for key, (score, answers) in theirs.items():
        assert ours[key]["score"] == score
        if key[0] == "local_words":
            assert ours[key]["answer"] == answers[0]
        else:
            told = [logprob for logprob, _ in json.loads(ours[key]["answer"])]
            assert told == pytest.approx([logprob for logprob, _ in answers], abs=1e-4)


def test_a_limit_and_examples_are_kept_to_and_told(runner: Runner, tasks: Path, roomy: Path) -> None:
    assert _run(runner, tasks, ["local_group"], {"base": roomy}, limit=1, fewShot=1) == EXIT_DONE
    report = _report(runner)
    assert {name: (facts["measured"], facts["fewShot"]) for name, facts in report["tasks"].items()} == {
        # A task that says 0 itself keeps it: that is lm_eval's rule.
        "local_choice": (1, 0),
        "local_words": (1, 1),
    }
    group = report["groups"]["local_group"]
    assert (group["version"], group["tasks"]) == ("3.0", ["local_choice", "local_words"])
    assert group["metrics"]["acc,none"] == report["tasks"]["local_choice"]["metrics"]["acc,none"]
    assert {row["task"] for row in _rows(runner)} == {"local_choice", "local_words"}


def test_rescaled_positions_change_answers(runner: Runner, tasks: Path, roomy: Path) -> None:
    rope = {"parameters": {"rope_theta": 50.0}, "maxPositionEmbeddings": 256}
    models = {"base": roomy, "rope": {"path": str(roomy), "rope": rope}}
    assert _run(runner, tasks, ["local_choice"], models) == EXIT_DONE
    assert [row["answer"] for row in _rows(runner, "base")] != [row["answer"] for row in _rows(runner, "rope")]


def test_each_fault_names_its_task_and_the_rest_goes_on(runner: Runner, tasks: Path, roomy: Path) -> None:
    faults = {
        "local_code": ("ability-code-refused", "allowCode"),
        "local_own_code": ("ability-code-refused", "allowCode"),
        "local_no_data": ("ability-data-missing", "include"),
        "local_from_hub": ("ability-data-missing", "HF_HOME"),
        "local_no_package": ("ability-package-missing", "a_package_that_nobody_has"),
        "local_broken": ("ability-task-broken", "log"),
    }
    assert _run(runner, tasks, [*faults, "local_words"], {"base": roomy}) == EXIT_DONE
    found = {missing["task"]: missing for missing in _report(runner)["missing"]}
    assert set(found) == set(faults)
    for task, (code, part) in faults.items():
        assert found[task]["code"] == code, found[task]
        assert task in found[task]["message"]
        assert part in found[task]["remedy"]
    assert {row["task"] for row in _rows(runner)} == {"local_words"}
    # Told in the run's history, too.
    told = [event["message"] for event in runner.events("log") if event["level"] == "warning"]
    assert all(any(task in message for message in told) for task in faults)


def test_an_unknown_task_is_refused_with_what_was_meant(
    runner: Runner, tasks: Path, roomy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = ability_tasks.TaskManager
    # All 14,000 task files of lm_eval would be read for a name that nobody has.
    monkeypatch.setattr(ability_tasks, "TaskManager", lambda **fields: manager(**{**fields, "include_defaults": False}))
    assert _run(runner, tasks, ["local_chocie"], {"base": roomy}) == EXIT_DONE
    (missing,) = _report(runner)["missing"]
    assert (missing["code"], "local_choice" in missing["remedy"]) == ("ability-task-unknown", True)


def test_code_runs_with_consent_alone_and_in_the_sandbox(
    runner: Runner, tasks: Path, roomy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    compute = CodeEval.compute
    monkeypatch.setattr(CodeEval, "compute", lambda self, **fields: calls.append(fields) or compute(self, **fields))
    assert _run(runner, tasks, ["local_code", "local_own_code"], {"base": roomy}, allowCode=True) == EXIT_DONE
    (row,) = _rows(runner)
    assert (row["task"], row["metric"], row["score"]) == ("local_code", "pass_at_1,program", 1.0)
    assert calls[0]["references"] == ["assert one() == 1"]
    (missing,) = _report(runner)["missing"]
    assert (missing["task"], missing["code"]) == ("local_own_code", "ability-code-unconfined")


def test_a_chat_is_asked_with_the_template_of_the_tokenizer(
    runner: Runner, tasks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat, plain = (make_model(tmp_path / name, max_position_embeddings=128) for name in ("chat", "plain"))
    tokenizer = AutoTokenizer.from_pretrained(chat)
    tokenizer.chat_template = (
        "{% for message in messages %}<{{ message.role }}>{{ message.content }}{% endfor %}<answer>"
    )
    tokenizer.save_pretrained(chat)
    asked: list[str] = []
    encode = ability_model.AbilityModel.tok_batch_encode

    def noted(self: Any, strings: list[str], *rest: Any, **fields: Any) -> Any:
        asked.extend(strings)
        return encode(self, strings, *rest, **fields)

    monkeypatch.setattr(ability_model.AbilityModel, "tok_batch_encode", noted)
    assert _run(runner, tasks, ["local_words"], {"chat": chat, "plain": plain}, chatTemplate=True) == EXIT_DONE
    assert sorted(asked) == sorted(f"<user>{row['text']}<answer>" for row in WORDS)
    assert [missing["code"] for missing in _report(runner, "plain")["missing"]] == ["ability-no-chat-template"]


def test_prompts_that_do_not_fit_are_counted(runner: Runner, tasks: Path, roomy: Path) -> None:
    assert _run(runner, tasks, ["local_choice", "local_words"], {"base": roomy}, maxLength=8) == EXIT_DONE
    facts = _report(runner)["tasks"]
    tokenizer = AutoTokenizer.from_pretrained(roomy)
    # Four of the eight tokens are for the answer.
    long = sum(len(tokenizer(row["text"]).input_ids) > 4 for row in WORDS)
    assert (long > 0, facts["local_words"]["cut"]) == (True, long)
    assert facts["local_choice"]["cut"] > 0
    assert any("lost their beginning" in event["message"] for event in runner.events("log"))


def test_whole_texts_have_no_score_a_document_but_an_aggregate(runner: Runner, tasks: Path, roomy: Path) -> None:
    assert _run(runner, tasks, ["local_rolling"], {"base": roomy}) == EXIT_DONE
    assert _rows(runner) == []
    perplexity = _report(runner)["tasks"]["local_rolling"]["metrics"]["word_perplexity,none"]
    assert perplexity > 1


@pytest.mark.parametrize("task", ["local_choice", "local_words"])
def test_non_finite_logits_name_the_document_and_other_models_go_on(
    runner: Runner, tasks: Path, roomy: Path, tmp_path: Path, task: str
) -> None:
    broken = tmp_path / "broken"
    model = AutoModelForCausalLM.from_pretrained(roomy)
    with torch.no_grad():
        model.model.layers[1].mlp.down_proj.weight[0, 0] = float("nan")
    model.save_pretrained(broken)
    AutoTokenizer.from_pretrained(roomy).save_pretrained(broken)
    assert _run(runner, tasks, [task], {"bad": broken, "base": roomy}) == EXIT_DONE
    (missing,) = _report(runner, "bad")["missing"]
    assert missing["code"] == "non-finite"
    assert f"of {task}" in missing["message"]
    assert _rows(runner, "bad") == []
    assert _report(runner, "base")["missing"] == []


def test_a_model_that_cannot_be_loaded_leaves_the_others(runner: Runner, tasks: Path, roomy: Path) -> None:
    models = {"gone": roomy.with_name("gone"), "base": roomy}
    # The first model's tokenizer is the one that tasks measure with, so it must be there.
    assert _run(runner, tasks, ["local_choice"], models) == EXIT_BAD_INPUT
    assert _run(runner, tasks, ["local_choice"], dict(reversed(models.items()))) == EXIT_DONE
    assert [missing["code"] for missing in _report(runner, "gone")["missing"]] == ["model-missing"]
    assert len(_rows(runner, "base")) == 6


def test_goes_on_after_the_last_answer(
    runner: Runner, tasks: Path, roomy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    generate = ability_model.AbilityModel._model_generate

    def counted(self: Any, context: torch.Tensor, *rest: Any, **fields: Any) -> torch.Tensor:
        if asked:
            (runner.control / "pause").touch()
        asked.append(len(context))
        return generate(self, context, *rest, **fields)

    monkeypatch.setattr(ability_model.AbilityModel, "_model_generate", counted)
    names = ["local_choice", "local_words"]
    assert _run(runner, tasks, names, {"base": roomy}, batchSize=1) == EXIT_INTERRUPTED
    assert not (runner.folder / "abilities-base.arrow").exists()
    (runner.control / "pause").unlink()
    monkeypatch.setattr(ability_model.AbilityModel, "_model_generate", generate)
    measured = []
    monkeypatch.setattr(
        ability_model.AbilityModel,
        "_model_call",
        lambda *_, **__: measured.append(1) or pytest.fail("a finished task was measured again"),
    )
    assert _run(runner, tasks, names, {"base": roomy}, batchSize=1) == EXIT_DONE
    # Both answers were kept before the end was seen: nothing was left to ask.
    assert asked == [1, 1]
    rows = _rows(runner)
    assert len(rows) == 8
    assert not list(runner.folder.glob(".abilities-*"))
    # A finished job does nothing, and a further task costs only itself.
    before = (runner.folder / "abilities-base.arrow").stat().st_mtime_ns
    assert _run(runner, tasks, names, {"base": roomy}, batchSize=1) == EXIT_DONE
    assert (runner.folder / "abilities-base.arrow").stat().st_mtime_ns == before


def test_what_was_missing_is_tried_again(runner: Runner, tasks: Path, roomy: Path) -> None:
    assert _run(runner, tasks, ["local_words", "local_no_data"], {"base": roomy}) == EXIT_DONE
    assert [missing["task"] for missing in _report(runner)["missing"]] == ["local_no_data"]
    (tasks / "data" / "nothing.jsonl").write_text(json.dumps(WORDS[0]) + "\n")
    assert _run(runner, tasks, ["local_words", "local_no_data"], {"base": roomy}) == EXIT_DONE
    assert _report(runner)["missing"] == []
    assert {row["task"] for row in _rows(runner)} == {"local_words", "local_no_data"}


def test_without_the_extra_the_command_is_told(
    runner: Runner, tasks: Path, roomy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lm_eval", None)
    assert _run(runner, tasks, ["local_words"], {"base": roomy}) == EXIT_BAD_INPUT
    (error,) = runner.events("error")
    assert error["code"] == "ability-extra-missing"
    assert "longrecipe setup --extras evaluation" in error["remedy"]


def test_torn_answers_are_dropped(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    first, second = Answers.key("a", ["x"]), Answers.key("a", ["y"])
    Answers(file).add(first, "whole")
    file.write_bytes(file.read_bytes() + b'["' + second.encode()[:5])
    answers = Answers(file)
    assert (answers[first], second in answers) == ("whole", False)
    answers.add(second, [1.5, True])
    assert Answers(file)[second] == [1.5, True]
