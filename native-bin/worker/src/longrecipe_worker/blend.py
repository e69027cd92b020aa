"""How a tensor of the base and one of the extended model become one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import Tensor

from .faults import Fault
from .mergekit_methods import dare, slerp, ties
from .weights import differ, require_same_shape

_CHUNK = 2**24
"""Numbers merged at once: float32 copies of a whole embedding matrix would be most of the memory."""
_RANGES = re.compile(r"^\d+(-\d+)?(\s*,\s*\d+(-\d+)?)*$")
_LAYER = re.compile(r"\.(\d+)\.")


@dataclass(frozen=True)
class Blend:
    """A way of merging, with its shares."""

    method: str
    alpha: float
    """Share of the extended model, where no entry of `layers` says otherwise."""
    layers: tuple[tuple[str, float], ...]
    """Layers by number (`0-3,7`) or a glob of tensor names, and the share there; the last that fits counts."""
    density: float
    seed: int

    @staticmethod
    def of(settings: Mapping[str, Any]) -> Blend:
        """Read the fields of a merge job, or of a model's `merge`."""
        return Blend(
            settings.get("method", "linear"),
            settings["alpha"],
            tuple((entry["layers"], entry["alpha"]) for entry in settings.get("layers", [])),
            settings.get("density", 0.5),
            settings.get("seed", 0),
        )

    def require_used(self, names: Iterable[str]) -> None:
        """Refuse an entry of `layers` that fits no tensor: it would be a slip that nobody notices."""
        every = list(names)
        for place, (pattern, _) in enumerate(self.layers):
            if not any(_fits(pattern, name) for name in every):
                raise Fault(
                    "merge-layers",
                    f"merge.layers[{place}]: `{pattern}` fits no tensor of the model; "
                    f"its first are {', '.join(sorted(every)[:3])}.",
                    "Give layer numbers such as 0-3, or a glob of tensor names such as *.mlp.*.",
                )

    def share(self, name: str) -> float:
        """Share of the extended model in a tensor."""
        found = self.alpha
        for pattern, alpha in self.layers:
            if _fits(pattern, name):
                found = alpha
        return found

    def tensor(self, base: Tensor, extended: Tensor, name: str) -> Tensor:
        """Merge in float32, result in the base's dtype. Linear is exact at 0 and 1. Whole numbers must agree."""
        require_same_shape(name, base.shape, extended.shape)
        if not base.is_floating_point():
            if not torch.equal(base, extended):
                raise differ(f"{name} holds whole numbers that differ")
            return extended
        alpha = self.share(name)
        if self.method == "slerp":
            return slerp(base, extended, alpha)
        if self.method == "ties":
            return ties(base, extended, alpha, self.density)
        if self.method == "dare":
            return dare(base, extended, alpha, self.density, self._seed(name))
        return linear(base, extended, alpha)

    def _seed(self, name: str) -> int:
        """One seed a tensor: what is dropped does not depend on the order in which tensors are merged."""
        return int.from_bytes(hashlib.sha256(f"{self.seed}/{name}".encode()).digest()[:8], "little") >> 1


def linear(base: Tensor, extended: Tensor, alpha: float) -> Tensor:
    """(1 - alpha) · base + alpha · extended, in float32 chunk by chunk."""
    merged = torch.empty_like(base, memory_format=torch.contiguous_format)
    parts = zip(
        merged.view(-1).split(_CHUNK), base.reshape(-1).split(_CHUNK), extended.reshape(-1).split(_CHUNK), strict=True
    )
    for into, one, other in parts:
        into.copy_((1.0 - alpha) * one.float() + alpha * other.float())
    return merged


def _fits(pattern: str, name: str) -> bool:
    if not _RANGES.match(pattern):
        return fnmatchcase(name, pattern)
    found = _LAYER.search(name)
    if found is None:
        return False
    for piece in pattern.split(","):
        first, _, last = piece.strip().partition("-")
        if int(first) <= int(found[1]) <= int(last or first):
            return True
    return False
