"""Facts of models and tokenizers, found without loading weights."""

from __future__ import annotations

import copy
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, PreTrainedConfig, PreTrainedTokenizerBase

from ..attention import always_masked, rotary_layers, rotary_layout, sliding_windows
from ..chat import chat_template, prompt_prefix
from ..context import Context
from ..faults import Fault
from ..files import write_json
from ..job import Job
from ..models import apply_rope, load_config, load_tokenizer, locate, rope_parameters, weight_files

_BLOCK = 8 * 2**20
_TRIAL_WINDOW = 4096
_SCALINGS: dict[str, dict[str, Any]] = {
    "ntk": {"rope_theta": 1e6},
    "linear": {"rope_type": "linear", "factor": 2.0},
    "yarn": {"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": _TRIAL_WINDOW},
    "llama3": {
        "rope_type": "llama3",
        "factor": 2.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": _TRIAL_WINDOW,
    },
}
"""Rotary scalings of a recipe, with numbers that only have to be valid."""


def run(job: Job, context: Context) -> None:
    """Write Inspection[] (src/protocol/tables.ts), one entry a model of the job."""
    found = []
    for number, model in enumerate(job["models"]):
        context.interrupts.check()
        found.append(inspect_model(model))
        context.events.progress(number + 1, len(job["models"]), "models", model)
    write_json(Path(job["output"]), found)


def inspect_model(model: str) -> dict[str, Any]:
    """Facts of one model, in the form of inspectionSchema."""
    folder = locate(model)
    config = load_config(folder)
    text = config.get_text_config()
    window = getattr(text, "max_position_embeddings", None)
    if not window:
        raise Fault(
            "model-unknown",
            f"The config of {model} ({config.model_type}) does not say its window (max_position_embeddings).",
            "Add max_position_embeddings to its config.json.",
        )
    weights = weight_files(folder)
    tokenizer = load_tokenizer(folder)
    rope = rope_parameters(config)
    model_on_paper = on_paper(config)
    rotary = rotary_layers(config) if rope else [False] * text.num_hidden_layers
    reach = [{"window": window, "rotary": turns} for window, turns in zip(sliding_windows(config), rotary, strict=True)]
    ordinary, added = vocabulary(tokenizer)
    return {
        "model": model,
        "path": str(folder),
        "architecture": (config.architectures or [f"{config.model_type} (unnamed)"])[0],
        "modelType": config.model_type,
        "window": window,
        "vocabularySize": text.vocab_size,
        "parameters": count_parameters(model_on_paper),
        "hiddenSize": text.hidden_size,
        "layers": text.num_hidden_layers,
        "headDimension": None if rope is None else rotary_dimension(text, rope),
        "ropeParameters": rope,
        "localRopeParameters": (getattr(text, "rope_parameters", None) or {}).get("sliding_attention"),
        "ropeTypes": rope_types(config) if rope else [],
        "rotaryLayout": rotary_layout(model_on_paper) if rope else None,
        "layerReach": reach,
        "alwaysMasked": always_masked(config),
        "tokenizerTokens": ordinary,
        "addedTokens": added,
        "tokenizerHash": tokenizer_hash(tokenizer),
        "hasOffsets": bool(tokenizer.is_fast),
        "promptPrefix": prompt_prefix(tokenizer),
        "chatTemplate": chat_template(tokenizer),
        "contentHash": content_hash([folder / "config.json", *weights]),
    }


def count_parameters(model: Any) -> int:
    """Number of weights, tied ones once."""
    return sum(parameter.numel() for parameter in model.parameters())


def on_paper(config: PreTrainedConfig) -> Any:
    """The model without its weights: no memory is taken on the meta device."""
    try:
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(config)
    except Exception as error:  # whatever transformers trips over, a config from outside is the cause
        raise Fault(
            "model-unknown",
            f"transformers makes no model of the config.json ({config.model_type}): {type(error).__name__}: {error}",
            "Check config.json, its rope_parameters (or rope_scaling) above all, or take it from the original again.",
        ) from error


def rope_types(config: PreTrainedConfig) -> list[str]:
    """Rotary scalings of a recipe that the model's class takes."""
    found = []
    for name, parameters in _SCALINGS.items():
        trial = copy.deepcopy(config)
        try:
            apply_rope(trial, {"parameters": parameters, "maxPositionEmbeddings": 2 * _TRIAL_WINDOW})
        except Fault:
            continue
        found.append(name)
    return found


def vocabulary(tokenizer: PreTrainedTokenizerBase) -> tuple[int, dict[str, str]]:
    """Tokens of the vocabulary itself (its highest id and all below), and the added ones by id."""
    added = {str(number): token.content for number, token in sorted(tokenizer.added_tokens_decoder.items())}
    ids = [number for number in tokenizer.get_vocab().values() if str(number) not in added]
    return max(ids, default=-1) + 1, added


def rotary_dimension(text: PreTrainedConfig, rope: dict[str, Any]) -> int:
    """Dimensions of a head that are rotated: d of the rotary formula."""
    head = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    return int(head * rope.get("partial_rotary_factor", 1.0))


def tokenizer_hash(tokenizer: PreTrainedTokenizerBase) -> str:
    """sha256 of vocabulary and merges in canonical form: ids sorted by token, merges in order of rank."""
    merges: list[list[str]] = []
    vocabulary = tokenizer.get_vocab()
    if tokenizer.is_fast:
        model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
        # Unigram keeps [token, log-probability] in order of id, the others {token: id}.
        vocabulary = model["vocab"]
        merges = [pair.split(" ") if isinstance(pair, str) else list(pair) for pair in model.get("merges") or []]
    ordered = sorted(vocabulary.items()) if isinstance(vocabulary, dict) else vocabulary
    return hashlib.sha256(json.dumps([ordered, merges], ensure_ascii=True).encode()).hexdigest()


def content_hash(files: list[Path]) -> str:
    """sha256 over names, sizes and contents. Files are hashed side by side: a large model has many shards."""
    with ThreadPoolExecutor() as pool:
        digests = list(pool.map(_file_hash, files))
    total = hashlib.sha256()
    for file, digest in zip(files, digests, strict=True):
        total.update(f"{file.name}\0{file.stat().st_size}\0{digest}\n".encode())
    return total.hexdigest()


def _file_hash(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
