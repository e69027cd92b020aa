"""The metric `code_eval` of Hugging Face's `evaluate`, computed here: theirs is downloaded when it is first used.

Same call and same results (pass@k by the unbiased estimator of Chen et al. 2021, arXiv 2107.03374, equation 1), but
programs run in sandbox.py, each in a process of its own with limits, instead of in a fork of the evaluation.
"""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .sandbox import Limits, Outcome, run_program

_WALL_FACTOR = 6.0


def pass_at_k(candidates: int, correct: int, k: int) -> float:
    """Probability that one of k of the candidates, drawn without replacement, is correct."""
    if candidates - correct < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / n for n in range(candidates - correct + 1, candidates + 1))


class CodeEval:
    """What `evaluate.load("code_eval")` gives."""

    name = "code_eval"

    def compute(
        self,
        *,
        references: Sequence[str],
        predictions: Sequence[Sequence[str]],
        k: Sequence[int] = (1, 10, 100),
        num_workers: int = 4,
        timeout: float = 3.0,
    ) -> tuple[dict[str, float], dict[int, list[tuple[int, dict[str, Any]]]]]:
        """Run every candidate with the tests of its problem.

        `timeout` is processor time in seconds. Returns {"pass@k": mean over problems} for each k that every problem
        has candidates for, and by problem the outcomes of its candidates.
        """
        limits = Limits(cpu_seconds=timeout, wall_seconds=_WALL_FACTOR * timeout)
        tasks = [
            (problem, place, f"{candidate}\n{test}")
            for problem, (candidates, test) in enumerate(zip(predictions, references, strict=True))
            for place, candidate in enumerate(candidates)
        ]
        with ThreadPoolExecutor(max(1, min(num_workers, os.cpu_count() or 1))) as pool:
            outcomes: list[Outcome] = list(pool.map(lambda task: run_program(task[2], limits), tasks))
        results: dict[int, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        for (problem, place, _), outcome in zip(tasks, outcomes, strict=True):
            told = {"task_id": problem, "passed": outcome.passed, "result": str(outcome), "completion_id": place}
            results[problem].append((place, told))
        counts = [(len(found), sum(told["passed"] for _, told in found)) for found in results.values()]
        scores = {
            f"pass@{size}": float(np.mean([pass_at_k(total, correct, size) for total, correct in counts]))
            for size in k
            if counts and all(total >= size for total, _ in counts)
        }
        return scores, dict(results)
