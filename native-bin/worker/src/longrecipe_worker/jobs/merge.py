"""(1 - alpha) · base + alpha · extended over every tensor, one shard in memory at a time."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from ..context import Context
from ..export import complete_config, copy_tokenizer, finished_by, mark_finished
from ..faults import Fault
from ..files import atomic_folder, require_space
from ..job import Job, fingerprint
from ..models import load_config, locate, open_weights, weight_files

_SHOWN = 5


def run(job: Job, context: Context) -> None:
    """Write the merged checkpoint in the base's dtypes, with config and tokenizer of the extended model."""
    output = Path(job["output"])
    identity = fingerprint(job)
    if finished_by(output) == identity:
        return
    base, extended = Weights(locate(job["base"])), Weights(locate(job["extended"]))
    require_same_tensors(base, extended)
    require_space(output.parent, sum(file.stat().st_size for file in base.files))
    done, total = 0, len(extended.names)
    with atomic_folder(output) as beside:
        where: dict[str, str] = {}
        for file in extended.files:
            shard: dict[str, Tensor] = {}
            for name in extended.in_file(file):
                context.interrupts.check()
                shard[name] = merge_tensor(base.tensor(name), extended.tensor(name), job["alpha"], name)
                done += 1
                context.events.progress(done, total, "tensors")
            if shard:
                save_file(shard, beside / file.name, metadata={"format": "pt"})
                where |= dict.fromkeys(shard, file.name)
        if len(extended.files) > 1:
            index = {"metadata": {}, "weight_map": where}
            (beside / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
        (beside / "config.json").write_bytes((extended.folder / "config.json").read_bytes())
        copy_tokenizer(extended.folder, beside)
        complete_config(beside)
        mark_finished(beside, identity)


def merge_tensor(base: Tensor, extended: Tensor, alpha: float, name: str) -> Tensor:
    """Merge in float32, result in the base's dtype; exact at alpha 0 and 1. Integer tensors must agree."""
    if base.shape != extended.shape:
        raise _differ(f"{name} has the shape {list(base.shape)} in one and {list(extended.shape)} in the other")
    if not base.is_floating_point():
        if not torch.equal(base, extended):
            raise _differ(f"{name} holds whole numbers that differ")
        return extended
    return ((1.0 - alpha) * base.float() + alpha * extended.float()).to(base.dtype)


class Weights:
    """The tensors of a checkpoint, each read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        """Read the headers. A tied output head that is stored beside the embeddings is left out."""
        self.folder = folder
        self.files = weight_files(folder)
        self._handles = {file: open_weights(file) for file in self.files}
        self._file_of = {name: file for file, handle in self._handles.items() for name in handle.keys()}  # noqa: SIM118
        if load_config(folder).get_text_config().tie_word_embeddings:
            self._file_of = {name: file for name, file in self._file_of.items() if not name.endswith("lm_head.weight")}
        self.names = set(self._file_of)

    def in_file(self, file: Path) -> list[str]:
        """Names of the tensors of one file."""
        return [name for name, place in self._file_of.items() if place == file]

    def tensor(self, name: str) -> Tensor:
        """One tensor."""
        return self._handles[self._file_of[name]].get_tensor(name)


def require_same_tensors(base: Weights, extended: Weights) -> None:
    """Refuse checkpoints whose tensors have different names."""
    only = [
        f"only in the {label}: {', '.join(sorted(names)[:_SHOWN])}{' ...' if len(names) > _SHOWN else ''}"
        for label, names in (("base", base.names - extended.names), ("extended", extended.names - base.names))
        if names
    ]
    if only:
        raise _differ("; ".join(only))


def _differ(what: str) -> Fault:
    return Fault(
        "merge-differ",
        f"The two checkpoints cannot be merged: {what}.",
        "Merge a model with one that was trained from it; the architecture and the vocabulary must be the same.",
    )
