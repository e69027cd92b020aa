"""Learning-rate schedules as pure functions of the step: nothing of them needs to be in a checkpoint."""

from __future__ import annotations

import math


def learning_rate_factor(schedule: str, step: int, steps: int, warmup: int) -> float:
    """Factor on the peak learning rate at optimizer step `step` (0-based) of `steps`.

    Over the first `warmup` steps it rises linearly to 1 without a lost step at 0; after it stays (constant), or falls
    towards 0 by a straight line (linear) or half a cosine (cosine), which it would reach at step `steps`.
    """
    if step < warmup:
        return (step + 1) / (warmup + 1)
    if schedule == "constant":
        return 1.0
    done = (step - warmup) / max(1, steps - warmup)
    if schedule == "linear":
        return 1.0 - done
    if schedule == "cosine":
        return 0.5 * (1.0 + math.cos(math.pi * done))
    raise ValueError(f"unknown schedule {schedule}")
