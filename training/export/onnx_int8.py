"""A graph whose products take activations in 8 bits, for processors: WASM multiplies them in 0.6 of the time of floats.

Each token is rounded on its own, symmetrically, so that a picture never depends on the others of its batch:
scale = max |x| / 127, q = round(x / scale), ties to even. Weights are the 8-bit ones that ship anyway. Products and
sums of integers are exact, so that a layer of the twin in PyTorch (nets/int8.py) gives the same numbers.
"""

import numpy as np
from torch import nn

from training.export.onnx_graph import FLOAT, Graph
from training.nets.int8 import LEAST, rounds

ZERO = np.uint8(128)
"""Of the activations: onnxruntime's WASM multiplies unsigned by signed."""


class Int8Graph(Graph):
    def __init__(self) -> None:
        super().__init__()
        self.rounded: dict[str, tuple[str, str]] = {}

    def round_tokens(self, x: str) -> tuple[str, str]:
        """(…, width) → integers as uint8 around 128, and scales (…, 1). The same value twice is rounded once."""
        if x not in self.rounded:
            largest = self.op("ReduceMax", self.op("Abs", x), self.integers(-1), keepdims=1)
            scale = self.op("Mul", self.op("Max", largest, self.constant(LEAST)), self.constant(1 / 127))
            one, zero = self.constant(1), self.constant(ZERO, np.uint8)
            self.rounded[x] = self.op("QuantizeLinear", self.op("Div", x, scale), one, zero), scale
        return self.rounded[x]

    def product(self, x: str, name: str, layer: nn.Linear) -> str:
        stored = self.eight_bits(f"{name}.weight", layer.weight.T, 1) if rounds(name) else None
        if stored is None:
            return super().product(x, name, layer)
        integers, scale = self.round_tokens(x)
        whole = self.op("MatMulInteger", integers, stored[0], self.constant(ZERO, np.uint8))
        return self.op("Mul", self.op("Mul", self.op("Cast", whole, to=FLOAT), scale), stored[1])
