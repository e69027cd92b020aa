"""Time of a needle grid: the worker's engine against plain `model.generate` for each prompt, in one run.

    OMP_NUM_THREADS=1 PYTHONPATH=native-bin/worker/src python bench/evaluation/speed.py MODEL LENGTHS [LAYOUT ...]

LENGTHS: the longest, for ten lengths up to it, or each followed by a comma. Ten depths. Both ways get the same
loaded model and the same prompts. Layouts:

    shared    the needles of all depths stand in one haystack a length; one question each (the tool's `shared`)
    moved     one haystack, cut to the length; each prompt has a needle of its own, at its depth

CPU seconds are the figure to trust on a machine that is shared. Prints a table and whether all answers are equal.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from longrecipe_worker.devices import Device
from longrecipe_worker.engines.greedy import Generator
from longrecipe_worker.engines.prompts import Answer, Prompt
from longrecipe_worker.engines.shared import SharedPrefixes, sharing_kinds
from longrecipe_worker.head import Head
from longrecipe_worker.models import load_tokenizer
from transformers import AutoModelForCausalLM, PreTrainedTokenizerBase

ROOT = Path(__file__).parents[2]
NEW = 10
KEYS = ["river", "garden", "winter", "letter", "station", "bridge", "captain", "morning", "market", "forest"]


def main() -> None:
    """Measure the layouts that are named, or all."""
    folder, given = sys.argv[1], [int(length) for length in sys.argv[2].split(",") if length]
    lengths = given if "," in sys.argv[2] else [given[0] * step // 10 for step in range(1, 11)]
    layouts = sys.argv[3:] or list(LAYOUTS)
    tokenizer = load_tokenizer(Path(folder))
    text = "".join(file.read_text() for file in sorted((ROOT / "examples/embedded/heldout").glob("*.txt")))
    haystack = _ids(tokenizer, text[: 12 * max(lengths)])
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    device = Device("cpu", torch.float32, "")
    generator = Generator(model, Head.of(model), tokenizer, device)
    kinds = sharing_kinds(generator)
    if kinds is None:
        raise SystemExit("the model cannot share beginnings: there is nothing to compare")
    print(
        f"\n{Path(folder).name}, {len(lengths)} lengths of {min(lengths):,} to {max(lengths):,} tokens, ten depths:\n"
    )
    print("| layout | prompts | tokens | plain, CPU s | ours, CPU s | faster, CPU | faster, wall-clock | equal |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name in layouts:
        prompts = LAYOUTS[name](tokenizer, haystack, lengths)
        ours, our_times = _timed(lambda prompts=prompts: _ours(SharedPrefixes(generator, kinds), prompts))
        plain, plain_times = _timed(lambda prompts=prompts: [_plain(model, prompt) for prompt in prompts])
        equal = sum(one == other for one, other in zip(plain, ours, strict=True))
        faster = [plain_times[clock] / our_times[clock] for clock in (0, 1)]
        tokens = sum(len(prompt.ids) for prompt in prompts)
        cells = [name, f"{len(prompts)}", f"{tokens:,}", f"{plain_times[0]:.1f}", f"{our_times[0]:.1f}"]
        cells += [*(f"{ratio:.2f} ×" for ratio in faster), f"{equal} of {len(prompts)}"]
        print(f"| {' | '.join(cells)} |", flush=True)


def shared(tokenizer: PreTrainedTokenizerBase, haystack: np.ndarray, lengths: list[int]) -> list[Prompt]:
    """All needles of a length in one haystack: ten prompts that differ in their question alone."""
    random = np.random.default_rng(0)
    prompts: list[np.ndarray] = []
    for length in lengths:
        needles = [_ids(tokenizer, _needle(key, random.integers(10_000, 100_000))) for key in KEYS]
        questions = [_ids(tokenizer, _question(key)) for key in KEYS]
        room = length - sum(map(len, needles)) - max(map(len, questions))
        if room < 0:
            raise SystemExit(f"{length} tokens are no room for ten needles")
        borders = [round(depth * room) for depth in _depths()]
        pieces = []
        for needle, start, end in zip(needles, [0, *borders], borders, strict=False):
            pieces += [haystack[start:end], needle]
        prompts += [np.concatenate([*pieces, question]) for question in questions]
    return _numbered(prompts)


def moved(tokenizer: PreTrainedTokenizerBase, haystack: np.ndarray, lengths: list[int]) -> list[Prompt]:
    """One haystack, in which a needle with another value in each prompt is moved."""
    random = np.random.default_rng(0)
    question = _ids(tokenizer, _question(KEYS[0]))
    prompts = []
    for length in lengths:
        for depth in _depths():
            needle = _ids(tokenizer, _needle(KEYS[0], random.integers(10_000, 100_000)))
            room = length - len(needle) - len(question)
            at = round(depth * room)
            prompts.append(np.concatenate([haystack[:at], needle, haystack[at:room], question]))
    return _numbered(prompts)


LAYOUTS = {"shared": shared, "moved": moved}


def _depths() -> list[float]:
    return [step / 9 for step in range(10)]


def _needle(key: str, value: int) -> str:
    return f" The secret number of the {key} is {value}."


def _question(key: str) -> str:
    return f" Remember: the secret number of the {key} is"


def _ids(tokenizer: PreTrainedTokenizerBase, text: str) -> np.ndarray:
    return np.array(tokenizer.encode(text, add_special_tokens=False), dtype=np.int32)


def _numbered(prompts: list[np.ndarray]) -> list[Prompt]:
    return [Prompt(number, ids.astype(np.int32), NEW) for number, ids in enumerate(prompts)]


def _ours(engine: SharedPrefixes, prompts: list[Prompt]) -> list[list[int]]:
    found: dict[int, list[int]] = {}
    for outcomes in engine.answers(prompts, lambda: None):
        for outcome in outcomes:
            if not isinstance(outcome, Answer):
                raise SystemExit(f"prompt {outcome.number} has logits that are not finite")
            found[outcome.number] = outcome.ids.tolist()
    return [found[prompt.number] for prompt in prompts]


def _plain(model: torch.nn.Module, prompt: Prompt) -> list[int]:
    """As one writes it: one call of generate a prompt, greedy."""
    ids = torch.from_numpy(prompt.ids.astype(np.int64))[None]
    ends = model.generation_config.eos_token_id
    with torch.inference_mode():
        row = model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=NEW, pad_token_id=0
        )[0, ids.shape[1] :].tolist()
    stops = ends if isinstance(ends, list) else [ends]
    return row[: next((place for place, token in enumerate(row) if token in stops), len(row))]


def _timed(work: Callable[[], list[list[int]]]) -> tuple[list[list[int]], tuple[float, float]]:
    """What the work gives; CPU and wall-clock seconds."""
    began, worked = time.perf_counter(), time.process_time()
    found = work()
    return found, (time.process_time() - worked, time.perf_counter() - began)


if __name__ == "__main__":
    main()
