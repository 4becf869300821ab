"""Builds ONNX graphs an operator at a time, weights stored in 8 bits where that is exact.

The three graphs (onnx_text.py, onnx_denoiser.py, onnx_decoder.py) are written out by hand rather than traced: a trace
spells every norm, rotation and attention in a dozen small operators, and each costs a dispatch on a GPU.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from training.config.whole_file import replacing

OPSETS = {"": 21, "com.microsoft": 1}  # from 22 on onnxruntime's WebGPU has no sine and cosine: it reads back for them
IR_VERSION = 10
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def exact_int8(weight: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray] | None:
    """int8 values and float32 scales, one for each index along `axis`, whose product is this weight bit for bit.

    Weights that were rounded a row (text.round_to_int8) have them; None where there are none.
    """
    others = tuple(a for a in range(weight.ndim) if a != axis)
    scale = np.maximum(np.abs(weight).max(others, keepdims=True), np.float32(1e-8)) / np.float32(127)
    for candidate in (scale, np.nextafter(scale, np.float32(1)), np.nextafter(scale, np.float32(0))):
        integers = np.clip(np.rint(weight / candidate), -127, 127).astype(np.int8)
        if np.array_equal(integers.astype(np.float32) * candidate, weight):
            return integers, candidate.astype(np.float32)
    return None


Attribute = int | float | str | list[int]


class Graph:
    """A graph under construction. Values are named by strings, as in ONNX; methods return the names of what they
    add."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initialisers: dict[str, onnx.TensorProto] = {}
        self.inputs: list[onnx.ValueInfoProto] = []
        self.constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def input(self, name: str, dtype: int, dims: list[int | str]) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, dtype, dims))
        return name

    def op(
        self, operator: str, *inputs: str, output: str | None = None, domain: str = "", **attributes: Attribute
    ) -> str:
        """One operator with one output, named `output` if that is given."""
        output = output or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def fused(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """One of onnxruntime's own operators."""
        return self.op(operator, *inputs, domain="com.microsoft", **attributes)

    def split(self, value: str, parts: int, axis: int) -> list[str]:
        outputs = [f"Split_{len(self.nodes)}.{i}" for i in range(parts)]
        self.nodes.append(helper.make_node("Split", [value], outputs, axis=axis, num_outputs=parts))
        return outputs

    def constant(self, values: npt.ArrayLike, dtype: type[np.generic] = np.float32) -> str:
        """A small array; the same one twice is stored once."""
        array = np.asarray(values, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            self.constants[key] = name = f"constant_{len(self.constants)}"
            self.initialisers[name] = numpy_helper.from_array(array, name)
        return self.constants[key]

    def integers(self, *values: int) -> str:
        return self.constant(values, np.int64)

    def integer(self, value: int) -> str:
        return self.constant(value, np.int64)

    def parameter(self, name: str, value: Tensor | np.ndarray) -> str:
        """A float32 initialiser under its parameter's name."""
        array = np.ascontiguousarray(value, np.float32)
        self.initialisers[name] = numpy_helper.from_array(array, name)
        return name

    def eight_bits(self, name: str, value: Tensor | np.ndarray, axis: int) -> tuple[str, str] | None:
        """`name`.int8 and `name`.scale, whose product is this weight, one scale for each index along `axis`; or None
        where the weight has no exact 8-bit form, or is too small to gain by it."""
        array = np.ascontiguousarray(value, np.float32)
        stored = exact_int8(array, axis) if array.size >= 1024 else None
        if stored is None:
            return None
        integers = f"{name}.int8"
        self.initialisers[integers] = numpy_helper.from_array(stored[0], integers)
        return integers, self.parameter(f"{name}.scale", stored[1])

    def matrix(self, name: str, value: Tensor | np.ndarray, axis: int) -> str:
        """Weights in 8 bits where they can be. onnxruntime unfolds them once, when it loads the graph."""
        stored = self.eight_bits(name, value, axis)
        if stored is None:
            return self.parameter(name, value)
        return self.op("Mul", self.op("Cast", stored[0], to=FLOAT), stored[1], output=name)

    def product(self, x: str, name: str, layer: nn.Linear) -> str:
        """x · weight, without the bias. The weight is stored transposed, (in, out), as MatMul reads it."""
        return self.op("MatMul", x, self.matrix(f"{name}.weight", layer.weight.T, 1))

    def condition_product(self, condition: str, name: str, layer: nn.Linear) -> str:
        """As `product`, of (B, width): one row that all tokens read. The result may be (B, 1, out)."""
        return self.product(condition, name, layer)

    def linear(self, x: str, name: str, layer: nn.Linear) -> str:
        product = self.product(x, name, layer)
        return product if layer.bias is None else self.op("Add", product, self.parameter(f"{name}.bias", layer.bias))

    def gelu(self, x: str, name: str, layer: nn.Linear) -> str:
        """GELU of x · weight + bias."""
        return self.fused("BiasGelu", self.product(x, name, layer), self.parameter(f"{name}.bias", layer.bias))

    def attention(self, q: str, k: str, v: str, mask: str, heads: int) -> str:
        """Softmax attention; q, k, v: (B, N, width), q already divided by √head_dim. mask: (B, 1, 1, N), added to the
        scores.

        Written out: onnxruntime's MultiHeadAttention is no faster on WASM at these lengths. On the one WebGPU adapter
        it was tried on, a software one with subgroups, it was right for 20 tokens and wrong for 40 and more.
        """
        q, k, v = (self.op("Reshape", part, self.integers(0, 0, heads, -1)) for part in (q, k, v))
        q, v = (self.op("Transpose", part, perm=[0, 2, 1, 3]) for part in (q, v))
        scores = self.op("MatMul", q, self.op("Transpose", k, perm=[0, 2, 3, 1]))
        mixed = self.op("MatMul", self.op("Softmax", self.op("Add", scores, mask), axis=-1), v)
        return self.op("Reshape", self.op("Transpose", mixed, perm=[0, 2, 1, 3]), self.integers(0, 0, -1))

    def attention_mask(self, visible: str) -> str:
        """(B, N), 1 for a token and 0 for padding → what is added to the scores, (B, 1, 1, N)."""
        hidden = self.op("Mul", self.op("Sub", visible, self.constant(1)), self.constant(1e4))
        return self.op("Unsqueeze", hidden, self.integers(1, 2))

    def save(self, path: Path, output: str, dims: list[int | str]) -> None:
        """Whole or not at all. `output` is the graph's only one, float32.

        onnx.checker knows none of onnxruntime's own operators: the tests run what is written.
        """
        value = helper.make_tensor_value_info(output, FLOAT, dims)
        graph = helper.make_graph(self.nodes, path.stem, self.inputs, [value], list(self.initialisers.values()))
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial:
            onnx.save(model, partial)


def read_parameters(path: Path) -> dict[str, np.ndarray]:
    """A graph's float32 parameters by name, 8-bit ones unfolded; matrices as `linear` stored them."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}
    parameters = {name: array for name, array in arrays.items() if array.dtype == np.float32}
    for name, array in arrays.items():
        if array.dtype == np.int8:
            whole = name.removesuffix(".int8")
            parameters[whole] = array.astype(np.float32) * parameters.pop(f"{whole}.scale")
    return parameters
