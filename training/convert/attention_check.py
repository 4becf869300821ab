"""A small graph that tells whether a device computes onnxruntime's fused attention right: it does so both ways, fused
and written out, and answers how far they differ. Some drivers get the fused one wrong by a percent, silently."""

from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from training.convert.stored_graph import HALF
from training.export.onnx_graph import FLOAT, IR_VERSION, OPSETS, Graph

TOKENS, HEADS, HEAD_DIM = 160, 4, 64
LIMIT = 2e-3  # relative L2; float16 rounds to 5e-4, a wrong kernel was 3e-3 and more away


def sine_waves(g: Graph, one: str, frequency: float) -> str:
    """(1, TOKENS, HEADS · HEAD_DIM). `one` is an input, so that nothing is worked out when the graph is loaded."""
    rows = g.constant((np.arange(TOKENS) ** 2 * frequency % (2 * np.pi)).reshape(1, TOKENS, 1))
    columns = g.constant((np.arange(HEADS * HEAD_DIM) ** 2 * frequency % (2 * np.pi)).reshape(1, 1, -1))
    return g.op("Mul", g.op("Sin", g.op("Add", g.op("Mul", rows, one), columns)), g.constant(2))


def write_attention_check(path: Path, *, half: bool) -> None:
    """Input `one`: (1,) float32, always 1. Output `difference`: (1,) float32, relative L2."""
    g = Graph()
    one = g.input("one", FLOAT, [1])
    q, k, v = (sine_waves(g, one, frequency) for frequency in (0.731, 1.177, 2.693))
    if half:
        q, k, v = (g.op("Cast", part, to=HALF) for part in (q, k, v))
    fused = g.fused("MultiHeadAttention", q, k, v, num_heads=HEADS)
    heads = [g.op("Reshape", part, g.integers(0, 0, HEADS, -1)) for part in (q, k, v)]
    kind = np.float16 if half else np.float32
    query = g.op("Mul", g.op("Transpose", heads[0], perm=[0, 2, 1, 3]), g.constant(HEAD_DIM**-0.5, kind))
    scores = g.op("MatMul", query, g.op("Transpose", heads[1], perm=[0, 2, 3, 1]))
    mixed = g.op("MatMul", g.op("Softmax", scores, axis=-1), g.op("Transpose", heads[2], perm=[0, 2, 1, 3]))
    plain = g.op("Reshape", g.op("Transpose", mixed, perm=[0, 2, 1, 3]), g.integers(0, 0, -1))
    fused, plain = (g.op("Cast", part, to=FLOAT) if half else part for part in (fused, plain))
    apart, size = (squares(g, part) for part in (g.op("Sub", fused, plain), plain))
    g.op("Reshape", g.op("Sqrt", g.op("Div", apart, size)), g.integers(1), output="difference")
    value = helper.make_tensor_value_info("difference", FLOAT, [1])
    graph = helper.make_graph(g.nodes, path.stem, g.inputs, [value], list(g.initialisers.values()))
    opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION), path)


def squares(g: Graph, x: str) -> str:
    return g.op("ReduceSum", g.op("Mul", x, x), keepdims=1)
