"""The denoiser of SD3.5, an MMDiT (Esser et al. 2024, arXiv 2403.03206, section 4): text and image tokens have weights
of their own and attend together. In SD3.5-Medium the first blocks let the image attend to itself a second time.

Inputs: latent (B, C, H, W), timestep (B,) = 1000 · sigma, and the encoders' states and pooled vectors, joined here.
Output: velocity (B, C, H, W).
"""

from dataclasses import dataclass

import numpy as np

from training.convert.config import Config
from training.convert.graph import ModelGraph
from training.export.onnx_graph import FLOAT

EPSILON = 1e-6


@dataclass(frozen=True)
class TextInput:
    """A named tensor of the conditioning; tokens is None for a pooled vector."""

    name: str
    width: int
    tokens: int | None = None


@dataclass(frozen=True)
class MMDiT:
    layers: int
    heads: int
    head_dim: int
    channels: int
    patch: int
    text_width: int
    pooled_width: int
    table: int  # positions along one side of the checkpoint's table
    sample: int  # latent cells along one side of the pictures that it was trained for
    dual: frozenset[int]  # blocks with a second attention

    @property
    def width(self) -> int:
        return self.heads * self.head_dim

    @property
    def kept_positions(self) -> int:
        """Positions along one side that are written: half as many again as the largest square picture has, so that
        wide and tall pictures fit, and not the whole table (384 x 384 in SD3.5-Medium)."""
        return min(self.table, self.sample // self.patch * 3 // 2)

    @property
    def most_cells(self) -> int:
        """Latent cells along one side at most: beyond them there are no positions."""
        return self.kept_positions * self.patch

    @classmethod
    def read(cls, c: Config) -> "MMDiT":
        c.require(qk_norm="rms_norm", out_channels=c.whole("in_channels"))
        c.require(caption_projection_dim=c.whole("num_attention_heads") * c.whole("attention_head_dim"))
        return cls(
            layers=c.whole("num_layers"),
            heads=c.whole("num_attention_heads"),
            head_dim=c.whole("attention_head_dim"),
            channels=c.whole("in_channels"),
            patch=c.whole("patch_size"),
            text_width=c.whole("joint_attention_dim"),
            pooled_width=c.whole("pooled_projection_dim"),
            table=c.whole("pos_embed_max_size"),
            sample=c.whole("sample_size"),
            dual=frozenset(c.wholes("dual_attention_layers", default=[])),
        )


class Writer:
    def __init__(self, g: ModelGraph, m: MMDiT, text_tokens: int) -> None:
        self.g, self.m = g, m
        self.condition = ""
        self.image_tokens = ""  # (1,) int64
        cells = (m.sample // m.patch) ** 2
        self.joint_scores, self.image_scores = (cells + text_tokens) ** 2, cells**2
        # AdaLN's matrices are a third of the weights. 4 bits there double the velocity's error; 8 cost little.
        self.ada = "q8" if g.form == "q4" else g.form

    def modulation(self, name: str, pattern: str) -> list[str]:
        """The condition's parts, one for each letter, each (B, 1, width). An `s`, a scale, comes with 1 added."""
        g, d = self.g, self.m.width
        parts = g.linear(self.condition, name, d, len(pattern) * d, form=self.ada)
        parts = g.op("Reshape", parts, g.integers(0, len(pattern), d))
        if "s" in pattern:
            parts = g.op("Add", parts, g.number([[[float(letter == "s")] for letter in pattern]]))
        return g.split(parts, len(pattern), 1)

    def normed(self, x: str) -> str:
        g, d = self.g, self.m.width
        return g.op("LayerNormalization", x, g.number(np.ones(d)), g.number(np.zeros(d)), axis=-1, epsilon=EPSILON)

    def modulated(self, normed: str, shift: str, scale: str) -> str:
        return self.g.op("Add", self.g.op("Mul", normed, scale), shift)

    def gated(self, x: str, gate: str, change: str) -> str:
        return self.g.op("Add", x, self.g.op("Mul", change, gate))

    def normed_heads(self, x: str, layer: str, norm: str) -> str:
        """A query or key layer and the RMS norm of each head; (B, N, width)."""
        g, m = self.g, self.m
        heads = g.heads_of(g.linear(x, layer, m.width, m.width), m.heads)
        return g.op("Reshape", g.rms_norm(heads, norm, m.head_dim, EPSILON), g.integers(0, 0, m.width))

    def value(self, x: str, layer: str) -> str:
        return self.g.linear(x, layer, self.m.width, self.m.width)

    def joint_attention(self, image: str, text: str, name: str) -> str:
        """Image tokens first, as diffusers joins them, although the order makes no difference to attention."""
        g, m = self.g, self.m
        q, k = (
            g.op(
                "Concat",
                self.normed_heads(image, f"{name}.to_{part}", f"{name}.norm_{part}"),
                self.normed_heads(text, f"{name}.add_{part}_proj", f"{name}.norm_added_{part}"),
                axis=1,
            )
            for part in "qk"
        )
        v = g.op("Concat", self.value(image, f"{name}.to_v"), self.value(text, f"{name}.add_v_proj"), axis=1)
        return g.attend(q, k, v, m.heads, m.head_dim, self.joint_scores)

    def second_attention(self, x: str, name: str) -> str:
        q, k = (self.normed_heads(x, f"{name}.to_{part}", f"{name}.norm_{part}") for part in "qk")
        g, m = self.g, self.m
        mixed = g.attend(q, k, self.value(x, f"{name}.to_v"), m.heads, m.head_dim, self.image_scores)
        return g.linear(mixed, f"{name}.to_out.0", m.width, m.width)

    def mlp(self, x: str, name: str) -> str:
        g, d = self.g, self.m.width
        hidden = g.fused("FastGelu", g.linear(x, f"{name}.net.0.proj", d, 4 * d))
        return g.linear(hidden, f"{name}.net.2", 4 * d, d)

    def block(self, image: str, text: str, index: int) -> tuple[str, str]:
        """The last block's text is not needed any more: it is returned as it came."""
        g, d, name = self.g, self.m.width, f"transformer_blocks.{index}"
        last, dual = index == self.m.layers - 1, index in self.m.dual
        shift, scale, gate, mlp_shift, mlp_scale, mlp_gate, *second = self.modulation(
            f"{name}.norm1.linear", "hsghsghsg" if dual else "hsghsg"
        )
        if last:
            text_scale, text_shift = self.modulation(f"{name}.norm1_context.linear", "sh")
            text_parts: list[str] = []
        else:
            text_shift, text_scale, *text_parts = self.modulation(f"{name}.norm1_context.linear", "hsghsg")
        normed = self.normed(image)
        mixed = self.joint_attention(
            self.modulated(normed, shift, scale),
            self.modulated(self.normed(text), text_shift, text_scale),
            f"{name}.attn",
        )
        of_image = g.op("Slice", mixed, g.integers(0), self.image_tokens, g.integers(1))
        image = self.gated(image, gate, g.linear(of_image, f"{name}.attn.to_out.0", d, d))
        if dual:
            again = self.second_attention(self.modulated(normed, second[0], second[1]), f"{name}.attn2")
            image = self.gated(image, second[2], again)
        image = self.gated(
            image, mlp_gate, self.mlp(self.modulated(self.normed(image), mlp_shift, mlp_scale), f"{name}.ff")
        )
        if not last:
            gate, mlp_shift, mlp_scale, mlp_gate = text_parts
            of_text = g.op("Slice", mixed, self.image_tokens, g.integers(2**31 - 1), g.integers(1))
            text = self.gated(text, gate, g.linear(of_text, f"{name}.attn.to_add_out", d, d))
            text = self.gated(
                text, mlp_gate, self.mlp(self.modulated(self.normed(text), mlp_shift, mlp_scale), f"{name}.ff_context")
            )
        return image, text

    def embed_condition(self, timestep: str, pooled: str) -> str:
        """silu of the sum of timestep and pooled text, (B, 1, width): the form in which every block reads it."""
        g, d = self.g, self.m.width
        time = g.enter(g.sinusoids(g.op("Unsqueeze", timestep, g.integers(1, 2)), 256))
        parts = []
        for x, name, width in (
            (time, "timestep_embedder", 256),
            (g.enter(pooled), "text_embedder", self.m.pooled_width),
        ):
            hidden = g.silu(g.plain(x, f"time_text_embed.{name}.linear_1", width, d))
            parts.append(g.plain(hidden, f"time_text_embed.{name}.linear_2", d, d))
        return g.silu(g.op("Add", *parts))

    def embed_image(self, latent: str) -> tuple[str, str, str]:
        """Tokens (B, N, width) with their positions, and the counts of rows and columns, (1,) each."""
        g, m = self.g, self.m
        kernel = g.tensor("pos_embed.proj.weight", m.width, m.channels, m.patch, m.patch)
        bias = g.tensor("pos_embed.proj.bias", m.width)
        patches = g.op("Conv", g.enter(latent), kernel, bias, strides=[m.patch, m.patch])
        rows, columns = (g.op("Shape", patches, start=axis, end=axis + 1) for axis in (2, 3))
        tokens = g.op("Transpose", g.op("Reshape", patches, g.integers(0, m.width, -1)), perm=[0, 2, 1])
        return g.op("Add", tokens, self.positions(rows, columns)), rows, columns

    def positions(self, rows: str, columns: str) -> str:
        """The middle rows x columns of the table, (1, N, width). Only the middle of the table is stored."""
        g, m = self.g, self.m
        name, side, kept = "pos_embed.pos_embed", self.m.table, self.m.kept_positions
        g.weights.expect(name, (1, side * side, m.width))
        first = (side - kept) // 2

        def middle() -> list[np.ndarray]:
            table = g.weights.rows(name).reshape(side, side, m.width)
            return [g.to_storage(name, table[first : first + kept, first : first + kept])]

        table = g.place(f"{name}.middle", (kept, kept, m.width), middle)
        # diffusers counts from the whole table's side: (side − n) // 2, less the rows that were cut away before.
        starts = g.op("Div", g.op("Sub", g.integers(side), g.op("Concat", rows, columns, axis=0)), g.integers(2))
        starts = g.op("Sub", starts, g.integers(first, first))
        ends = g.op("Add", starts, g.op("Concat", rows, columns, axis=0))
        return g.op("Reshape", g.op("Slice", table, starts, ends, g.integers(0, 1)), g.integers(1, -1, m.width))


def write_mmdit(g: ModelGraph, m: MMDiT, clip_states: list[TextInput], t5: TextInput, pooled: list[TextInput]) -> None:
    """clip_states are joined along the width and filled up with zeros; T5's follow them as further tokens."""
    latent = g.input("latent", FLOAT, ["batch", m.channels, "height", "width"])
    timestep = g.input("timestep", FLOAT, ["batch"])
    states = [g.input(t.name, FLOAT, ["batch", t.tokens or "tokens", t.width]) for t in [*clip_states, t5]]
    vectors = [g.input(t.name, FLOAT, ["batch", t.width]) for t in pooled]
    w = Writer(g, m, sum(t.tokens or 0 for t in (clip_states[0], t5)))

    clip = g.op("Concat", *states[:-1], axis=2)
    clip = g.op("Pad", clip, g.integers(0, 0, 0, 0, 0, m.text_width - sum(t.width for t in clip_states)))
    text = g.enter(g.op("Concat", clip, states[-1], axis=1))
    text = g.plain(text, "context_embedder", m.text_width, m.width)
    vector = g.op("Unsqueeze", g.op("Concat", *vectors, axis=1), g.integers(1))
    w.condition = w.embed_condition(timestep, vector)

    image, rows, columns = w.embed_image(latent)
    w.image_tokens = g.op("Shape", image, start=1, end=2)
    for index in range(m.layers):
        image, text = w.block(image, text, index)
    scale, shift = w.modulation("norm_out.linear", "sh")
    image = w.modulated(w.normed(image), shift, scale)
    image = g.leave(g.plain(image, "proj_out", m.width, m.patch**2 * m.channels))
    image = g.op("Transpose", image, perm=[0, 2, 1])
    grid = g.op("Concat", g.integers(0, m.patch**2 * m.channels), rows, columns, axis=0)
    velocity = g.op("DepthToSpace", g.op("Reshape", image, grid), blocksize=m.patch, mode="DCR")
    g.output(velocity, "velocity", ["batch", m.channels, "height", "width"])
