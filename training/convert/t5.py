"""T5's encoder (Raffel et al. 2020, version 1.1): RMS norms, no biases, one table of relative positions for all layers.

Padding is not masked, as in SD3: a prompt is always filled up to the same number of tokens.
"""

from dataclasses import dataclass
from math import log

import numpy as np

from training.convert.config import Config
from training.convert.graph import ModelGraph
from training.export.onnx_graph import INT64

DAMPING = 64  # the gated hidden values of T5-XXL are large: their product is formed at 1/64 in float16


@dataclass(frozen=True)
class T5:
    vocabulary: int
    width: int
    layers: int
    heads: int
    head_dim: int
    hidden: int
    buckets: int
    farthest: int
    epsilon: float

    @classmethod
    def read(cls, c: Config) -> "T5":
        c.require(feed_forward_proj="gated-gelu")
        return cls(
            vocabulary=c.whole("vocab_size"),
            width=c.whole("d_model"),
            layers=c.whole("num_layers"),
            heads=c.whole("num_heads"),
            head_dim=c.whole("d_kv"),
            hidden=c.whole("d_ff"),
            buckets=c.whole("relative_attention_num_buckets", 32),
            farthest=c.whole("relative_attention_max_distance", 128),
            epsilon=c.real("layer_norm_epsilon", 1e-6),
        )


def bucket(distance: int, m: T5) -> int:
    """The row of the table for a key that lies `distance` after its query (section 2.1): near ones have their own,
    farther ones share, logarithmically; each direction has half of the rows."""
    half = m.buckets // 2
    exact = half // 2
    base = half if distance > 0 else 0
    d = abs(distance)
    if d < exact:
        return base + d
    # In float32, as the reference computes it: the edges of the buckets depend on it.
    ratio = np.log(np.float32(d) / np.float32(exact)) / np.float32(log(m.farthest / exact)) * np.float32(half - exact)
    return base + min(exact + int(ratio), half - 1)


def position_bias(g: ModelGraph, ids: str, m: T5, tokens: int) -> str:
    """What is added to the scores, (1, heads, N, N), for up to `tokens` tokens."""
    name = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    table = g.tensor(name, m.buckets, m.heads)
    rows = g.op("Gather", table, g.constant([bucket(d, m) for d in range(1 - tokens, tokens)], np.int64))
    count = g.op("Gather", g.op("Shape", ids), g.integer(1))
    at = g.op("Range", g.integer(0), count, g.integer(1))
    distance = g.op("Sub", g.op("Unsqueeze", at, g.integers(0)), g.op("Unsqueeze", at, g.integers(1)))
    bias = g.op("Gather", rows, g.op("Add", distance, g.integer(tokens - 1)))
    return g.op("Unsqueeze", g.op("Transpose", bias, perm=[2, 0, 1]), g.integers(0))


def write_t5(g: ModelGraph, m: T5, tokens: int) -> list[str]:
    """ids (1, N) → states (1, N, width), N up to `tokens`. Returns the names of tensors that are not needed.

    Sums along the layers are float32 even where the rest is float16, as they outgrow it in T5-XXL.
    """
    ids = g.input("ids", INT64, ["batch", "tokens"])
    wide = g.in_float32()
    inner = m.heads * m.head_dim
    x = g.leave(g.embedding(ids, "shared.weight", m.vocabulary, m.width))
    bias = position_bias(g, ids, m, tokens)
    damping = DAMPING if g.style.half else 1

    def added(change: str, factor: float = 1) -> str:
        change = g.leave(change)
        return g.op("Add", x, change if factor == 1 else g.op("Mul", change, g.constant(factor)))

    for i in range(m.layers):
        name = f"encoder.block.{i}.layer"
        normed = g.enter(wide.rms_norm(x, f"{name}.0.layer_norm", m.width, m.epsilon))
        q, k, v = (g.product(normed, f"{name}.0.SelfAttention.{part}", m.width, inner) for part in "qkv")
        mixed = g.attention(q, k, v, bias, m.heads)
        x = added(g.product(mixed, f"{name}.0.SelfAttention.o", inner, m.width))
        normed = g.enter(wide.rms_norm(x, f"{name}.1.layer_norm", m.width, m.epsilon))
        gate = g.fused("FastGelu", g.product(normed, f"{name}.1.DenseReluDense.wi_0", m.width, m.hidden))
        hidden = g.product(normed, f"{name}.1.DenseReluDense.wi_1", m.width, m.hidden)
        if damping != 1:
            hidden = g.op("Mul", hidden, g.number(1 / damping))
        x = added(g.product(g.op("Mul", gate, hidden), f"{name}.1.DenseReluDense.wo", m.hidden, m.width), damping)
    g.output(wide.rms_norm(x, "encoder.final_layer_norm", m.width, m.epsilon), "states", ["batch", "tokens", m.width])
    return ["encoder.embed_tokens.weight"]
