"""CLIP's text encoders (Radford et al. 2021), shared by SD3.5 and SDXL: the states before the last layer, and the
projected state of the end token where a model asks for it."""

from dataclasses import dataclass

import numpy as np

from training.convert.config import Config
from training.convert.errors import ConversionError
from training.convert.graph import ModelGraph
from training.export.onnx_graph import FLOAT, INT64

HIDDEN = -1e4  # added to the scores of later tokens; float16 holds it


@dataclass(frozen=True)
class Clip:
    vocabulary: int
    width: int
    layers: int
    heads: int
    hidden: int
    tokens: int
    projection: int
    activation: str
    end: int
    epsilon: float

    @classmethod
    def read(cls, c: Config) -> "Clip":
        activation = c.text("hidden_act")
        if activation not in ("gelu", "quick_gelu"):
            raise ConversionError(f"{c.path}: the activation '{activation}' is not known (gelu and quick_gelu are).")
        return cls(
            vocabulary=c.whole("vocab_size"),
            width=c.whole("hidden_size"),
            layers=c.whole("num_hidden_layers"),
            heads=c.whole("num_attention_heads"),
            hidden=c.whole("intermediate_size"),
            tokens=c.whole("max_position_embeddings"),
            projection=c.whole("projection_dim"),
            activation=activation,
            end=c.whole("eos_token_id", 2, least=0),
            epsilon=c.real("layer_norm_eps", 1e-5),
        )


def attention(g: ModelGraph, x: str, name: str, m: Clip, mask: str) -> str:
    q, k, v = (g.linear(x, f"{name}.{part}_proj", m.width, m.width) for part in "qkv")
    q = g.op("Mul", q, g.number((m.width // m.heads) ** -0.5))
    return g.linear(g.attention(q, k, v, mask, m.heads), f"{name}.out_proj", m.width, m.width)


def activated(g: ModelGraph, x: str, m: Clip) -> str:
    if m.activation == "gelu":
        return g.op("Gelu", x)
    return g.op("Mul", x, g.op("Sigmoid", g.op("Mul", x, g.number(1.702))))


def layer(g: ModelGraph, x: str, name: str, m: Clip, mask: str) -> str:
    x = g.op(
        "Add", x, attention(g, g.layer_norm(x, f"{name}.layer_norm1", m.width, m.epsilon), f"{name}.self_attn", m, mask)
    )
    hidden = g.linear(g.layer_norm(x, f"{name}.layer_norm2", m.width, m.epsilon), f"{name}.mlp.fc1", m.width, m.hidden)
    return g.op("Add", x, g.linear(activated(g, hidden, m), f"{name}.mlp.fc2", m.hidden, m.width))


def write_clip(g: ModelGraph, m: Clip, *, pooled: bool) -> list[str]:
    """ids (1, 77) → states (1, 77, width) and, if asked for, pooled (1, projection). Returns the beginnings of the
    names of tensors that are not needed."""
    root = "text_model." if "text_model.final_layer_norm.weight" in g.weights else ""  # newer files leave it out
    ids = g.input("ids", INT64, ["batch", m.tokens])
    words = g.embedding(ids, f"{root}embeddings.token_embedding.weight", m.vocabulary, m.width)
    x = g.op("Add", words, g.tensor(f"{root}embeddings.position_embedding.weight", m.tokens, m.width))
    mask = g.number(np.triu(np.full((1, 1, m.tokens, m.tokens), HIDDEN), 1))
    for i in range(m.layers - 1):
        x = layer(g, x, f"{root}encoder.layers.{i}", m, mask)
    g.output(g.leave(x), "states", ["batch", m.tokens, m.width])
    unneeded = [f"{root}embeddings.position_ids"]
    if not pooled:
        return [*unneeded, f"{root}encoder.layers.{m.layers - 1}.", f"{root}final_layer_norm.", "text_projection."]
    x = layer(g, x, f"{root}encoder.layers.{m.layers - 1}", m, mask)
    x = g.layer_norm(x, f"{root}final_layer_norm", m.width, m.epsilon)
    # The first end token: the padding may be further ones. Old configs say 2, and mean the largest id.
    found = ids if m.end == 2 else g.op("Cast", g.op("Equal", ids, g.integer(m.end)), to=INT64)
    at = g.op("ArgMax", g.op("Cast", found, to=FLOAT), axis=1, keepdims=1)
    rows = g.op("GatherND", x, at, batch_dims=1)
    g.output(
        g.leave(g.linear(rows, "text_projection", m.width, m.projection, bias=False)), "pooled", ["batch", m.projection]
    )
    return unneeded
