"""PyTorch modules to ONNX files that onnxruntime-web runs, weights stored in 8 bits where that is exact."""

import logging
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

OPSET = 20


def exact_int8(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """int8 values and float32 scales whose product is this weight bit for bit, or None where there are none.

    Weights that were rounded a row (text.round_to_int8) have them; the exporter may have transposed the matrix, so
    the rows are looked for along either axis.
    """
    for axis in (0, 1) if weight.ndim == 2 else (0,):
        others = tuple(a for a in range(weight.ndim) if a != axis)
        scale = np.maximum(np.abs(weight).max(others, keepdims=True), np.float32(1e-8)) / np.float32(127)
        for candidate in (scale, np.nextafter(scale, np.float32(1)), np.nextafter(scale, np.float32(0))):
            integers = np.clip(np.rint(weight / candidate), -127, 127).astype(np.int8)
            if np.array_equal(integers.astype(np.float32) * candidate, weight):
                return integers, candidate.astype(np.float32)
    return None


def store_as_int8(model: onnx.ModelProto) -> int:
    """Replace float32 initialisers that have an exact 8-bit form by Cast(int8) · scale. Returns how many.

    onnxruntime folds the two operators when it loads the graph, so they cost bytes on the wire and nothing later.
    """
    graph = model.graph
    count = 0
    nodes = []
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) not in (2, 4) or np.prod(tensor.dims) < 1024:
            continue
        stored = exact_int8(numpy_helper.to_array(tensor))
        if stored is None:
            continue
        integers, scale = stored
        name = tensor.name
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(integers, f"{name}.int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        nodes.append(helper.make_node("Cast", [f"{name}.int8"], [f"{name}.float"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [f"{name}.float", f"{name}.scale"], [name]))
        count += 1
    for node in reversed(nodes):
        graph.node.insert(0, node)
    return count


def write_onnx(
    module: nn.Module,
    path: Path,
    inputs: dict[str, tuple[Tensor, dict[int, str]]],
    output: str,
) -> None:
    """Export `module` to `path`. inputs: name → (example, {axis: name of the dynamic dimension})."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    module.eval()
    names = list(inputs)
    program = torch.onnx.export(
        module,
        tuple(example for example, _ in inputs.values()),
        input_names=names,
        output_names=[output],
        dynamic_shapes=tuple({axis: torch.export.Dim.DYNAMIC for axis in axes} for _, axes in inputs.values()),
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    for value in model.graph.input:
        for axis, label in inputs[value.name][1].items():
            value.type.tensor_type.shape.dim[axis].dim_param = label
    del model.graph.value_info[:]  # shapes that were inferred under other dimension names
    model.graph.doc_string = ""
    for node in model.graph.node:  # source paths and stack traces of the exporting machine
        node.doc_string = ""
        del node.metadata_props[:]
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    store_as_int8(model)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
