"""Reading a job file: checked against the schema that is exported from src/protocol/jobs.ts."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from .faults import Fault

Job = dict[str, Any]

# What may differ between two starts of the same job; places do not matter, contents do.
_VOLATILE = ("events", "control", "device", "parentPid", "output", "validation")


def read_job(path: Path) -> Job:
    """Read and check a job. Raises a fault that names the file and the key."""
    try:
        job = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(
            "job-unreadable", f"The job file {path} cannot be read: {error}", "Give an existing file."
        ) from error
    except json.JSONDecodeError as error:
        raise Fault("job-invalid", f"The job file {path} is not JSON: {error}", "Correct the file.") from error
    _check(job, path)
    return job


def _check(job: Any, path: Path) -> None:
    schema = json.loads(resources.files(__package__).joinpath("job.schema.json").read_text(encoding="utf-8"))
    kinds = {branch["properties"]["kind"]["const"]: branch for branch in schema["oneOf"]}
    if not isinstance(job, dict) or job.get("kind") not in kinds:
        raise Fault(
            "job-invalid", f"{path}: kind must be one of {', '.join(sorted(kinds))}", "Correct the job file's kind."
        )
    # Checked against its own branch alone: the message then speaks of the key at fault, not of six schemas.
    error = best_match(Draft202012Validator(kinds[job["kind"]]).iter_errors(job))
    if error is not None:
        where = ".".join(str(part) for part in error.absolute_path) or "the job"
        raise Fault("job-invalid", f"{path}: {where}: {error.message}", "Correct the job file.")


def fingerprint(job: Job, *tables: str) -> str:
    """Identity of a job's work: its fields, the sizes of its tables and the names, sizes and times of local models.

    Unfinished work is only taken up, and finished work only kept, by a job of the same fingerprint. A run directory
    that was moved keeps its work, because paths do not count.
    """
    kept = {key: _identity(value) for key, value in job.items() if key not in _VOLATILE and key not in tables}
    sizes = [Path(job[name]).stat().st_size if Path(job[name]).exists() else None for name in tables]
    return hashlib.sha256(json.dumps([kept, sizes], sort_keys=True).encode()).hexdigest()[:16]


def _identity(value: Any) -> Any:
    """The value with local folders replaced by what is in them."""
    if isinstance(value, dict):
        return {key: _identity(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_identity(item) for item in value]
    if isinstance(value, str) and Path(value).is_dir():
        files = [file for pattern in ("*.json", "*.safetensors") for file in sorted(Path(value).glob(pattern))]
        return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files]
    return value
