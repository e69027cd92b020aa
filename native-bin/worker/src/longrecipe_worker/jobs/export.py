"""Base and extended model as ONNX graphs for the editor's scorer, checked against PyTorch on real tokens."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..context import Context
from ..faults import Fault
from ..files import atomic_folder, require_space, write_json
from ..job import Job
from ..models import load_model, locate
from ..onnx_check import CheckedWindow, Errors, check_windows, compare, rank_correlation, reference, require_close
from ..tables import NumberLists, read_table

_EXTERNAL_FROM = 1_500_000_000
"""Bytes of float32 weights from which they go into a file of their own: protobuf ends at 2 GB."""


def run(job: Job, context: Context) -> None:
    """Write the pair's folder (src/scorer/pair.ts), whole or not at all."""
    # A second of import each, and not part of every environment: only this job needs them.
    try:
        from ..onnx_formats import convert
        from ..onnx_graph import quietly, write_graph
    except ImportError as error:
        raise Fault(
            "export-packages",
            f"This Python lacks what writes ONNX: {error}",
            "Let LongRecipe make its own environment (longrecipe setup), "
            "or install onnx, onnxscript and onnxruntime into yours.",
        ) from error
    windows = _windows(job)
    found: dict[str, tuple[Errors, list[np.ndarray], list[np.ndarray]]] = {}
    manifests: dict[str, dict[str, Any]] = {}
    with atomic_folder(Path(job["output"])) as beside:
        for number, entry in enumerate(job["models"]):
            context.interrupts.check()
            name = entry["name"]
            context.events.progress(number, len(job["models"]), "models", name)
            model = load_model(entry["model"], torch.float32, torch.device("cpu"))
            size = sum(weight.numel() * 4 for weight in model.parameters())
            require_space(beside, 3 * size)
            file, plain = beside / f"{name}.onnx", beside / f"{name}.plain.onnx"
            expected = reference(model, windows)
            write_graph(model, plain, size > _EXTERNAL_FROM)
            vocabulary = model.config.get_text_config().vocab_size
            del model
            with quietly():
                convert(plain, file, job["format"], size > _EXTERNAL_FROM)
            for left in beside.glob(f"{plain.name}*"):
                left.unlink()
            errors, given = compare(file, windows, expected)
            require_close(name, job["format"], errors)
            found[name] = (errors, expected, given)
            manifests[name] = {"file": file.name, "window": entry["window"], "minContext": entry["minContext"]}
        agreement = _agreement(job["measure"], found)
        require_close("pair", job["format"], None, agreement)
        _copy_tokenizer(locate(job["models"][0]["model"]["path"]), beside)
        manifest = {
            "version": 1,
            "name": job["title"],
            "format": job["format"],
            "measure": job["measure"],
            **manifests,
            "vocabularySize": vocabulary,
            "hash": _hash(beside),
            "check": {
                "tokens": sum(len(window.ids) - 1 for window in windows),
                **{name: errors.summary() for name, (errors, _, _) in found.items()},
                "rankCorrelation": agreement,
            },
        }
        write_json(beside / "scorer.json", manifest)
    context.events.progress(len(job["models"]), len(job["models"]), "models", "")
    context.events.log("info", f"Significance ranks agree with PyTorch's: Spearman correlation {agreement:.5f}.")


def _windows(job: Job) -> list[CheckedWindow]:
    table = read_table(job["tokens"], ["ids"])
    return check_windows(NumberLists(table.column("ids")), min(entry["window"] for entry in job["models"]))


def _agreement(measure: str, found: dict[str, tuple[Errors, list[np.ndarray], list[np.ndarray]]]) -> float:
    """Spearman correlation of the pair's significance with what PyTorch gives."""
    column = 1 if measure == "logprob" else 0

    def significance(which: int) -> np.ndarray:
        base, extended = (np.concatenate([values[column] for values in found[name][which]]) for name in found)
        difference = extended - base
        return np.abs(difference) if measure == "absolute" else difference

    return rank_correlation(significance(1), significance(2))


def _copy_tokenizer(source: Path, target: Path) -> None:
    if not (source / "tokenizer.json").is_file():
        raise Fault(
            "export-tokenizer",
            f"The folder {source} holds no tokenizer.json, which the editor's scorer reads.",
            "Convert the tokenizer once: AutoTokenizer.from_pretrained(folder).save_pretrained(folder).",
        )
    for name in ("tokenizer.json", "tokenizer_config.json"):
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def _hash(folder: Path) -> str:
    """sha256 over names and contents: the pair's identity."""
    total = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        with file.open("rb") as stream:
            total.update(f"{file.name}\0{hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()
