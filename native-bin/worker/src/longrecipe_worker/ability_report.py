"""From lm-evaluation-harness's results to the rows and the report of abilities tables."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from typing import Any

_NOT_ASKED = -1.0
"""What RULER's tasks there score a document with for every length that is not its own."""


def rows_of(results: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a document and metric, of the metrics that are means of scores of documents.

    Others (F1 over a corpus, BLEU, perplexity by words) have no score a document: their aggregates are in the report.
    """
    rows: list[dict[str, Any]] = []
    for task, samples in results["samples"].items():
        by_metric: dict[str, list[tuple[dict[str, Any], Any]]] = defaultdict(list)
        for sample in samples:
            for metric in sample["metrics"]:
                by_metric[f"{metric},{sample['filter']}"].append((sample, sample[metric]))
        for metric, scored in by_metric.items():
            scores = [_number(value) for _, value in scored]
            known = [score for score in scores if score is not None]
            if len(known) < len(scores) or not _is_mean(known, _number(results["results"][task].get(metric))):
                continue
            rows.extend(
                {
                    "task": task,
                    "metric": metric,
                    "document": int(sample["doc_id"]),
                    "score": score,
                    "answer": _answer(sample),
                    "target": str(sample["target"]),
                }
                for (sample, _), score in zip(scored, known, strict=True)
            )
    return rows


def report_of(name: str, results: dict[str, Any], cut: set[tuple[str | None, int | None]]) -> dict[str, Any]:
    """`tasks` and `groups` of abilityReport in src/protocol/tables.ts, for the task, group or tag `name`.

    `cut` holds task and document of the prompts that did not fit into the window.
    """
    tasks = {
        task: {
            "version": _text(results["versions"].get(task)),
            "fewShot": int(results["n-shot"].get(task) or 0),
            "documents": int(results["n-samples"][task]["original"]),
            "measured": int(results["n-samples"][task]["effective"]),
            "cut": sum(found == task for found, _ in cut),
            "metrics": _metrics(results["results"][task]),
            "higherIsBetter": {
                metric: bool(value)
                for metric, value in results["higher_is_better"].get(task, {}).items()
                if value is not None
            },
        }
        for task in results["samples"]
    }
    children: dict[str, list[str]] = results.get("group_subtasks", {})
    groups = {
        group: {
            "version": _text(results["versions"].get(group)),
            "tasks": _leaves(group, children),
            "metrics": _metrics(results["results"].get(group, {})),
        }
        for group in children
    }
    if name not in tasks and name not in groups:  # a tag
        groups[name] = {"version": "", "tasks": sorted(tasks), "metrics": {}}
    return {"tasks": tasks, "groups": groups}


def _leaves(name: str, children: dict[str, list[str]]) -> list[str]:
    """Single tasks under a group."""
    if name not in children:
        return [name]
    return sorted({leaf for child in children[name] for leaf in _leaves(child, children)})


def _metrics(found: dict[str, Any]) -> dict[str, float]:
    """Aggregates by metric and filter, without the errors, which are not computed, and what is no number."""
    numbers = {key: _number(value) for key, value in found.items() if "," in key and "_stderr," not in key}
    return {key: value for key, value in numbers.items() if value is not None}


def _is_mean(scores: list[float], aggregate: float | None) -> bool:
    if not scores or aggregate is None or all(score == _NOT_ASKED for score in scores):
        return False
    return math.isclose(math.fsum(scores) / len(scores), aggregate, rel_tol=1e-6, abs_tol=1e-9)


def _number(value: Any) -> float | None:
    """The value as a finite number; None where it is none."""
    if isinstance(value, str) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _answer(sample: dict[str, Any]) -> str:
    """The answer after the task's filter: text, or JSON (log-probabilities of choices, several answers)."""
    found = sample["filtered_resps"]
    single = found[0] if len(found) == 1 else found
    return single if isinstance(single, str) else json.dumps(single, default=str)


def _text(version: Any) -> str:
    return "" if version is None else str(version)
