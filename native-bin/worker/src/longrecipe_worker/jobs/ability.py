"""General ability: tasks of EleutherAI's lm-evaluation-harness under one or more models, one model in memory at a time.

lm_eval builds the prompts and scores the answers; models are loaded by us, so that rescaled positions, adapters and
merges can be measured. Every task stands for itself: one that cannot be measured is reported as missing.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from ..ability_report import report_of, rows_of
from ..ability_store import AbilityStore
from ..context import Context
from ..devices import Device, choose_device
from ..faults import EXIT_DISK_FULL, EXIT_OUT_OF_MEMORY, Fault, Interrupted, classify
from ..job import Job, fingerprint
from ..models import load_model, load_tokenizer, locate, release_memory

if TYPE_CHECKING:
    from ..ability_model import AbilityModel
    from ..ability_tasks import TaskLoader

log = logging.getLogger(__name__)
_EXTRA = "evaluation"


def run(job: Job, context: Context) -> None:
    """Write abilities-NAME.arrow for each model; finished tasks and single answers are kept from an earlier start."""
    _require_extra()
    from .. import ability_tasks

    ability_tasks.quiet()
    version = ability_tasks.version()
    tasks = list(dict.fromkeys(job["tasks"]))
    output = Path(job["output"])
    open_models = []
    for entry in job["models"]:
        store = AbilityStore(output, entry["name"], _identity(job, entry, version), tasks)
        if not store.is_finished():
            open_models.append((entry, store))
    if not open_models:
        return
    device = choose_device(job["device"], job["precision"], context.events)
    loader = ability_tasks.TaskLoader(
        tasks, job.get("include"), locate(job["models"][0]["model"]["path"]), job["allowCode"]
    )
    for place, (entry, store) in enumerate(open_models):
        _Work(job, entry, store, tasks, loader, context, place, len(open_models)).run(device, version)


def _require_extra() -> None:
    """Raise a fault that says how to install lm_eval, where it is not."""
    try:
        import lm_eval  # noqa: F401
    except ImportError as error:
        raise Fault(
            "ability-extra-missing",
            "General ability is measured by lm-evaluation-harness, which is not installed in the worker's environment.",
            f"Install it with `longrecipe setup --extras {_EXTRA}` (in a clone: `npm run setup -- --extras {_EXTRA}`); "
            "into an interpreter of your own with pip install -r requirements-evaluation.lock.",
        ) from error


def _identity(job: Job, entry: dict[str, Any], version: str) -> str:
    """Identity of one model's answers: neither the other models nor the list of tasks changes them."""
    rest = {key: value for key, value in job.items() if key not in ("models", "tasks", "include", "batchSize", "seed")}
    files = []
    if "include" in job:
        folder = Path(job["include"])
        files = [
            [str(file.relative_to(folder)), file.stat().st_size, file.stat().st_mtime_ns]
            for file in sorted(folder.rglob("*"))
            if file.is_file() and "__pycache__" not in file.parts
        ]
    return fingerprint({**rest, "model": entry["model"], "files": files, "lmEval": version})


class _Work:
    """One model over all tasks."""

    def __init__(
        self,
        job: Job,
        entry: dict[str, Any],
        store: AbilityStore,
        tasks: list[str],
        loader: TaskLoader,
        context: Context,
        place: int,
        models: int,
    ) -> None:
        self._job = job
        self._entry = entry
        self._store = store
        self._tasks = tasks
        self._loader = loader
        self._context = context
        self._total = models * len(tasks)
        self._done = place * len(tasks)
        self._task = ""

    def run(self, device: Device, version: str) -> None:
        """Measure what is not finished, then write the table."""
        missing: list[dict[str, str]] = []
        model: AbilityModel | None = None
        unusable: Fault | None = None
        for task in self._tasks:
            self._context.interrupts.check()
            self._task = task
            if not self._store.has(task):
                try:
                    loaded = self._loader.load(task)
                    if unusable is not None:
                        raise unusable
                    if model is None:  # not where every task is at fault or finished
                        model = self._load(device)
                    self._measure(task, loaded, model)
                except Exception as error:
                    if model is None and isinstance(error, Fault) and not error.code.startswith("ability-"):
                        unusable = error  # it need not be tried again
                    missing.append(self._missing(task, error))
            self._done += 1
            self._tell(0, 1)
        del model
        release_memory(device)
        self._store.finish(self._tasks, version, missing)

    def _load(self, device: Device) -> AbilityModel:
        from ..ability_model import AbilityModel

        spec = self._entry["model"]
        tokenizer = load_tokenizer(locate(spec["path"]))
        if self._job["chatTemplate"] and tokenizer.chat_template is None:
            raise Fault(
                "ability-no-chat-template",
                f"The tokenizer of {self._entry['name']} has no chat template.",
                "Set evaluation.ability.chatTemplate to false.",
            )
        model = load_model(spec, device.dtype, device)
        window = model.config.get_text_config().max_position_embeddings
        length = min(window, self._job.get("maxLength", window))
        batch = self._job.get("batchSize")
        name = self._entry["name"]
        return AbilityModel(name, model, tokenizer, device, length, batch, self._store.answers(), self._on_answer)

    def _measure(self, task: str, loaded: list[Any], model: AbilityModel) -> None:
        from lm_eval import evaluator

        from ..ability_tasks import code_metric, working_folder

        model.cut.clear()
        # Both start processes (git, pip) to describe the machine.
        described = mock.patch.multiple(evaluator, add_env_info=lambda _: None, get_git_commit_hash=lambda: None)
        with described, working_folder(self._job.get("include")), code_metric(self._job["allowCode"]):
            results = evaluator.simple_evaluate(
                model=model,
                tasks=loaded,
                task_manager=self._loader.manager,  # else it reads all its task files again
                num_fewshot=self._job.get("fewShot"),
                limit=self._job.get("limit"),
                bootstrap_iters=0,
                log_samples=True,
                apply_chat_template=self._job["chatTemplate"],
                confirm_run_unsafe_code=self._job["allowCode"],
            )
        self._store.write(task, rows_of(results), report_of(task, results, model.cut))
        if model.cut:
            self._context.events.log(
                "warning",
                f"{self._entry['name']}: {len(model.cut)} prompts of {task} are longer than the {model.max_length} "
                "tokens that the model may see, and lost their beginning.",
            )

    def _on_answer(self, done: int, total: int) -> None:
        self._context.interrupts.check()
        self._tell(done, total)

    def _tell(self, done: int, total: int) -> None:
        share = self._done + (done / total if done < total else 0)
        self._context.events.progress(share, self._total, "tasks", f"{self._entry['name']}: {self._task}")

    def _missing(self, task: str, error: Exception) -> dict[str, str]:
        """What to tell of a task that was not measured. Raises what ends the whole job."""
        if isinstance(error, Interrupted):
            raise error
        fault = classify(error)
        if fault.exit_code == EXIT_DISK_FULL:
            raise error
        if fault.exit_code == EXIT_OUT_OF_MEMORY:
            remedy = "Lower evaluation.ability.batchSize or maxLength, then resume: what is answered is kept."
            raise Fault(fault.code, fault.message, remedy, fault.exit_code) from error
        if not isinstance(error, Fault):
            log.error("the task %s failed under %s", task, self._entry["name"], exc_info=error)
            said = " ".join(str(error).split())[:300]
            fault = Fault(
                "ability-task-failed",
                f"The task {task} failed: {type(error).__name__}: {said}",
                "The worker's log has the traceback; a task file of your own may be at fault.",
            )
        self._context.events.log("warning", f"{self._entry['name']}: {fault.message} {fault.remedy}")
        return {"task": task, "code": fault.code, "message": fault.message, "remedy": fault.remedy}
