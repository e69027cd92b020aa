"""Checkpoints of a training: whole or not there, exact to the last bit, free of pickle.

A checkpoint is a folder step-N: weights.safetensors (trained weights), optimizer.safetensors (moments),
random.safetensors (generator states) and state.json (step, identity of the job, size of each file).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from .events import EventLog
from .faults import Fault
from .files import atomic_folder, require_space

_STATE = "state.json"


class Checkpoints:
    """The checkpoints of one training in one folder."""

    def __init__(self, folder: Path, identity: str, keep: int, events: EventLog) -> None:
        """`identity` is the job's fingerprint; the newest `keep` checkpoints stay."""
        self._folder = folder
        self._identity = identity
        self._keep = keep
        self._events = events

    def save(self, step: int, model: nn.Module, optimizer: Optimizer) -> Path:
        """Write the state after `step` optimizer steps, then drop the oldest checkpoints."""
        weights = trained_weights(model)
        moments = _moments(weights, optimizer)
        require_space(self._folder, sum(t.numel() * t.element_size() for t in [*weights.values(), *moments.values()]))
        path = self._folder / f"step-{step}"
        with atomic_folder(path) as beside:
            _save(weights, beside / "weights.safetensors")
            _save(moments, beside / "optimizer.safetensors")
            _save(_random_state(), beside / "random.safetensors")
            sizes = {file.name: file.stat().st_size for file in beside.iterdir()}
            state = {"version": 1, "step": step, "job": self._identity, "sizes": sizes}
            (beside / _STATE).write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
        for old in self._found()[self._keep :]:
            shutil.rmtree(old)
        self._events.emit("checkpoint", step=step, path=str(path))
        return path

    def restore(self, model: nn.Module, optimizer: Optimizer) -> int:
        """Bring back the newest whole checkpoint; returns its step, or 0 where there is none."""
        for path in self._found():
            try:
                step = self._load(path, model, optimizer)
            except (OSError, ValueError, KeyError, SafetensorError) as error:
                self._events.log("warning", f"The checkpoint {path} is damaged ({error}); an older one is taken.")
                continue
            self._events.log("info", f"Resumed from {path}.")
            return step
        return 0

    def clear(self) -> None:
        """Remove all checkpoints, once the trained model is in place."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _found(self) -> list[Path]:
        """Checkpoint folders, the newest first."""
        found = [path for path in self._folder.glob("step-*") if path.name.removeprefix("step-").isdigit()]
        return sorted(found, key=lambda path: int(path.name.removeprefix("step-")), reverse=True)

    def _load(self, path: Path, model: nn.Module, optimizer: Optimizer) -> int:
        state = json.loads((path / _STATE).read_text(encoding="utf-8"))
        for name, size in state["sizes"].items():
            if (path / name).stat().st_size != size:
                raise ValueError(f"{name} is not whole")
        if state["job"] != self._identity:
            raise Fault(
                "checkpoint-foreign",
                f"The checkpoint {path} belongs to a training with other settings, samples or base model.",
                f"Remove {self._folder} to train anew, or bring the settings back.",
            )
        # Everything is read before anything is changed: a damaged file leaves the model as it was.
        weights, moments, random = (
            load_file(path / f"{name}.safetensors") for name in ("weights", "optimizer", "random")
        )
        own = trained_weights(model)
        if own.keys() != weights.keys():
            raise ValueError("its weights are not those of this model")
        _restore_moments(own, moments, optimizer)
        with torch.no_grad():
            for name, weight in own.items():
                weight.copy_(weights[name])
        _restore_random_state(random)
        return int(state["step"])


def trained_weights(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that have gradients, by name, in the order in which the optimizer has them; tied ones once."""
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def _save(tensors: dict[str, Any], file: Path) -> None:
    save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, file)


def _moments(weights: dict[str, nn.Parameter], optimizer: Optimizer) -> dict[str, Tensor]:
    """Optimizer state as NAME|KEY: tensor."""
    return {f"{name}|{key}": value for name, w in weights.items() for key, value in optimizer.state[w].items()}


def _restore_moments(weights: dict[str, nn.Parameter], moments: dict[str, Tensor], optimizer: Optimizer) -> None:
    by_name: dict[str, dict[str, Tensor]] = {name: {} for name in weights}
    for key, value in moments.items():
        name, _, part = key.rpartition("|")
        by_name[name][part] = value
    current = optimizer.state_dict()
    order = [id(weight) for group in optimizer.param_groups for weight in group["params"]]
    numbers = [number for group in current["param_groups"] for number in group["params"]]
    number_of = dict(zip(order, numbers, strict=True))
    state = {number_of[id(weights[name])]: parts for name, parts in by_name.items() if parts}
    optimizer.load_state_dict({"state": state, "param_groups": current["param_groups"]})


def _random_state() -> dict[str, Tensor]:
    """States of torch's generators: dropout draws from them, and nothing else here is random."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def _restore_random_state(states: dict[str, Tensor]) -> None:
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])
