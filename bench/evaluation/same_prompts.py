"""The prompts of lm-evaluation-harness answered by the worker's engine, for rulerTable.ts to hold against lm_eval's.

RULER's scores on the two sides differ where prompts do, and where engines do. This leaves prompts out:

    OMP_NUM_THREADS=1 PYTHONPATH=native-bin/worker/src python bench/evaluation/same_prompts.py MODEL PROMPTS [--limit 4]

PROMPTS: the folder that `lm_eval_ruler.py --prompts` wrote. Writes docs/evaluation/same-prompts.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from longrecipe_worker.devices import Device
from longrecipe_worker.engines.greedy import Generator
from longrecipe_worker.engines.prompts import Answer, Prompt
from longrecipe_worker.engines.shared import SharedPrefixes, sharing_kinds
from longrecipe_worker.head import Head
from longrecipe_worker.models import load_tokenizer
from transformers import AutoModelForCausalLM

FOLDER = Path(__file__).parents[2] / "docs" / "evaluation"
LIMITS = {"ruler_vt": 30, "ruler_cwe": 120, "ruler_fwe": 50}
"""Tokens for the answer; the others have 128."""


def main() -> None:
    """Ask the first prompts of every task once more."""
    parser = argparse.ArgumentParser(description="Answer lm-evaluation-harness's prompts by the worker's engine.")
    parser.add_argument("model", help="folder of the model")
    parser.add_argument("prompts", type=Path, help="folder of lm_eval's prompts")
    parser.add_argument("--limit", type=int, default=4, help="prompts of a task, the first ones")
    parser.add_argument("--results", type=Path, default=FOLDER / "lm-eval-ruler.json", help="what lm_eval answered")
    parser.add_argument("--output", type=Path, default=FOLDER / "same-prompts.json")
    options = parser.parse_args()
    tokenizer = load_tokenizer(Path(options.model))
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32).eval()
    generator = Generator(model, Head.of(model), tokenizer, Device("cpu", torch.float32, ""))
    kinds = sharing_kinds(generator)
    if kinds is None:
        raise SystemExit("the model cannot share beginnings")
    engine = SharedPrefixes(generator, kinds)
    runs = []
    for run in json.loads(options.results.read_text())["runs"]:
        texts = json.loads((options.prompts / f"{run['task']}-{run['length']}.json").read_text())
        limit = LIMITS.get(run["task"], 128)
        # NVIDIA's prompts of vt end with a blank, which lm_eval cuts off: what it brings is measured beside.
        for ending, count in [("", options.limit), *([(" ", len(texts))] if run["task"] == "ruler_vt" else [])]:
            prompts = [
                Prompt(at, np.array(tokenizer.encode(text + ending), dtype=np.int32), limit)
                for at, text in enumerate(texts[:count])
            ]
            found = {
                outcome.number: outcome.text
                for outcomes in engine.answers(prompts, lambda: None)
                for outcome in outcomes
                if isinstance(outcome, Answer)
            }
            runs.append(
                {
                    "task": run["task"],
                    "length": run["length"],
                    "ending": ending,
                    "answers": [found[at] for at in range(len(prompts))],
                }
            )
            print(f"{run['task']} at {run['length']}: {len(prompts)} answers", flush=True)
            options.output.write_text(json.dumps({"runs": runs}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
