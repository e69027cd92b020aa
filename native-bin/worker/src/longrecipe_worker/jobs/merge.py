"""Base and extended weights in one checkpoint, one shard in memory at a time."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

from ..blend import Blend
from ..context import Context
from ..export import complete_config, copy_tokenizer, finished_by, mark_finished
from ..files import atomic_folder, require_space
from ..job import Job, fingerprint
from ..mergekit_methods import require_mergekit
from ..models import locate
from ..weights import Weights, require_same_tensors


def run(job: Job, context: Context) -> None:
    """Write the merged checkpoint in the base's dtypes, with config and tokenizer of the extended model."""
    output = Path(job["output"])
    identity = fingerprint(job)
    if finished_by(output) == identity:
        return
    blend = Blend.of(job)
    if blend.method != "linear":
        require_mergekit()
    base, extended = Weights(locate(job["base"])), Weights(locate(job["extended"]))
    require_same_tensors(base, extended)
    blend.require_used(extended.names)
    require_space(output.parent, sum(file.stat().st_size for file in base.files))
    done, total = 0, len(extended.names)
    with atomic_folder(output) as beside:
        where: dict[str, str] = {}
        for file in extended.files:
            shard: dict[str, Tensor] = {}
            for name in extended.in_file(file):
                context.interrupts.check()
                shard[name] = blend.tensor(base.tensor(name), extended.tensor(name), name)
                done += 1
                context.events.progress(done, total, "tensors")
            if shard:
                save_file(shard, beside / file.name, metadata={"format": "pt"})
                where |= dict.fromkeys(shard, file.name)
        if len(extended.files) > 1:
            index = {"metadata": {}, "weight_map": where}
            (beside / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
        (beside / "config.json").write_bytes((extended.folder / "config.json").read_bytes())
        copy_tokenizer(extended.folder, beside)
        complete_config(beside)
        mark_finished(beside, identity)
