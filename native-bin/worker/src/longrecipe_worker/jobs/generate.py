"""Greedy answers to token-id prompts, one model in memory at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from ..context import Context
from ..devices import Device, choose_device
from ..engines import vllm
from ..engines.greedy import Generator
from ..engines.plain import Plain
from ..engines.prompts import Answer, Engine, Lost, Outcome, Prompt
from ..engines.shared import SharedPrefixes, sharing_kinds
from ..faults import Fault, non_finite_logits
from ..job import Job, fingerprint
from ..models import release_memory
from ..tables import GENERATIONS, NumberLists, PartialTable, has_column, list_array, read_table

_SETTINGS = ("maxNewTokens", "stop")
"""Columns that prompts may have: settings of their own."""


def run(job: Job, context: Context) -> None:
    """Write generations-NAME.arrow for each model; finished batches are kept from an earlier start."""
    prompts = read_prompts(job["prompts"], job["maxNewTokens"])
    device = choose_device(job["device"], job["precision"], context.events)
    identity = fingerprint(job, "prompts")
    for place, entry in enumerate(job["models"]):
        output = Path(job["output"]) / f"generations-{entry['name']}.arrow"
        parts = PartialTable(output, GENERATIONS, identity)
        if not parts.is_finished():
            _Answering(job, entry, context, parts).run(prompts, device, place)
            parts.finish("prompt")
            release_memory(device)


class _Answering:
    """The answers of one model."""

    def __init__(self, job: Job, entry: dict[str, Any], context: Context, parts: PartialTable) -> None:
        self._job = job
        self._name: str = entry["name"]
        self._spec: dict[str, Any] = entry["model"]
        self._context = context
        self._parts = parts

    def run(self, prompts: list[Prompt], device: Device, place: int) -> None:
        """Answer what is not answered yet; `place`: models that are done."""
        finished = set(self._parts.rows().column("prompt").to_pylist())
        rest = [prompt for prompt in prompts if prompt.number not in finished]
        engine, window = self._engine(device, rest)
        fitting = self._fitting(rest, window)
        total = len(prompts) * len(self._job["models"])
        done = len(prompts) * (place + 1) - len(fitting)
        for outcomes in engine.answers(fitting, self._context.interrupts.check):
            self._keep(outcomes)
            done += len(outcomes)
            self._context.events.progress(done, total, "prompts", self._name)

    def _engine(self, device: Device, prompts: list[Prompt]) -> tuple[Engine, int | None]:
        """The engine with its model loaded, and the model's window."""
        longest = max((len(prompt.ids) + prompt.max_new_tokens for prompt in prompts), default=0)
        if vllm.is_chosen(self._job.get("engine", "auto"), self._spec, device):
            self._context.events.log("info", f"{self._name} is run by vLLM.")
            engine = vllm.VllmEngine.load(self._spec, device, longest, self._job["seed"])
            return engine, engine.window
        generator = Generator.load(self._spec, device)
        kinds = sharing_kinds(generator)
        if kinds is None:
            message = (
                f"{self._name}: its cache cannot be cropped, so beginnings that prompts share are computed for each."
            )
            self._context.events.log("info", message)
            return Plain(generator), generator.window
        return SharedPrefixes(generator, kinds), generator.window

    def _fitting(self, prompts: list[Prompt], window: int | None) -> list[Prompt]:
        """Prompts that are to be answered: those that are too long may be left out, with a warning each."""
        if window is None or self._job.get("onTooLong", "allow") == "allow":
            return prompts
        for prompt in prompts:
            if len(prompt.ids) > window:
                message = (
                    f"Prompt {prompt.number} has {len(prompt.ids):,} tokens, more than the window of {self._name} "
                    f"({window:,}): it is left out."
                )
                self._context.events.log("warning", message)
        return [prompt for prompt in prompts if len(prompt.ids) <= window]

    def _keep(self, outcomes: list[Outcome]) -> None:
        """Write the answers of a batch; what is lost is told, or ends the job once the answers are written."""
        answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
        if answers:
            self._parts.append(
                [
                    pa.array([answer.number for answer in answers], pa.int32()),
                    list_array([answer.ids for answer in answers], pa.int32()),
                    pa.array([answer.text for answer in answers], pa.string()),
                ]
            )
        for outcome in outcomes:
            if isinstance(outcome, Lost):
                message = f"The model {self._name} gives non-finite logits for prompt {outcome.number}"
                if self._job.get("onNonFinite", "fail") == "fail":
                    raise non_finite_logits(f"{message}.")
                self._context.events.log("warning", f"{message}: it is left out.")


def read_prompts(path: str, max_new_tokens: int) -> list[Prompt]:
    """The prompts table, with prompts' own settings. Raises a fault for one that cannot be answered."""
    table = read_table(path, ["prompt", "ids"])
    own = [name for name in _SETTINGS if has_column(path, name)]
    settings = read_table(path, own).to_pylist() if own else [{}] * table.num_rows
    ids = NumberLists(table.column("ids"))
    prompts = []
    for row, (number, own_settings) in enumerate(zip(table.column("prompt").to_pylist(), settings, strict=True)):
        limit = own_settings.get("maxNewTokens")
        if len(ids[row]) == 0:
            raise Fault("prompt-empty", f"Prompt {number} holds no tokens.", "Give prompts of at least one token.")
        if limit is not None and limit < 1:
            remedy = "Give at least 1, or null for the job's number."
            raise Fault("prompt-limit", f"Prompt {number} has maxNewTokens {limit}.", remedy)
        stops = tuple(text for text in own_settings.get("stop") or () if text)
        prompts.append(Prompt(number, ids[row], max_new_tokens if limit is None else limit, stops))
    return prompts
