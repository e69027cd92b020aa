"""Tasks of lm-evaluation-harness: found by name, checked before anything of theirs runs, loaded; faults told by name.

Importing this module imports lm_eval, the worker's extra `evaluation`.
"""

from __future__ import annotations

import difflib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any
from unittest import mock

import datasets
import evaluate
from datasets.exceptions import DatasetNotFoundError
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled
from lm_eval.api.group import Group
from lm_eval.api.task import Task
from lm_eval.tasks import TaskManager
from lm_eval.tasks._index import Entry, Kind

from .code_eval import CodeEval
from .faults import Fault

log = logging.getLogger(__name__)

_CODE_METRIC = "code_eval"
_LONGEST_PATH = 1024
_UNREACHABLE = (DatasetNotFoundError, HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, ConnectionError)


class TaskLoader:
    """Finds and loads tasks. A task that could not be loaded once is not tried again: a dead network costs seconds."""

    def __init__(self, names: list[str], include: str | None, tokenizer: Path, allow_code: bool) -> None:
        """Index the task files: those of `include` alone where they have all that is asked for (14,000 others wait)."""
        self._allow_code = allow_code
        self._include = include
        self._faults: dict[str, Fault] = {}
        # Tasks that make their own prompts (RULER) measure them with the tokenizer they are told here.
        metadata: dict[str, Any] = {"pretrained": str(tokenizer)}
        if include is not None and not Path(include).is_dir():
            raise Fault(
                "ability-include-missing",
                f"The folder of tasks {include} does not exist.",
                "Correct evaluation.ability.include, or leave it out.",
            )
        if include is not None:
            self.manager = TaskManager(include_path=include, include_defaults=False, metadata=metadata)
            if all(self._is_complete(name) for name in names):
                return
        self.manager = TaskManager(include_path=include, metadata=metadata)

    def load(self, name: str) -> list[Task | Group]:
        """Load a task, group or tag, as simple_evaluate takes it. Raises a fault that names it."""
        if name not in self._faults:
            try:
                self._check(name)
                with working_folder(self._include), code_metric(self._allow_code):
                    loaded = self.manager.load([name])
                groups = loaded.get("groups", {})
                return [groups[name]] if name in groups else list(loaded["tasks"].values())
            except Exception as error:
                self._faults[name] = _fault_of(name, error)
        raise self._faults[name]

    def _check(self, name: str) -> None:
        """Raise a fault for a name that is not known, and for code that must not run: before any of it is imported."""
        index = self.manager.task_index
        if name not in index:
            close = difflib.get_close_matches(name, index, n=3)
            raise Fault(
                "ability-task-unknown",
                f"lm-evaluation-harness has no task {name}.",
                f"Did you mean {', '.join(close)}?"
                if close
                else "Correct evaluation.ability.tasks, or give its YAML "
                "file in the folder evaluation.ability.include.",
            )
        for entry in self._leaves(name):
            if entry is not None and (entry.cfg or {}).get("unsafe_code"):
                if not self._allow_code:
                    raise _code_refused(entry.name)
                if not _is_confined(entry.cfg):
                    raise Fault(
                        "ability-code-unconfined",
                        f"The task {entry.name} runs programs of the model in a way of its own, outside the sandbox.",
                        "Leave it out, or measure it with lm_eval itself inside a virtual machine.",
                    )

    def _is_complete(self, name: str) -> bool:
        return all(entry is not None for entry in self._leaves(name))

    def _leaves(self, name: str, above: tuple[str, ...] = ()) -> Iterator[Entry | None]:
        """Entries of all single tasks under a name; None for a name that the index lacks."""
        entry = self.manager.task_index.get(name)
        if entry is None or name in above:
            yield None
        elif entry.kind is Kind.TAG:
            for member in sorted(entry.tags):
                yield from self._leaves(member, (*above, name))
        elif entry.kind is Kind.GROUP:
            yield from self._members((entry.cfg or {}).get("task"), (*above, name))
        else:
            yield entry

    def _members(self, members: Any, above: tuple[str, ...]) -> Iterator[Entry | None]:
        for member in members if isinstance(members, list) else [members]:
            if isinstance(member, str):
                yield from self._leaves(member, above)
            elif isinstance(member, dict) and isinstance(member.get("task"), list):  # a group within the group's file
                yield from self._members(member["task"], above)
            elif isinstance(member, dict):
                name = str(member.get("task", member.get("group")))
                inline = Entry(name=name, kind=Kind.TASK, yaml_path=None, cfg=member)
                yield from self._leaves(name, above) if name in self.manager.task_index else [inline]


@contextmanager
def working_folder(folder: str | None) -> Iterator[None]:
    """Work in a folder: data files that a task's YAML names are looked for from there."""
    before = Path.cwd()
    try:
        if folder is not None:
            os.chdir(folder)
        yield
    finally:
        os.chdir(before)


@contextmanager
def code_metric(allowed: bool) -> Iterator[None]:
    """Put our `code_eval` in the place of the one that `evaluate` would download; refuse it without consent."""
    load: Callable[..., Any] = evaluate.load

    def load_metric(path: str, *arguments: Any, **fields: Any) -> Any:
        if path != _CODE_METRIC:
            return load(path, *arguments, **fields)
        if not allowed:
            raise _code_refused(None)
        return CodeEval()

    with mock.patch.object(evaluate, "load", load_metric):
        yield


def version() -> str:
    """Version of lm-evaluation-harness."""
    return metadata.version("lm_eval")


def quiet() -> None:
    """No bars and no report of every prompt: events carry the progress."""
    datasets.disable_progress_bars()
    logging.getLogger("lm_eval").setLevel(logging.WARNING)


def _is_confined(config: dict[str, Any]) -> bool:
    """Whether a task's programs go through `code_eval`: named as its metric, or by a module that its YAML names."""
    texts = list(_strings(config))
    # `!function utils.score` is read as FOLDER/utils.score.
    paths = [Path(text) for text in texts if len(text) < _LONGEST_PATH and "\n" not in text]
    modules = {path.with_suffix("").with_suffix(".py") for path in paths if path.is_absolute() and path.suffix}
    return _CODE_METRIC in texts or any(
        module.is_file() and _CODE_METRIC in module.read_text(encoding="utf-8") for module in modules
    )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _code_refused(name: str | None) -> Fault:
    return Fault(
        "ability-code-refused",
        f"{'A task' if name is None else f'The task {name}'} runs programs of the model; that was not allowed.",
        "Set evaluation.ability.allowCode to true if they may run on this machine: in a process of their own with "
        "limits of time, memory and files, without network.",
    )


def _fault_of(name: str, error: Exception) -> Fault:
    """What to tell of a task that could not be loaded."""
    if isinstance(error, Fault):
        return error
    said = " ".join(str(error).split())[:300] or type(error).__name__
    if isinstance(error, _UNREACHABLE):
        return Fault(
            "ability-data-missing",
            f"The data of the task {name} are not on this machine and could not be downloaded: {said}",
            "Run the evaluation once where there is a network, then copy the folder HF_HOME "
            "(~/.cache/huggingface); or give a task file with local data in evaluation.ability.include.",
        )
    if isinstance(error, FileNotFoundError):
        return Fault(
            "ability-data-missing",
            f"The task {name} names data that are not there: {said}",
            "Correct data_files in its YAML file; they are looked for from the folder evaluation.ability.include.",
        )
    if isinstance(error, ImportError):
        package = getattr(error, "name", None)
        return Fault(
            "ability-package-missing",
            f"The task {name} needs a Python package that is not installed: {said}",
            f"Install it: {sys.executable} -m pip install {package}" if package else "Install what it names.",
        )
    log.error("the task %s cannot be loaded", name, exc_info=error)
    return Fault(
        "ability-task-broken",
        f"The task {name} cannot be loaded: {type(error).__name__}: {said}",
        "Correct its YAML file or its data; the worker's log has the traceback.",
    )
