"""Writing a plain transformers checkpoint: weights in the base model's dtype, its tokenizer, the new window."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig

from .files import atomic_folder, require_space

MAX_SHARD_SIZE = "4GB"
_MARK = "longrecipe.json"
_NOT_COPIED = (_MARK, "config.json", "model.safetensors.index.json", "adapter_config.json", "trainer_state.json")


def save_checkpoint(model: Any, source: Path, dtype: torch.dtype, output: Path, identity: str) -> None:
    """Write `model` as `output`, whole or not at all, marked with the fingerprint of the job that made it.

    `source` is the base model's folder, whose tokenizer is copied. The model is cast to `dtype` in place.
    """
    model.to(dtype)
    model.config.dtype = dtype
    require_space(output.parent, sum(p.numel() * p.element_size() for p in model.parameters()))
    with atomic_folder(output) as beside:
        if (source / "generation_config.json").exists():
            # Copied below; many published ones are not valid enough for save_pretrained.
            model.generation_config = GenerationConfig()
        model.save_pretrained(beside, max_shard_size=MAX_SHARD_SIZE)
        copy_tokenizer(source, beside)
        complete_config(beside)
        mark_finished(beside, identity)


def mark_finished(folder: Path, identity: str) -> None:
    """Note which job made a checkpoint, so that starting it again does nothing."""
    _write(folder / _MARK, {"job": identity})


def finished_by(folder: Path) -> str | None:
    """Fingerprint of the job that made a checkpoint, or None."""
    mark = folder / _MARK
    return json.loads(mark.read_text(encoding="utf-8"))["job"] if mark.exists() else None


def copy_tokenizer(source: Path, target: Path) -> None:
    """Copy what is small and neither config nor weights, byte for byte: tokenizer, chat template, generation config."""
    for file in sorted(source.iterdir()):
        if file.suffix in (".json", ".model", ".txt", ".jinja") and file.is_file() and file.name not in _NOT_COPIED:
            shutil.copyfile(file, target / file.name)


def complete_config(folder: Path) -> None:
    """Make tokenizer and config of a checkpoint say the window and the rotary scaling to every runtime.

    transformers 5 reads rope_parameters; transformers 4, vLLM and llama.cpp read rope_theta and rope_scaling.
    """
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    text = config.get("text_config", config)
    rope = text.get("rope_parameters") or {}
    # Gemma 3 has parameters of each kind of layer; those of the far ones carry the model's own names in older readers.
    far, local = rope.get("full_attention", rope), rope.get("sliding_attention")
    if "rope_theta" in far:
        text["rope_theta"] = far["rope_theta"]
        text["rope_scaling"] = None if far.get("rope_type", "default") == "default" else far
    if local is not None:
        text["rope_local_base_freq"] = local["rope_theta"]
    _write(path, config)
    tokenizer_path = folder / "tokenizer_config.json"
    tokenizer = json.loads(tokenizer_path.read_text(encoding="utf-8")) if tokenizer_path.exists() else {}
    tokenizer["model_max_length"] = text["max_position_embeddings"]
    _write(tokenizer_path, tokenizer)


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
