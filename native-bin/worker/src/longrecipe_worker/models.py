"""Finding, loading and describing models: folders or hub ids, adapters folded in, rotary parameters replaced."""

from __future__ import annotations

import gc
import re
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    StrictDataclassError,
)
from safetensors import SafetensorError, safe_open
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedConfig,
    PreTrainedTokenizerBase,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING

from .devices import Device
from .faults import Fault

ModelSpec = dict[str, Any]

_HUB_ID = re.compile(r"^[\w.-]+/[\w.-]+$")
_WHAT_A_MODEL_IS = "Give the folder of a Hugging Face checkpoint: config.json, *.safetensors and the tokenizer's files."
_DOWNLOADED = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]
# Types that scale by the original window: it must not be taken from the new max_position_embeddings.
_NEEDS_ORIGINAL_WINDOW = ("yarn", "llama3", "longrope")
_DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_KEPT_ACROSS_TYPES = ("rope_theta", "partial_rotary_factor")


def locate(model: str) -> Path:
    """Folder of a model: a local folder as it is, a hub id downloaded (or found in the cache when offline)."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise Fault(
                "model-incomplete",
                f"The folder {folder} holds no config.json, so it is not a model.",
                _WHAT_A_MODEL_IS,
            )
        return folder.resolve()
    if folder.exists():
        raise Fault(
            "model-missing",
            f"{model} is a file, not the folder of a model.",
            _WHAT_A_MODEL_IS,
        )
    if folder.is_absolute() or model.startswith((".", "~")) or not _HUB_ID.match(model):
        raise Fault(
            "model-missing",
            f"The model folder {model} does not exist.",
            "Correct the path, or give a hub id such as HuggingFaceTB/SmolLM2-135M.",
        )
    return _download(model)


def _download(hub_id: str) -> Path:
    try:
        return Path(snapshot_download(hub_id, allow_patterns=_DOWNLOADED))
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None and "space" in str(error).lower():
            raise
        raise Fault(
            "model-unreachable",
            f"{hub_id} is no local folder, and it could not be downloaded from the hub: {str(error).splitlines()[0]}",
            "Check the name and the network (for a gated model, log in with `hf auth login`), "
            "or download the model elsewhere and give its folder.",
        ) from error


def read_config(folder: Path, remedy: str) -> PreTrainedConfig:
    """Config of any model. Raises a fault, with what to do, for an architecture that transformers does not know."""
    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True)
    except (ValueError, KeyError, OSError, StrictDataclassError) as error:
        # Of a field of the wrong type, the second line says which type it should have.
        lines = str(error).splitlines()[: 2 if isinstance(error, StrictDataclassError) else 1]
        told = " ".join(line.strip() for line in lines)
        raise Fault(
            "model-unknown",
            f"The config.json in {folder} is not one that transformers knows: {told}",
            remedy,
        ) from error


def load_config(folder: Path) -> PreTrainedConfig:
    """Config of a causal language model. Raises a fault for an architecture that transformers does not know."""
    config = read_config(folder, "Take a model whose architecture transformers 5 supports without code of its own.")
    if type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        raise Fault(
            "model-unknown",
            f"The model in {folder} ({config.model_type}) is not a causal language model.",
            "Take a decoder model, one whose architecture ends in ForCausalLM.",
        )
    return config


def weight_files(folder: Path) -> list[Path]:
    """Safetensors files of a checkpoint in order of name. Raises a fault where there are none."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise Fault(
            "model-incomplete",
            f"The folder {folder} holds no *.safetensors weights.",
            "Convert the checkpoint once: AutoModelForCausalLM.from_pretrained(folder).save_pretrained(new_folder).",
        )
    return files


def checkpoint_dtype(folder: Path) -> torch.dtype:
    """Dtype in which most weights of a checkpoint are stored, from the headers."""
    sizes: Counter[torch.dtype] = Counter()
    for file in weight_files(folder):
        with open_weights(file) as weights:
            for name in weights.keys():  # noqa: SIM118 - safe_open is no mapping
                view = weights.get_slice(name)
                dtype = _DTYPES.get(view.get_dtype())
                if dtype is not None:
                    sizes[dtype] += torch.Size(view.get_shape()).numel()
    return sizes.most_common(1)[0][0] if sizes else torch.float32


def open_weights(file: Path) -> Any:
    """Open a safetensors file lazily. Raises a fault where it is damaged."""
    try:
        return safe_open(file, framework="pt")
    except (SafetensorError, OSError) as error:
        raise Fault(
            "model-damaged", f"The weights {file} cannot be read: {error}", "Copy or download the file again."
        ) from error


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Tokenizer of a model, without any truncation. Raises a fault where there is none."""
    names = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "tekken.json", "spiece.model")
    has_vocabulary = any((folder / name).is_file() for name in names)
    missing = Fault(
        "tokenizer-missing",
        f"The folder {folder} holds no tokenizer (tokenizer.json).",
        "Copy the tokenizer's files of the original model into it.",
    )
    if not has_vocabulary and not (folder / "tokenizer_config.json").is_file():
        raise missing
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # tokenizers raises bare Exception
        if not has_vocabulary:
            raise missing from error
        raise Fault(
            "tokenizer-unreadable",
            f"The tokenizer in {folder} cannot be read: {error}",
            "Copy the tokenizer's files of the original model again.",
        ) from error
    # Tokenizers of bytes (ByT5) have no file of a vocabulary; a fast one without such a file is an empty shell.
    if not has_vocabulary and tokenizer.is_fast:
        raise missing
    return tokenizer


def rope_parameters(config: PreTrainedConfig) -> dict[str, Any] | None:
    """Rotary parameters of the layers that see the whole window, or None where positions are not rotary."""
    text = config.get_text_config()
    parameters = getattr(text, "rope_parameters", None)
    if not parameters or getattr(text, "alibi", False):
        return None
    if "rope_theta" in parameters or "rope_type" in parameters:
        return dict(parameters)
    full = parameters.get("full_attention")
    return dict(full) if full else None


def apply_rope(config: PreTrainedConfig, rope: dict[str, Any]) -> None:
    """Merge rotary parameters into the config and set the new window.

    Where layer types have parameters of their own (Gemma 3), those of full attention are changed: sliding layers never
    see the long range. A change of rope_type drops what belonged to the old type.
    """
    text = config.get_text_config()
    own = rope_parameters(config)
    if own is None:
        raise Fault(
            "model-not-rotary",
            f"The model ({config.model_type}) has no rotary positions to rescale.",
            "Take a model with rotary position embeddings, such as Llama, Qwen or Mistral.",
        )
    new = rope["parameters"]
    if new.get("rope_type", own.get("rope_type")) != own.get("rope_type"):
        own = {key: value for key, value in own.items() if key in _KEPT_ACROSS_TYPES}
    merged = {**own, **new}
    if merged.get("rope_type") in _NEEDS_ORIGINAL_WINDOW:
        merged.setdefault("original_max_position_embeddings", text.max_position_embeddings)
    nested = "full_attention" in text.rope_parameters
    text.rope_parameters = {**text.rope_parameters, "full_attention": merged} if nested else merged
    text.max_position_embeddings = rope["maxPositionEmbeddings"]
    text.standardize_rope_params()
    try:
        text.validate_rope()
    except (ValueError, KeyError) as error:
        raise Fault(
            "rope-unsupported",
            f"transformers has no rotary scaling `{merged.get('rope_type')}` for {config.model_type}: {error}",
            "Take rope.type ntk, which every family with rotary positions takes.",
        ) from error


def load_model(spec: ModelSpec, dtype: torch.dtype, device: torch.device | Device) -> Any:
    """Load a causal language model in `dtype`: blended, rotary parameters replaced, adapter folded in; in eval mode."""
    base = locate(spec["path"])
    folder = locate(spec["merge"]["with"]) if "merge" in spec else base
    config = load_config(folder)
    if "rope" in spec:
        apply_rope(config, spec["rope"])
    weight_files(folder)
    try:
        if "merge" in spec:
            model = _load_blended(base, folder, spec["merge"], config, dtype)
        else:
            model, loaded = AutoModelForCausalLM.from_pretrained(
                folder, config=config, dtype=dtype, local_files_only=True, **_LOADING
            )
            _require_whole(folder, loaded)
        if "adapter" in spec:
            from peft import PeftModel  # a second of import that most jobs do without

            model = PeftModel.from_pretrained(model, spec["adapter"]).merge_and_unload()
    except SafetensorError as error:
        raise Fault(
            "model-damaged", f"The weights in {folder} cannot be read: {error}", "Copy or download them again."
        ) from error
    return model.to(device.torch if isinstance(device, Device) else device).eval()


_LOADING = {"output_loading_info": True, "ignore_mismatched_sizes": True}
"""So that what does not fit is told by us: transformers makes up weights that are missing, with no more than a note."""


def _require_whole(folder: Path, loaded: dict[str, Any]) -> None:
    """Refuse weights that lack tensors of the architecture, or hold some of another shape."""
    missing = sorted(loaded["missing_keys"])
    mismatched = sorted(
        f"{name} {tuple(there)} instead of {tuple(due)}" for name, there, due in loaded["mismatched_keys"]
    )
    found = [("lack", missing), ("have another shape in", mismatched)]
    told = [f"{what} {len(names)} tensors (first: {names[0]})" for what, names in found if names]
    if told:
        raise Fault(
            "model-incomplete",
            f"The weights in {folder} do not fit its config.json: they {' and '.join(told)}.",
            "Copy or download the model again, config.json with it.",
        )


def _load_blended(
    base: Path, extended: Path, merge: dict[str, Any], config: PreTrainedConfig, dtype: torch.dtype
) -> Any:
    """The model that a merge would write, blended tensor by tensor as transformers takes them: one model in memory."""
    from .blend import Blend  # it reads checkpoints through this module
    from .weights import Weights, require_same_tensors

    blend, ours, theirs = Blend.of(merge), Weights(base), Weights(extended)
    require_same_tensors(ours, theirs)
    blend.require_used(theirs.names)

    class Merged:
        """What transformers takes a tensor from: it asks for `tensor[...]` when the tensor's turn has come."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getitem__(self, _: object) -> torch.Tensor:
            return blend.tensor(ours.tensor(self._name), theirs.tensor(self._name), self._name)

    kind = MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]
    tensors = {name: Merged(name) for name in theirs.names}
    model = kind.from_pretrained(None, config=config, state_dict=tensors, dtype=dtype)
    if (extended / "generation_config.json").exists():
        model.generation_config = GenerationConfig.from_pretrained(extended, local_files_only=True)
    return model


def release_memory(device: Device) -> None:
    """Give back what a dropped model held, before the next one is loaded."""
    gc.collect()
    if device.kind == "cuda":
        torch.cuda.empty_cache()
    elif device.kind == "xpu":
        torch.xpu.empty_cache()
    elif device.kind == "mps":
        torch.mps.empty_cache()
