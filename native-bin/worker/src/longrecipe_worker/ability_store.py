"""What one model has answered so far: every answer, every finished task, and the table at the end."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from .tables import identity_of, read_part, table_writer

ABILITIES = pa.schema(
    [
        ("task", pa.string()),
        ("metric", pa.string()),
        ("document", pa.int32()),
        ("score", pa.float32()),
        ("answer", pa.string()),
        ("target", pa.string()),
    ]
)
_REPORT = b"longrecipe.ability"
_IDENTITY = b"longrecipe.job"


class AbilityStore:
    """abilities-NAME.arrow, and beside it, until nothing is missing, a hidden folder with what is finished."""

    def __init__(self, output: Path, name: str, identity: str, tasks: list[str]) -> None:
        """Take up what an earlier start left for the same identity; drop that of another. Tasks may have been added."""
        self._table = output / f"abilities-{name}.arrow"
        self._identity = f"{identity}-{_digest(sorted(tasks))}"
        self._folder = output / f".abilities-{name}.{identity}.parts"
        for other in output.glob(f".abilities-{name}.*.parts"):
            if other != self._folder:
                shutil.rmtree(other)

    def is_finished(self) -> bool:
        """Whether the table is there, of the same identity, with nothing missing."""
        return identity_of(self._table) == self._identity and not read_report(self._table)["missing"]

    def answers(self) -> Answers:
        """Answers to single questions."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return Answers(self._folder / "answers.jsonl")

    def has(self, task: str) -> bool:
        """Whether a task is finished."""
        return self._part(task).exists()

    def write(self, task: str, rows: list[dict[str, Any]], report: dict[str, Any]) -> None:
        """Keep a finished task."""
        self._write(self._part(task), pa.Table.from_pylist(rows, schema=ABILITIES), report, self._identity)

    def finish(self, tasks: list[str], version: str, missing: list[dict[str, str]]) -> None:
        """Write the table. Where something is missing the parts stay: a later start needs to do the rest only."""
        parts = [self._part(task) for task in tasks if self.has(task)]
        reports = [read_report(part) for part in parts]
        seen: set[str] = set()
        tables = [ABILITIES.empty_table()]
        for part, report in zip(parts, reports, strict=True):
            # A task that was asked for by itself and within a group stands there once.
            new = [name not in seen for name in read_part(part).column("task").to_pylist()]
            tables.append(read_part(part).filter(pa.array(new, pa.bool_())))
            seen.update(report["tasks"])
        joined = {
            "lmEval": version,
            "tasks": {name: facts for report in reports for name, facts in report["tasks"].items()},
            "groups": {name: facts for report in reports for name, facts in report["groups"].items()},
            "missing": missing,
        }
        self._write(self._table, pa.concat_tables(tables), joined, self._identity)
        if not missing:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _part(self, task: str) -> Path:
        return self._folder / f"{_digest(task)}.arrow"

    @staticmethod
    def _write(path: Path, rows: pa.Table, report: dict[str, Any], identity: str) -> None:
        noted = ABILITIES.with_metadata({_IDENTITY: identity, _REPORT: json.dumps(report, allow_nan=False)})
        path.parent.mkdir(parents=True, exist_ok=True)
        with table_writer(path, noted) as writer:
            writer.write_table(rows.replace_schema_metadata(noted.metadata))


def read_report(path: Path) -> dict[str, Any]:
    """The report in a table's metadata: abilityReport in src/protocol/tables.ts (a part has no `missing`)."""
    metadata = pa.ipc.open_file(pa.memory_map(str(path))).schema.metadata or {}
    return {"missing": [], **json.loads(metadata[_REPORT])}


class Answers:
    """Answers by question, a line each as soon as they are there: a kill costs at most one batch.

    lm_eval's own cache is a database of pickles, which can run code when they are read.
    """

    def __init__(self, path: Path) -> None:
        """Read what an earlier start left; a line that was cut off is dropped."""
        self._path = path
        self._known: dict[str, Any] = {}
        text = path.read_bytes() if path.exists() else b""
        whole = text[: text.rfind(b"\n") + 1]
        for line in whole.splitlines():
            key, answer = json.loads(line)
            self._known[key] = answer
        if len(whole) < len(text):
            path.write_bytes(whole)

    @staticmethod
    def key(kind: str, arguments: Iterable[Any]) -> str:
        """Name of a question: kind of request and its arguments."""
        return _digest([kind, *arguments])

    def __contains__(self, key: str) -> bool:
        """Whether a question is answered."""
        return key in self._known

    def __getitem__(self, key: str) -> Any:
        """The answer, as JSON gives it back."""
        return self._known[key]

    def add(self, key: str, answer: Any) -> None:
        """Keep an answer."""
        if key in self._known:
            return
        self._known[key] = answer
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([key, answer], allow_nan=False) + "\n")


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:24]
