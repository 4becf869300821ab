"""The text encoder of text.py as an ONNX graph of fused operators."""

from pathlib import Path

from torch import nn

from training.export.onnx_graph import FLOAT, INT64, Graph
from training.nets.text import TextBlock, TextEncoder


def layer_norm(g: Graph, x: str, name: str, layer: nn.LayerNorm) -> str:
    scale, bias = (g.parameter(f"{name}.{part}", getattr(layer, part)) for part in ("weight", "bias"))
    return g.op("LayerNormalization", x, scale, bias, epsilon=layer.eps)


def word_states(g: Graph, ids: str, words: nn.Embedding) -> str:
    """Rows of the word table. Only those that the prompt names leave their 8 bits: the table unfolded is 47 MB."""
    table = g.eight_bits("words.weight", words.weight, 0)
    if table is None:
        return g.op("Gather", g.matrix("words.weight", words.weight, 0), ids)
    integers, scale = (g.op("Gather", part, ids) for part in table)
    return g.op("Mul", g.op("Cast", integers, to=FLOAT), scale)


def block(g: Graph, x: str, name: str, layer: TextBlock, mask: str) -> str:
    q, k, v = (g.linear(x, f"{name}.{part}", getattr(layer, part)) for part in ("query", "key", "value"))
    q = g.op("Mul", q, g.constant((layer.query.out_features // layer.heads) ** -0.5))
    mixed = g.attention(q, k, v, mask, layer.heads)
    x = layer_norm(g, g.op("Add", x, g.linear(mixed, f"{name}.out", layer.out)), f"{name}.out_norm", layer.out_norm)
    hidden = g.gelu(x, f"{name}.mlp_in", layer.mlp_in)
    return layer_norm(
        g, g.op("Add", x, g.linear(hidden, f"{name}.mlp_out", layer.mlp_out)), f"{name}.mlp_norm", layer.mlp_norm
    )


def write_text_encoder(encoder: TextEncoder, path: Path, graph: Graph | None = None) -> None:
    """graph: an empty one, which decides how weights are stored."""
    g = graph or Graph()
    ids, attention_mask = (g.input(name, INT64, ["batch", "tokens"]) for name in ("input_ids", "attention_mask"))
    tokens = g.op("Shape", ids, start=1, end=2)
    table = g.matrix("positions.weight", encoder.positions.weight, 0)
    positions = g.op("Slice", table, g.integers(0), tokens, g.integers(0))
    x = layer_norm(g, g.op("Add", word_states(g, ids, encoder.words), positions), "norm", encoder.norm)
    visible = g.op("Cast", attention_mask, to=FLOAT)
    mask = g.attention_mask(visible)
    for i, layer in enumerate(encoder.blocks):
        x = block(g, x, f"blocks.{i}", layer, mask)
    g.op("Mul", x, g.op("Unsqueeze", visible, g.integers(2)), output="states")
    g.save(path, "states", ["batch", "tokens", encoder.words.embedding_dim])
