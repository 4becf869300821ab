"""The layers that real models are written in."""

from collections.abc import Iterator
from itertools import pairwise
from math import ceil, log

import numpy as np
import torch

from training.convert.quantise import BLOCK, blocks_in, quantise
from training.convert.stored_graph import Form, StoredGraph

CHUNK = 1 << 22  # numbers that are read, merged and quantised at a time
SCORES = 128_000_000  # bytes of attention scores that a written-out attention holds at a time


class ModelGraph(StoredGraph):
    """Matrices are (outputs, inputs) in the checkpoint, and stored as `form` says."""

    # Matrices

    def parts(self, rows: int, row_bytes: float) -> list[tuple[int, int]]:
        """Ranges of rows that each fit a shard."""
        count = min(rows, ceil(rows * row_bytes / self.shards.limit))
        edges = [rows * i // count for i in range(count + 1)]
        return list(pairwise(edges))

    def product(self, x: str, name: str, inputs: int, outputs: int, form: Form | None = None) -> str:
        """x (…, inputs) · weightᵀ → (…, outputs). The checkpoint's weight is (outputs, inputs)."""
        form = form or self.form
        weight = f"{name}.weight"
        self.weights.expect(weight, (outputs, inputs))
        row = blocks_in(inputs) * BLOCK * int(form[1]) / 8 if form in ("q4", "q8") else inputs * self.itemsize
        parts = self.parts(outputs, row)
        one = self._blocks if form in ("q4", "q8") else self._matrix
        products = [one(x, weight, inputs, start, stop, form, whole=len(parts) == 1) for start, stop in parts]
        return products[0] if len(products) == 1 else self.op("Concat", *products, axis=-1)

    def _matrix(self, x: str, weight: str, inputs: int, start: int, stop: int, form: Form, whole: bool) -> str:
        """Stored transposed, (inputs, outputs), as MatMul reads it."""
        key = f"{weight}.T" if whole else f"{weight}.T[{start}:{stop}]"
        rows = (0, None) if whole else (start, stop)

        def transposed() -> list[np.ndarray]:
            return [self.to_storage(weight, self.weights.rows(weight, *rows)).T]

        return self.op("MatMul", x, self.place(key, (inputs, stop - start), transposed))

    def _blocks(self, x: str, weight: str, inputs: int, start: int, stop: int, form: Form, whole: bool) -> str:
        """Stored in blocks (quantise.py); the scales follow the values and come from the same pass."""
        key = f"{weight}.{form}" if whole else f"{weight}.{form}[{start}:{stop}]"
        bits, blocks, count = int(form[1]), blocks_in(inputs), stop - start
        scales: list[np.ndarray] = []

        def values() -> Iterator[np.ndarray]:
            scales.clear()
            step = max(1, CHUNK // inputs)
            for first in range(start, stop, step):
                packed, scale = quantise(self.weights.rows(weight, first, min(first + step, stop)), bits)
                self.to_storage(weight, scale)
                scales.append(scale)
                yield packed

        def stored_scales() -> list[np.ndarray]:
            if not scales:  # the values lie in a shard that an earlier run finished
                for _ in values():
                    pass
            return scales

        packed = self.place(key, (count, blocks, BLOCK * bits // 8), values, np.uint8)
        scale = self.place(f"{key}.scale", (count * blocks,), stored_scales, np.float16)
        return self.fused("MatMulNBits", x, packed, scale, K=inputs, N=count, bits=bits, block_size=BLOCK)

    def linear(
        self, x: str, name: str, inputs: int, outputs: int, *, form: Form | None = None, bias: bool = True
    ) -> str:
        product = self.product(x, name, inputs, outputs, form)
        return self.op("Add", product, self.tensor(f"{name}.bias", outputs)) if bias else product

    def plain(self, x: str, name: str, inputs: int, outputs: int, *, bias: bool = True) -> str:
        """A linear layer that is never stored in blocks: first and last ones, on which all the others depend."""
        return self.linear(x, name, inputs, outputs, form="f32" if self.form == "f32" else "f16", bias=bias)

    def embedding(self, ids: str, name: str, rows: int, width: int) -> str:
        """ids (…) int64 → (…, width). A table larger than a shard is looked up part by part."""
        self.weights.expect(name, (rows, width))
        parts = self.parts(rows, width * self.itemsize)
        found = [self._lookup(ids, name, width, start, stop, whole=len(parts) == 1) for start, stop in parts]
        total = found[0]
        for part in found[1:]:
            total = self.op("Add", total, part)
        return total

    def _lookup(self, ids: str, name: str, width: int, start: int, stop: int, whole: bool) -> str:
        def stored() -> Iterator[np.ndarray]:
            step = max(1, CHUNK // width)
            for first in range(start, stop, step):
                yield self.to_storage(name, self.weights.rows(name, first, min(first + step, stop)))

        key = name if whole else f"{name}[{start}:{stop}]"
        table = self.place(key, (stop - start, width), stored)
        if whole:
            return self.op("Gather", table, ids)
        local = self.op("Sub", ids, self.integer(start))
        inside = self.op("Clip", local, self.integer(0), self.integer(stop - start - 1))
        here = self.op("Unsqueeze", self.op("Cast", self.op("Equal", local, inside), to=self.dtype), self.integers(-1))
        return self.op("Mul", self.op("Gather", table, inside), here)

    # Elementwise and norms

    def silu(self, x: str) -> str:
        return self.op("Mul", x, self.op("Sigmoid", x))

    def layer_norm(self, x: str, name: str, width: int, epsilon: float) -> str:
        scale, bias = self.tensor(f"{name}.weight", width), self.tensor(f"{name}.bias", width)
        return self.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)

    def rms_norm(self, x: str, name: str, width: int, epsilon: float) -> str:
        return self.op(
            "SimplifiedLayerNormalization", x, self.tensor(f"{name}.weight", width), axis=-1, epsilon=epsilon
        )

    def sinusoids(self, value: str, width: int) -> str:
        """(B, 1) float32 → (B, width) float32: cosines, then sines, of the value times frequencies 1 … 1/10000.

        By torch's exp: NumPy's differs by 2e-5 of the angles."""
        half = width // 2
        exponents = -log(10000) * torch.arange(half, dtype=torch.float32) / half
        angles = self.op("Mul", value, self.constant(torch.exp(exponents).numpy()))
        return self.op("Concat", self.op("Cos", angles), self.op("Sin", angles), axis=-1)

    # Attention

    def heads_of(self, x: str, heads: int) -> str:
        """(B, N, heads · d) → (B, N, heads, d)."""
        return self.op("Reshape", x, self.integers(0, 0, heads, -1))

    def attend(self, q: str, k: str, v: str, heads: int, head_dim: int, scores: int) -> str:
        """Softmax attention without a mask; q (B, N, heads · head_dim), k and v (B, M, heads · head_dim).

        scores: N · M at the model's full size. A written-out attention takes its queries in parts, so that the scores
        of a part fit SCORES.
        """
        if self.style.fused:
            return self.fused("MultiHeadAttention", q, k, v, num_heads=heads)
        q = self.op("Mul", q, self.number(head_dim**-0.5))
        q, k, v = (self.heads_of(part, heads) for part in (q, k, v))
        q, v = (self.op("Transpose", part, perm=[0, 2, 1, 3]) for part in (q, v))
        k = self.op("Transpose", k, perm=[0, 2, 3, 1])
        count = ceil(heads * scores * 4 / SCORES)
        mixed = [self._attend_part(part, k, v) for part in self.query_parts(q, count)]
        whole = mixed[0] if count == 1 else self.op("Concat", *mixed, axis=2)
        return self.op("Reshape", self.op("Transpose", whole, perm=[0, 2, 1, 3]), self.integers(0, 0, -1))

    def _attend_part(self, q: str, k: str, v: str) -> str:
        return self.op("MatMul", self.op("Softmax", self.op("MatMul", q, k), axis=-1), v)

    def query_parts(self, q: str, count: int) -> list[str]:
        """(B, heads, N, d) in `count` ranges of N."""
        if count == 1:
            return [q]
        rows = self.op("Shape", q, start=2, end=3)
        edges = [self.op("Div", self.op("Mul", rows, self.integers(i)), self.integers(count)) for i in range(count + 1)]
        return [self.op("Slice", q, edges[i], edges[i + 1], self.integers(2)) for i in range(count)]
