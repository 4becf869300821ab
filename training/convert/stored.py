"""Reads back what a conversion stored, as the float32 numbers that a graph computes with, by the checkpoint's names."""

import re
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from training.convert.quantise import dequantise

PART = re.compile(r"^(?P<name>.+?)(?P<kind>\.T|\.q4|\.q8)?(?:\[(?P<start>\d+):\d+\])?$")


def read_stored(graph: Path) -> dict[str, np.ndarray]:
    """Matrices as the checkpoint has them, (outputs, inputs); tables and matrices that were split are joined again."""
    model = onnx.load(graph)  # with its shards
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    columns = {node.input[1]: column_count(node) for node in model.graph.node if node.op_type == "MatMulNBits"}
    parts: dict[str, list[tuple[int, np.ndarray]]] = {}
    for key, array in arrays.items():
        found = PART.match(key)
        if key.endswith(".scale") or key.startswith("constant_") or not found:
            continue
        if found["kind"] in (".q4", ".q8"):
            scales = arrays[f"{key}.scale"].reshape(array.shape[:2])
            array = dequantise(array, scales, int(found["kind"][-1]), columns[key])
        elif found["kind"] == ".T":
            array = array.T
        parts.setdefault(found["name"], []).append((int(found["start"] or 0), array.astype(np.float32)))
    return {name: np.concatenate([array for _, array in sorted(p, key=lambda x: x[0])]) for name, p in parts.items()}


def column_count(node: onnx.NodeProto) -> int:
    return next(attribute.i for attribute in node.attribute if attribute.name == "K")
