"""The DiT of model.py as an ONNX graph of fused operators: same parameters, same names, same result.

Batch, height, width and tokens are free, so that one session serves every scale.
"""

from math import pi
from pathlib import Path

import numpy as np
from torch import nn

from training.export.onnx_graph import FLOAT, Graph
from training.nets.model import Attention, Block, DiT


def sinusoids(g: Graph, timestep: str, width: int) -> str:
    """(B,) → (B, width), as model.sinusoids."""
    half = width // 2
    frequencies = g.constant(np.exp(-np.arange(half, dtype=np.float32) * np.float32(9.21034 / half)))
    angles = g.op("Mul", g.op("Unsqueeze", timestep, g.integers(1)), frequencies)
    return g.op("Concat", g.op("Cos", angles), g.op("Sin", angles), axis=1)


def coordinates(g: Graph, cells: str) -> str:
    """The centres of `cells` (a whole number) cells: (cells,), from -1 to 1."""
    # Whole numbers up to here: on a GPU, ONNX Runtime keeps those on the CPU, and no value has to be read back.
    odd = g.op("Range", g.integer(1), g.op("Mul", cells, g.integer(2)), g.integer(2))
    return g.op("Sub", g.op("Div", g.op("Cast", odd, to=FLOAT), g.op("Cast", cells, to=FLOAT)), g.constant(1))


def rope_tables(g: Graph, height: str, width: str, text: str, head_dim: int) -> tuple[str, str]:
    """Cosines and sines (T + h·w, head_dim/2), as model.rope_table. Text tokens, which come first, do not turn."""
    pairs = head_dim // 4
    frequencies = np.float32(0.5 * pi) * np.float32(2) ** np.linspace(0, 3, pairs, dtype=np.float32)
    along_y = g.constant(np.concatenate([frequencies, np.zeros(pairs)])[None, None])
    along_x = g.constant(np.concatenate([np.zeros(pairs), frequencies])[None, None])
    y = g.op("Mul", g.op("Unsqueeze", coordinates(g, height), g.integers(1, 2)), along_y)
    x = g.op("Mul", g.op("Unsqueeze", coordinates(g, width), g.integers(0, 2)), along_x)
    angles = g.op("Reshape", g.op("Add", y, x), g.integers(-1, 2 * pairs))
    rows_before = g.op("Concat", g.op("Shape", text, start=1, end=2), g.integers(0, 0, 0), axis=0)
    angles = g.op("Pad", angles, rows_before)
    return g.op("Cos", angles), g.op("Sin", angles)


def attention(g: Graph, x: str, name: str, layer: Attention, rope: tuple[str, str], mask: str) -> str:
    """x: (B, N, width). mask: (B, 1, 1, N), added to the scores."""
    width = layer.q.in_features
    per_head, together = g.integers(0, 0, layer.heads, -1), g.integers(0, 0, width)
    first_position = g.integers(0)

    def turned(part: str, factor: float) -> str:
        heads = g.op("Reshape", g.linear(x, f"{name}.{part}", getattr(layer, part)), per_head)
        scale = g.parameter(f"{name}.{part}_norm.scale", getattr(layer, f"{part}_norm").scale)
        normed = g.op("SimplifiedLayerNormalization", heads, g.op("Mul", scale, g.constant(factor)), epsilon=1e-6)
        return g.fused("RotaryEmbedding", g.op("Reshape", normed, together), first_position, *rope)

    q, k, v = turned("q", (width // layer.heads) ** -0.5), turned("k", 1), g.linear(x, f"{name}.v", layer.v)
    return g.linear(g.attention(q, k, v, mask, layer.heads), f"{name}.out", layer.out)


def modulation(g: Graph, condition: str, name: str, layer: nn.Linear, pattern: str) -> list[str]:
    """The layer's parts, one for each letter of the pattern, each (B, 1, width). An `s`, a scale, comes with 1 added:
    onnxruntime adds it to the bias when it loads the graph."""
    width = layer.in_features
    ones = g.constant(np.repeat([letter == "s" for letter in pattern], width))
    bias = g.op("Add", g.parameter(f"{name}.bias", layer.bias), ones)
    parts = g.op("Add", g.condition_product(condition, name, layer), bias)
    return g.split(g.op("Reshape", parts, g.integers(0, len(pattern), width)), len(pattern), 1)


def modulated_norm(g: Graph, x: str, shift: str, scale: str, width: int) -> str:
    ones = g.constant(np.ones(width))
    return g.op("Add", g.op("Mul", g.op("LayerNormalization", x, ones, epsilon=1e-5), scale), shift)


def block(g: Graph, x: str, name: str, layer: Block, condition: str, rope: tuple[str, str], mask: str) -> str:
    width = layer.mlp_in.in_features
    shift_a, scale_a, gate_a, shift_m, scale_m, gate_m = modulation(
        g, condition, f"{name}.modulation", layer.modulation, "hsghsg"
    )
    attended = attention(
        g, modulated_norm(g, x, shift_a, scale_a, width), f"{name}.attention", layer.attention, rope, mask
    )
    x = g.op("Add", x, g.op("Mul", attended, gate_a))
    hidden = g.gelu(modulated_norm(g, x, shift_m, scale_m, width), f"{name}.mlp_in", layer.mlp_in)
    return g.op("Add", x, g.op("Mul", g.linear(hidden, f"{name}.mlp_out", layer.mlp_out), gate_m))


def write_denoiser(dit: DiT, path: Path, graph: Graph | None = None) -> None:
    """graph: an empty one, which decides how weights are stored."""
    config = dit.config
    d, p, channels = config.width, config.patch, config.channels
    g = graph or Graph()
    latent = g.input("latent", FLOAT, ["batch", channels, "height", "width"])
    timestep = g.input("timestep", FLOAT, ["batch"])
    text = g.input("text", FLOAT, ["batch", "tokens", config.text_width])
    text_mask = g.input("text_mask", FLOAT, ["batch", "tokens"])

    patches = g.op(
        "Conv",
        latent,
        g.matrix("patchify.weight", dit.patchify.weight, 0),
        g.parameter("patchify.bias", dit.patchify.bias),
        strides=[p, p],
    )
    height, width = (g.op("Gather", g.op("Shape", patches), g.integer(axis)) for axis in (2, 3))
    image = g.op("Transpose", g.op("Reshape", patches, g.integers(0, d, -1)), perm=[0, 2, 1])

    text = g.op("SimplifiedLayerNormalization", text, g.parameter("text_norm.scale", dit.text_norm.scale), epsilon=1e-6)
    visible = g.op("Unsqueeze", text_mask, g.integers(1))
    total = g.op("MatMul", visible, text)
    count = g.op("Max", g.op("ReduceSum", visible, g.integers(2)), g.constant(1))
    pooled = g.op("Squeeze", g.op("Div", total, count), g.integers(1))

    size = g.op("Reshape", g.op("Mul", g.op("Cast", height, to=FLOAT), g.constant(1 / 8)), g.integers(1, 1))
    time = g.linear(sinusoids(g, timestep, 256), "time_in", dit.time_in)
    c = g.op("Add", time, g.linear(pooled, "text_pooled", dit.text_pooled))
    c = g.op("Add", c, g.linear(size, "size_in", dit.size_in))

    def silu(x: str) -> str:
        return g.op("Mul", x, g.op("Sigmoid", x))

    c = silu(g.linear(silu(c), "condition", dit.condition))

    rope = rope_tables(g, height, width, text, d // config.heads)
    x = g.op("Concat", g.linear(text, "text_in", dit.text_in), image, axis=1)
    words, tokens = (g.op("Shape", value, start=1, end=2) for value in (text, x))
    image_cells = g.op("Concat", g.integers(0, 0, 0), g.op("Sub", tokens, words), axis=0)
    mask = g.attention_mask(g.op("Pad", text_mask, image_cells, g.constant(1)))

    for i, layer in enumerate(dit.blocks):
        x = block(g, x, f"blocks.{i}", layer, c, rope, mask)
    shift, scale = modulation(g, c, "final_modulation", dit.final_modulation, "hs")
    x = g.op("Slice", x, words, tokens, g.integers(1))
    out = g.linear(modulated_norm(g, x, shift, scale, d), "unpatchify", dit.unpatchify)
    sides = g.op("Shape", patches, start=2, end=4)
    grid = g.op("Concat", g.integers(0), sides, g.integers(channels, p, p), axis=0)
    out = g.op("Transpose", g.op("Reshape", out, grid), perm=[0, 3, 1, 4, 2, 5])
    g.op("Reshape", out, g.op("Shape", latent), output="velocity")
    g.save(path, "velocity", ["batch", channels, "height", "width"])
