"""SLERP, TIES and DARE by mergekit's own functions, tensor by tensor: our streaming and checks hold for them too."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch
from torch import Tensor

from .faults import Fault

NEEDED = "0.1.5"
"""The version these calls are tested with."""


def slerp(base: Tensor, extended: Tensor, alpha: float) -> Tensor:
    """Spherical interpolation between two tensors, each taken as one direction."""
    function = _module("mergekit.merge_methods.slerp").slerp
    merged = function(torch.tensor([alpha]), base.float()[None], extended.float()[None])[0]
    return merged.to(base.dtype)


def ties(base: Tensor, extended: Tensor, alpha: float, density: float) -> Tensor:
    """TIES of one task vector: the largest `density` of the difference, scaled by alpha; its signs cannot conflict."""
    return _thinned(base, extended, alpha, density, "magnitude", None)


def dare(base: Tensor, extended: Tensor, alpha: float, density: float, seed: int) -> Tensor:
    """DARE: a random `density` of the difference, rescaled to its former size (mergekit: by its L1 norm)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _thinned(base, extended, alpha, density, "random", "l1")


def _thinned(base: Tensor, extended: Tensor, alpha: float, density: float, how: str, rescale: str | None) -> Tensor:
    module = _module("mergekit.sparsify")
    method = module.SparsificationMethod(how)
    norm = None if rescale is None else module.RescaleNorm(rescale)
    start = base.float()
    delta = module.sparsify(extended.float() - start, density=density, method=method, rescale_norm=norm)
    return (start + alpha * delta).to(base.dtype)


def require_mergekit() -> None:
    """Refuse where mergekit is absent or older than what was tested."""
    try:
        found = version("mergekit")
    except PackageNotFoundError:
        found = None
    if found is not None and _numbers(found) >= _numbers(NEEDED):
        return
    state = "is not installed" if found is None else f"is of version {found}"
    raise Fault(
        "mergekit-missing",
        f"This way of merging is mergekit's, which {state} in the worker's Python.",
        f'Install it: {sys.executable} -m pip install "mergekit>={NEEDED}", or take merge.method linear.',
    )


def _module(name: str) -> Any:
    require_mergekit()
    return importlib.import_module(name)


def _numbers(text: str) -> list[int]:
    return [int(part) if part.isdigit() else 0 for part in text.split(".")]
