"""What an exported graph gives, against PyTorch in float32 on the same tokens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .faults import Fault
from .head import Head
from .tables import NumberLists

WINDOWS = 4
LONGEST = 1024
_BUDGET = 64 * 2**20

# Largest relative error of a logit, mean error of a log-probability in nats, least rank correlation of significance.
TOLERANCES: dict[str, dict[str, float]] = {
    "fp32": {"maxLogit": 1e-3, "meanLogprob": 1e-4, "rankCorrelation": 0.999},
    "fp16": {"maxLogit": 2e-2, "meanLogprob": 1e-2, "rankCorrelation": 0.99},
    "int8": {"maxLogit": 0.5, "meanLogprob": 0.2, "rankCorrelation": 0.8},
}
"""Stated in docs of the format: `maxLogit` is relative to the largest logit's magnitude."""


@dataclass(frozen=True)
class CheckedWindow:
    """Tokens of one forward pass, int64 (N,), N > 1."""

    ids: np.ndarray


@dataclass(frozen=True)
class Errors:
    """Differences of one model's scores from PyTorch's."""

    max_logit: float
    """Relative to the largest magnitude of a logit."""
    max_logprob: float
    """In nats."""
    mean_logprob: float

    def summary(self) -> dict[str, float]:
        """As scorer.json holds it."""
        return {"maxLogit": self.max_logit, "maxLogprob": self.max_logprob, "meanLogprob": self.mean_logprob}


def check_windows(documents: NumberLists, window: int) -> list[CheckedWindow]:
    """The first tokens of the first documents, at most WINDOWS windows. Raises a fault where there are none."""
    found: list[CheckedWindow] = []
    for row in range(len(documents.lengths())):
        ids = np.asarray(documents[row][: min(window, LONGEST)], dtype=np.int64)
        if len(ids) > 1:
            found.append(CheckedWindow(ids))
        if len(found) == WINDOWS:
            break
    if not found:
        raise Fault(
            "export-tokens",
            "No document has two tokens, so an export cannot be checked.",
            "Give a corpus with text in it.",
        )
    return found


@torch.inference_mode()
def reference(model: Any, windows: list[CheckedWindow]) -> list[np.ndarray]:
    """PyTorch's logits and log-probabilities of the true tokens, float32 (2, N - 1) for each window."""
    head = Head.of(model)
    scores = []
    for window in windows:
        ids = torch.from_numpy(window.ids)[None]
        hidden = model.base_model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False)
        values = head.true_token(hidden.last_hidden_state[0, :-1], ids[0, 1:], _BUDGET)
        scores.append(torch.stack(values).numpy())
    return scores


def compare(file: Path, windows: list[CheckedWindow], expected: list[np.ndarray]) -> tuple[Errors, list[np.ndarray]]:
    """Run the graph in ONNX Runtime on the CPU; returns its errors and its scores, (2, N - 1) for each window."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    given = []
    for window in windows:
        count = len(window.ids)
        feed = {"ids": window.ids[None], "position_ids": np.arange(count)[None], "rows": np.arange(count - 1)}
        given.append(np.stack(session.run(None, feed)))
    ours, theirs = np.concatenate(given, axis=1), np.concatenate(expected, axis=1)
    if not np.isfinite(ours).all():
        return Errors(np.inf, np.inf, np.inf), given
    off = np.abs(ours - theirs)
    largest = float(np.abs(theirs[0]).max())
    return Errors(float(off[0].max()) / max(largest, 1.0), float(off[1].max()), float(off[1].mean())), given


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's correlation of two arrays; 1 where neither varies."""
    ranks = [np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(np.float64) for values in (a, b)]
    if np.ptp(a) == 0 and np.ptp(b) == 0:
        return 1.0
    return float(np.corrcoef(*ranks)[0, 1])


def require_close(name: str, form: str, errors: Errors | None, agreement: float | None = None) -> None:
    """Refuse an export beyond the tolerances of its format."""
    limits = TOLERANCES[form]
    faults = []
    if errors is not None and not errors.max_logit <= limits["maxLogit"]:
        faults.append(f"a logit is off by {errors.max_logit:.2g} of the largest (allowed {limits['maxLogit']:g})")
    if errors is not None and not errors.mean_logprob <= limits["meanLogprob"]:
        faults.append(
            f"log-probabilities are off by {errors.mean_logprob:.2g} on average (allowed {limits['meanLogprob']:g})"
        )
    if agreement is not None and not agreement >= limits["rankCorrelation"]:
        faults.append(
            f"the significance ranks correlate by {agreement:.3f} only (wanted {limits['rankCorrelation']:g})"
        )
    if faults:
        finer = {"int8": "fp16", "fp16": "fp32"}.get(form)
        raise Fault(
            "export-inexact",
            f"The {form} export of {name} does not give what PyTorch gives: {'; '.join(faults)}.",
            f'Take "format": "{finer}" in the recipe\'s `export`.'
            if finer
            else "This model is not supported by the editor's scorer; score it through a run instead.",
        )
