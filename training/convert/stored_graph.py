"""A graph under construction whose weights are stored once, outside it, and read by several graphs."""

from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from training.convert.errors import ConversionError
from training.convert.shards import Produce, Shards
from training.convert.weights import Weights
from training.export.onnx_graph import FLOAT, IR_VERSION, OPSETS, Graph

HALF = TensorProto.FLOAT16

Form = Literal["f32", "f16", "q8", "q4"]


@dataclass(frozen=True)
class Style:
    """How a graph computes; the stored weights are the same in every style.

    half: in float16 (the device needs shader-f16), else in float32.
    fused: attention as onnxruntime's own operator, else written out in plain ones.
    """

    half: bool = False
    fused: bool = True

    @property
    def suffix(self) -> str:
        return ("" if self.fused else ".plain") + (".f16" if self.half else "")


class StoredGraph(Graph):
    """form: how matrices are stored. All else is float32 under "f32" and float16 otherwise."""

    def __init__(self, weights: Weights, shards: Shards, form: Form, style: Style | None = None) -> None:
        super().__init__()
        self.weights, self.shards, self.form = weights, shards, form
        self.style = style or Style()
        self.dtype = HALF if self.style.half else FLOAT
        self.outputs: list[onnx.ValueInfoProto] = []

    @property
    def stored_type(self) -> type[np.generic]:
        return np.float32 if self.form == "f32" else np.float16

    @property
    def itemsize(self) -> int:
        return np.dtype(self.stored_type).itemsize

    def number(self, values: npt.ArrayLike) -> str:
        """A constant in the precision that the graph computes in."""
        return self.constant(values, np.float16 if self.style.half else np.float32)

    def enter(self, x: str) -> str:
        """float32 → what the graph computes in."""
        return self.op("Cast", x, to=HALF) if self.style.half else x

    def leave(self, x: str) -> str:
        """What the graph computes in → float32."""
        return self.op("Cast", x, to=FLOAT) if self.style.half else x

    def in_float32(self) -> Self:
        """This same graph, for parts that must compute in float32 even where the rest does not."""
        part = copy(self)
        part.style, part.dtype = replace(self.style, half=False), FLOAT
        return part

    def place(self, key: str, shape: tuple[int, ...], produce: Produce, dtype: type[np.generic] | None = None) -> str:
        """A stored array in the precision that the graph computes in. Integers stay as they are."""
        dtype = dtype or self.stored_type
        self.initialisers[key] = self.shards.place(key, shape, dtype, produce)
        if dtype is np.float16 and not self.style.half:
            return self.op("Cast", key, to=FLOAT)
        if dtype is np.float32 and self.style.half:
            return self.op("Cast", key, to=HALF)
        return key

    def to_storage(self, name: str, array: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            stored = array.astype(self.stored_type)
        if not np.isfinite(stored).all():
            raise ConversionError(
                f"{self.weights.checkpoint.folder}, '{name}' has numbers that {np.dtype(self.stored_type)} cannot "
                "hold, or that are no numbers. Convert with --weights f32, or download the file again."
            )
        return stored

    def tensor(self, name: str, *shape: int) -> str:
        """A tensor of the checkpoint as it is."""
        self.weights.expect(name, shape)
        return self.place(name, shape, lambda: [self.to_storage(name, self.weights.rows(name))])

    def output(self, value: str, name: str, dims: list[int | str]) -> None:
        """A float32 output."""
        self.op("Identity", value, output=name)
        self.outputs.append(helper.make_tensor_value_info(name, FLOAT, dims))

    def write(self, path: Path) -> None:
        graph = helper.make_graph(self.nodes, path.stem, self.inputs, self.outputs, list(self.initialisers.values()))
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION), path)

    def shards_used(self) -> list[str]:
        """The shards that this graph reads, in order."""
        named = {e.value for t in self.initialisers.values() for e in t.external_data if e.key == "location"}
        return [name for name in self.shards.names() if name in named]
