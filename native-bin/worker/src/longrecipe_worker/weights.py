"""The tensors of checkpoints, read one at a time, and whether two checkpoints can be merged."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from safetensors import safe_open
from torch import Tensor

from .faults import Fault
from .models import load_config, open_weights, weight_files

_SHOWN = 5
_HEADS = ("lm_head.weight", "embed_out.weight")


class Weights:
    """The tensors of a checkpoint, each read when it is asked for and kept by nobody."""

    def __init__(self, folder: Path) -> None:
        """Read the headers. A tied output head that is stored beside the embeddings is left out."""
        self.folder = folder
        self.files = weight_files(folder)
        self._file_of: dict[str, Path] = {}
        for file in self.files:
            with open_weights(file) as handle:
                self._file_of |= dict.fromkeys(handle.keys(), file)  # type: ignore[attr-defined]
        if load_config(folder).get_text_config().tie_word_embeddings:
            self._file_of = {name: file for name, file in self._file_of.items() if not name.endswith(_HEADS)}
        self.names = set(self._file_of)

    def in_file(self, file: Path) -> list[str]:
        """Names of the tensors of one file."""
        return [name for name, place in self._file_of.items() if place == file]

    def tensor(self, name: str) -> Tensor:
        """One tensor, in memory of its own."""
        # Not memory-mapped: pages of a mapped file count as this process's memory for as long as it is open.
        with safe_open(self._file_of[name], framework="pt", backend="pread") as handle:
            return handle.get_tensor(name)

    def shape(self, name: str) -> list[int]:
        """Shape of one tensor, from the header."""
        with open_weights(self._file_of[name]) as handle:
            return list(handle.get_slice(name).get_shape())


def require_same_tensors(base: Weights, extended: Weights) -> None:
    """Refuse checkpoints whose tensors have different names or shapes, before anything is written."""
    only = [
        f"only in the {label}: {_some(names)}"
        for label, names in (("base", base.names - extended.names), ("extended", extended.names - base.names))
        if names
    ]
    if only:
        raise differ("; ".join(only))
    for name in sorted(base.names):
        require_same_shape(name, base.shape(name), extended.shape(name))


def require_same_shape(name: str, base: Iterable[int], extended: Iterable[int]) -> None:
    """Refuse a tensor of two shapes; embeddings that differ in their rows alone are told as what they are."""
    one, other = list(base), list(extended)
    if one == other:
        return
    if len(one) == 2 and one[1:] == other[1:] and ("embed" in name or "lm_head" in name or ".wte." in name):
        raise differ(
            f"{name} has {one[0]} rows in the base and {other[0]} in the extended model: one has "
            f"{abs(one[0] - other[0])} added tokens"
        )
    raise differ(f"{name} has the shape {one} in the base and {other} in the extended model")


def differ(what: str) -> Fault:
    """Fault for checkpoints that cannot be merged."""
    return Fault(
        "merge-differ",
        f"The two checkpoints cannot be merged: {what}.",
        "Merge a model with one that was trained from it; the architecture and the vocabulary must be the same.",
    )


def _some(names: Any) -> str:
    return f"{', '.join(sorted(names)[:_SHOWN])}{' ...' if len(names) > _SHOWN else ''}"
