"""RULER's tasks as lm-evaluation-harness has them, on a real model: an independent measurement to hold ours against.

Nothing of LongRecipe takes part: lm_eval builds the prompts (its own port of NVIDIA's generator), its HFLM answers
them, its metric scores them. Run with the worker's Python, which needs the extra `evaluation` and `wonderwords`:

    python bench/evaluation/lm_eval_ruler.py MODEL --task niah_single_2 --length 1024 --limit 25

The result is merged into docs/evaluation/lm-eval-ruler.json; a task and length that stand there with as many prompts
are not run again.
With --cache FILE answers are kept by lm_eval itself, and a run that was ended goes on after the last one.

What lm_eval would download is replaced, and this is all that is changed:

- Essays. `datasets.load_dataset("baber/paul_graham_essays")` gives the files of examples/embedded/heldout instead, in
  order of their names: prose of the Python documentation and the Jargon File. Give the same folder to ours.
- NLTK's sentence splitter needs the model `punkt_tab`. Sentences end here at `.`, `!` or `?` and a blank. A needle
  stands between sentences, so where exactly moves by a few words.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import datasets
import nltk
import torch

ROOT = Path(__file__).parents[2]
ESSAYS = ROOT / "examples" / "embedded" / "heldout"
RESULTS = ROOT / "docs" / "evaluation" / "lm-eval-ruler.json"
SENTENCE = re.compile(r"(?<=[.!?])\s+")


def main() -> None:
    """Measure one task at one length, and merge it into the results."""
    parser = argparse.ArgumentParser(description="Run one of lm-evaluation-harness's RULER tasks offline.")
    parser.add_argument("model", help="folder of the model")
    parser.add_argument("--task", required=True, help="niah_single_1, ..., ruler_vt, ruler_cwe, ruler_fwe")
    parser.add_argument("--length", type=int, required=True, help="tokens of prompt and answer together")
    parser.add_argument("--limit", type=int, default=25, help="prompts, the first ones of 500")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", help="file in which lm_eval keeps answers")
    parser.add_argument("--prompts", type=Path, help="folder for the prompts, as the model was asked them")
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    before = read(options.output)
    if any(is_same(found, options) and found["prompts"] >= options.limit for found in before["runs"]):
        print(f"{options.task} at {options.length} is measured already.")
        return
    torch.set_num_threads(options.threads)
    run_offline()
    measured = measure(options)
    # Read again: another one may have been written meanwhile.
    whole = read(options.output)
    others = [found for found in whole["runs"] if not is_same(found, options)]
    whole["runs"] = sorted([*others, measured], key=lambda found: (found["length"], found["task"]))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(as_text(whole))
    print(f"{options.task} at {options.length}: {measured['score']:.3f} over {options.limit} prompts")


def is_same(run: dict[str, Any], options: argparse.Namespace) -> bool:
    """Whether a run is of the task and length that are asked for."""
    return run["task"] == options.task and run["length"] == options.length


def run_offline() -> None:
    """Put local text in the place of the essays, and a rule in the place of NLTK's model."""
    load = datasets.load_dataset

    def load_dataset(path: str, *arguments: Any, **fields: Any) -> Any:
        if path != "baber/paul_graham_essays":
            return load(path, *arguments, **fields)
        return {"text": [file.read_text(encoding="utf-8") for file in sorted(ESSAYS.glob("*.txt"))]}

    datasets.load_dataset = load_dataset
    nltk.data.find = lambda *_, **__: None
    nltk.sent_tokenize = lambda text, *_, **__: SENTENCE.split(text)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Run the task. Its metric bears the length as its name."""
    import lm_eval
    from lm_eval.tasks import TaskManager

    # These task files alone: reading all of them takes longer than a prompt.
    folder = Path(lm_eval.__file__).parent / "tasks" / "ruler"
    metadata = {"pretrained": options.model, "max_seq_lengths": [options.length]}
    results = lm_eval.simple_evaluate(
        model="hf",
        model_args={"pretrained": options.model, "dtype": "float32"},
        tasks=[options.task],
        device="cpu",
        batch_size=options.batch,
        limit=options.limit,
        bootstrap_iters=0,
        log_samples=True,
        task_manager=TaskManager(include_path=folder, include_defaults=False, metadata=metadata),
        use_cache=options.cache,
    )
    samples = sorted(results["samples"][options.task], key=lambda sample: sample["doc_id"])
    scores = [sample[str(options.length)] for sample in samples]
    if options.prompts is not None:
        options.prompts.mkdir(parents=True, exist_ok=True)
        texts = [sample["arguments"][0][0] for sample in samples]
        (options.prompts / f"{options.task}-{options.length}.json").write_text(json.dumps(texts, indent=1))
    return {
        "task": options.task,
        "length": options.length,
        "prompts": len(scores),
        "score": sum(scores) / len(scores),
        "scores": [round(score, 4) for score in scores],
        # Prompt and room for the answer, as the task counts them.
        "tokens": [sample["doc"]["length"] for sample in samples],
        "version": results["versions"][options.task],
        "references": [sample["doc"]["outputs"] for sample in samples],
        "answers": [sample["filtered_resps"][0] for sample in samples],
    }


def read(path: Path) -> dict[str, Any]:
    """Results so far."""
    if path.exists():
        return json.loads(path.read_text())
    return {
        "engine": f"lm-evaluation-harness {metadata.version('lm_eval')}",
        "command": "python bench/evaluation/lm_eval_ruler.py MODEL --task TASK --length LENGTH --limit PROMPTS",
        "prompting": "plain text, greedy, float32, seeds of lm_eval (random 0, numpy and torch 1234)",
        "essays": "examples/embedded/heldout, files in order of their names",
        "runs": [],
    }


def as_text(whole: dict[str, Any]) -> str:
    """JSON with a list of numbers on one line."""
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    return (
        re.sub(r"\[\s+(-?[\d.]+(?:,\s+-?[\d.]+)*)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
