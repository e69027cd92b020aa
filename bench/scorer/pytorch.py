"""Tokens a second of a pair in PyTorch, window by window as the scorer does it. Prints seconds for each repetition.

usage: pytorch.py MODEL ROPE.json TOKENS.json WINDOW CONTEXT; one line in on stdin, one repetition out on stdout.
"""

import json
import sys
import time
from pathlib import Path

import torch
from longrecipe_worker.head import Head
from longrecipe_worker.models import load_model
from longrecipe_worker.windows import plan_windows

model, rope, tokens, window, context, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
device = torch.device("cpu")
specs = [{"path": model}, {"path": model, "rope": json.loads(Path(rope).read_text())}]
models = [load_model(spec, torch.float32, device) for spec in specs]
heads = [Head.of(each) for each in models]
ids = torch.tensor(json.loads(Path(tokens).read_text()))
plan = plan_windows(len(ids), int(window), int(context))


@torch.inference_mode()
def repetition() -> float:
    """Seconds for all tokens under both models."""
    started = time.perf_counter()
    for piece in plan:
        part = ids[None, piece.start : piece.end]
        for each, head in zip(models, heads, strict=True):
            hidden = each.base_model(input_ids=part, attention_mask=torch.ones_like(part), use_cache=False)
            rows = hidden.last_hidden_state[0, piece.first - piece.start - 1 : -1]
            head.true_token(rows, ids[piece.first : piece.end], 32 * 2**20)
    return time.perf_counter() - started


repetition()
print("ready", flush=True)
for _ in sys.stdin:
    print(repetition(), flush=True)
