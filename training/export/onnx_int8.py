"""A graph whose products take activations in 8 bits, for processors: WASM multiplies them in 0.6 of the time of floats.

Each token is rounded on its own, symmetrically, so that a picture never depends on the others of its batch:
scale = max |x| / 127, q = round(x / scale), ties to even. Weights are the 8-bit ones that ship anyway. Products and
sums of integers are exact, so that a layer of the twin in PyTorch (nets/int8.py) gives the same numbers.
"""

import numpy as np
from onnx import numpy_helper
from torch import nn

from training.export.onnx_unfolded import UnfoldedGraph
from training.nets.int8 import LEAST, STEPS, reads_condition, rounds

ZERO = np.uint8(128)
"""Of the activations: onnxruntime's WASM multiplies unsigned by signed."""


class Int8Graph(UnfoldedGraph):
    def __init__(self) -> None:
        super().__init__()
        self.rounded: dict[str, tuple[str, str]] = {}

    def quantised(self, x: str) -> str:
        """Whole numbers from -127 to 127 as uint8 around ZERO; others are rounded, ties to even."""
        return self.op("QuantizeLinear", x, self.constant(1), self.constant(ZERO, np.uint8))

    def in_steps(self, x: str) -> tuple[str, str]:
        """(…, width) → the same in steps, from -127 to 127, and a step's size (…, 1)."""
        largest = self.op("ReduceMax", self.op("Abs", x), self.integers(-1), keepdims=1)
        scale = self.op("Mul", self.op("Max", largest, self.constant(LEAST)), self.constant(1 / 127))
        return self.op("Div", x, scale), scale

    def round_tokens(self, x: str) -> tuple[str, str]:
        """(…, width) → integers as uint8 around ZERO, and scales (…, 1). The same value twice is rounded once."""
        if x not in self.rounded:
            steps, scale = self.in_steps(x)
            self.rounded[x] = self.quantised(steps), scale
        return self.rounded[x]

    def round_halves(self, x: str) -> tuple[str, str]:
        """(B, width) in 16 bits: as uint8 (B, 2, width), the whole steps and what they leave in 1/STEPS of a step; and
        what the two count, (B, 1, 2)."""
        if x not in self.rounded:
            steps, scale = self.in_steps(self.op("Unsqueeze", x, self.integers(1)))
            whole = self.op("Round", steps)
            rest = self.op("Mul", self.op("Sub", steps, whole), self.constant(STEPS))
            halves = self.quantised(self.op("Concat", whole, rest, axis=1))
            self.rounded[x] = halves, self.op("Mul", scale, self.constant([[[1, 1 / STEPS]]]))
        return self.rounded[x]

    def integer_product(self, integers: str, weight: str, scale: str) -> str:
        """Of activations around ZERO, counted in steps, and a matrix with one scale a column."""
        self.parameter(scale, numpy_helper.to_array(self.initialisers[scale]).reshape(-1))
        zero = self.constant(ZERO, np.uint8)
        return self.fused("MatMulIntegerToFloat", integers, weight, self.constant(1), scale, zero)

    def product(self, x: str, name: str, layer: nn.Linear) -> str:
        stored = self.eight_bits(f"{name}.weight", layer.weight.T, 1)
        if stored is None or not rounds(name):
            return super().product(x, name, layer)
        integers, scale = self.round_tokens(x)
        return self.op("Mul", self.integer_product(integers, *stored), scale)

    def condition_product(self, condition: str, name: str, layer: nn.Linear) -> str:
        stored = self.eight_bits(f"{name}.weight", layer.weight.T, 1)
        if stored is None or not reads_condition(name):
            return super().condition_product(condition, name, layer)
        halves, counts = self.round_halves(condition)
        return self.op("MatMul", counts, self.integer_product(halves, *stored))
