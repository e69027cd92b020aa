"""Formats of exported weights: as they are, stored in 16 bits, or in 8."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .faults import Fault

_SMALL = 256
"""Tensors of fewer numbers stay as they are: constants of the graph, not weights."""


def convert(source: Path, target: Path, form: str, external: bool) -> None:
    """Write the float32 graph `source` as `target` in the format fp32, fp16 or int8."""
    if form == "int8":
        _quantize(source, target, external)
        return
    model = onnx.load(source)
    if form == "fp16":
        store_half(model)
    onnx.save(model, target, save_as_external_data=external, location=f"{target.name}.data")


def store_half(model: onnx.ModelProto) -> None:
    """Store float32 weights in 16 bits, each followed by a cast back to float32.

    Runtimes fold the casts when they load the graph: half the file, the arithmetic of float32.
    """
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims, dtype=np.int64) < _SMALL:
            continue
        name = tensor.name
        values = numpy_helper.to_array(tensor)
        with np.errstate(over="ignore"):  # told below
            half = values.astype(np.float16)
        if not np.isfinite(half).all():
            raise Fault(
                "export-range",
                f"The weight {name} holds {float(np.abs(values).max()):.3g}, which float16 cannot.",
                'Take "format": "fp32" in the recipe\'s `export`.',
            )
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], name=f"{name}_cast", to=TensorProto.FLOAT))
    for at, node in enumerate(casts):
        model.graph.node.insert(at, node)


def _quantize(source: Path, target: Path, external: bool) -> None:
    """Weights of matrix products in 8 bits by column, activations quantized as they come.

    7 of the 8 bits are used: processors without VNNI saturate sums of full 8-bit products, silently.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul", "Gather"],
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        use_external_data_format=external,
        extra_options={"MatMulConstBOnly": True},
    )
