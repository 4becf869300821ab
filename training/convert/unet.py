"""SDXL's denoiser, a UNet with attention (Podell et al. 2023, arXiv 2307.01952, section 2.1), behind the engine's
contract.

The network predicts epsilon of x; the graph takes y and σ (noise_table.py) and answers v = (y − x0) / σ.
Inputs: latent y (B, 4, H, W), sigma (B,), the encoders' states and the pooled vector. Output: velocity (B, 4, H, W).
H and W must be divisible by 4. Pictures are asked for as 1024 x 1024, uncropped, at every scale.
"""

from dataclasses import dataclass

import numpy as np

from training.convert.config import Config
from training.convert.convolutions import conv, doubled, group_norm, resnet
from training.convert.errors import ConversionError
from training.convert.graph import ModelGraph
from training.convert.mmdit import TextInput
from training.convert.noise_table import NoiseTable
from training.export.onnx_graph import FLOAT

TIME_IDS = 1024, 1024, 0, 0, 1024, 1024  # original size, crop, target size
EPSILON, TRANSFORMER_EPSILON, LAYER_EPSILON = 1e-5, 1e-6, 1e-5
PLAIN, CROSS = ("DownBlock2D", "UpBlock2D"), ("CrossAttnDownBlock2D", "CrossAttnUpBlock2D")


@dataclass(frozen=True)
class UNet:
    channels: int
    widths: list[int]
    resnets: int  # in each block on the way down; one more on the way up
    heads: list[int]
    depths: list[int]  # transformer layers in each attention
    attends: list[bool]
    text_width: int
    pooled_width: int
    time_ids_width: int
    groups: int
    sample: int

    @property
    def time_width(self) -> int:
        return 4 * self.widths[0]

    @property
    def patch(self) -> int:
        return 2 ** (len(self.widths) - 1)

    @classmethod
    def read(cls, c: Config) -> "UNet":
        widths = c.wholes("block_out_channels")
        count = len(widths)
        down, up = c.values.get("down_block_types", []), c.values.get("up_block_types", [])
        attends = [kind == CROSS[0] for kind in down]
        known = [CROSS[0] if a else PLAIN[0] for a in attends], [CROSS[1] if a else PLAIN[1] for a in attends[::-1]]
        if (list(down), list(up)) != known:
            raise ConversionError(f"{c.path}: the blocks {[*down, *up]} are not known. Only SDXL's kinds are.")
        c.require(
            addition_embed_type="text_time",
            use_linear_projection=True,
            mid_block_type="UNetMidBlock2DCrossAttn",
            act_fn="silu",
            class_embed_type=None,
            encoder_hid_dim=None,
            time_cond_proj_dim=None,
            resnet_time_scale_shift="default",
            only_cross_attention=False,
            dual_cross_attention=False,
            center_input_sample=False,
            flip_sin_to_cos=True,
            freq_shift=0,
            norm_eps=EPSILON,
            conv_in_kernel=3,
            conv_out_kernel=3,
            num_attention_heads=None,
            reverse_transformer_layers_per_block=None,
            out_channels=c.whole("in_channels"),
        )
        time_ids = c.whole("addition_time_embed_dim")
        return cls(
            channels=c.whole("in_channels"),
            widths=widths,
            resnets=c.whole("layers_per_block", 2),
            heads=c.wholes("attention_head_dim", count),  # a misnomer that diffusers keeps
            depths=c.wholes("transformer_layers_per_block", count),
            attends=attends,
            text_width=c.whole("cross_attention_dim"),
            pooled_width=c.whole("projection_class_embeddings_input_dim") - len(TIME_IDS) * time_ids,
            time_ids_width=time_ids,
            groups=c.whole("norm_num_groups", 32),
            sample=c.whole("sample_size"),
        )


class Writer:
    def __init__(self, g: ModelGraph, m: UNet, text_tokens: int) -> None:
        self.g, self.m, self.text_tokens = g, m, text_tokens
        self.text = ""  # (B, N, text_width)
        self.time = ""  # silu of the time embedding, (B, 1, time_width)

    def resnet(self, x: str, name: str, inputs: int, outputs: int) -> str:
        return resnet(self.g, x, name, inputs, outputs, self.m.groups, EPSILON, (self.time, self.m.time_width))

    def attention(self, x: str, context: tuple[str, int], name: str, width: int, heads: int, scores: int) -> str:
        """context: the tokens that x attends to, and their width."""
        g = self.g
        q = g.linear(x, f"{name}.to_q", width, width, bias=False)
        k, v = (g.linear(context[0], f"{name}.to_{part}", context[1], width, bias=False) for part in "kv")
        mixed = g.attend(q, k, v, heads, width // heads, scores)
        return g.linear(mixed, f"{name}.to_out.0", width, width)

    def layer(self, x: str, name: str, width: int, heads: int, cells: int) -> str:
        """Attention among cells, attention to the text, and a GEGLU."""
        g, m = self.g, self.m
        normed = g.layer_norm(x, f"{name}.norm1", width, LAYER_EPSILON)
        x = g.op("Add", x, self.attention(normed, (normed, width), f"{name}.attn1", width, heads, cells**2))
        normed = g.layer_norm(x, f"{name}.norm2", width, LAYER_EPSILON)
        text, scores = (self.text, m.text_width), cells * self.text_tokens
        x = g.op("Add", x, self.attention(normed, text, f"{name}.attn2", width, heads, scores))
        normed = g.layer_norm(x, f"{name}.norm3", width, LAYER_EPSILON)
        hidden, gate = g.split(g.linear(normed, f"{name}.ff.net.0.proj", width, 8 * width), 2, -1)
        hidden = g.op("Mul", hidden, g.op("Gelu", gate))
        return g.op("Add", x, g.linear(hidden, f"{name}.ff.net.2", 4 * width, width))

    def transformer(self, x: str, name: str, level: int) -> str:
        """level: how often the picture has been halved."""
        g, m, width = self.g, self.m, self.m.widths[level]
        cells = (m.sample // 2**level) ** 2
        normed = group_norm(g, x, f"{name}.norm", width, m.groups, TRANSFORMER_EPSILON)
        tokens = g.op("Transpose", g.op("Reshape", normed, g.integers(0, width, -1)), perm=[0, 2, 1])
        tokens = g.linear(tokens, f"{name}.proj_in", width, width)
        for i in range(m.depths[level]):
            tokens = self.layer(tokens, f"{name}.transformer_blocks.{i}", width, m.heads[level], cells)
        tokens = g.op("Transpose", g.linear(tokens, f"{name}.proj_out", width, width), perm=[0, 2, 1])
        return g.op("Add", x, g.op("Reshape", tokens, g.op("Shape", x)))

    def down(self, x: str) -> tuple[str, list[tuple[str, int]]]:
        """The smallest picture, and what the way up gets from each step, with its width."""
        g, m = self.g, self.m
        x = conv(g, x, "conv_in", m.channels, m.widths[0])
        width, kept = m.widths[0], [(x, m.widths[0])]
        for level, outputs in enumerate(m.widths):
            name = f"down_blocks.{level}"
            for i in range(m.resnets):
                x = self.resnet(x, f"{name}.resnets.{i}", width, outputs)
                width = outputs
                if m.attends[level]:
                    x = self.transformer(x, f"{name}.attentions.{i}", level)
                kept.append((x, width))
            if level < len(m.widths) - 1:
                x = conv(g, x, f"{name}.downsamplers.0.conv", width, width, stride=2)
                kept.append((x, width))
        return x, kept

    def middle(self, x: str) -> str:
        level = len(self.m.widths) - 1
        width = self.m.widths[level]
        x = self.resnet(x, "mid_block.resnets.0", width, width)
        x = self.transformer(x, "mid_block.attentions.0", level)
        return self.resnet(x, "mid_block.resnets.1", width, width)

    def up(self, x: str, kept: list[tuple[str, int]]) -> str:
        g, m = self.g, self.m
        width = m.widths[-1]
        for block, level in enumerate(reversed(range(len(m.widths)))):
            name, outputs = f"up_blocks.{block}", m.widths[level]
            for i in range(m.resnets + 1):
                skipped, more = kept.pop()
                x = self.resnet(g.op("Concat", x, skipped, axis=1), f"{name}.resnets.{i}", width + more, outputs)
                width = outputs
                if m.attends[level]:
                    x = self.transformer(x, f"{name}.attentions.{i}", level)
            if level > 0:
                x = conv(g, doubled(g, x), f"{name}.upsamplers.0.conv", width, width)
        x = g.silu(group_norm(g, x, "conv_norm_out", width, m.groups, EPSILON))
        return conv(g, x, "conv_out", width, m.channels)

    def embed_condition(self, timestep: str, pooled: str) -> str:
        """timestep (B, 1) float32, pooled (B, pooled_width) → silu of the time embedding."""
        g, m, width = self.g, self.m, self.m.time_width
        time = g.enter(g.op("Unsqueeze", g.sinusoids(timestep, m.widths[0]), g.integers(1)))
        time = g.plain(
            g.silu(g.plain(time, "time_embedding.linear_1", m.widths[0], width)),
            "time_embedding.linear_2",
            width,
            width,
        )
        sizes = g.sinusoids(g.constant(np.array(TIME_IDS, np.float32)[:, None]), m.time_ids_width)
        sizes = g.op("Reshape", sizes, g.integers(1, 1, -1))
        count = g.op("Concat", g.op("Shape", pooled, start=0, end=1), g.integers(1, 1), axis=0)
        added = g.op("Concat", g.op("Unsqueeze", pooled, g.integers(1)), g.op("Expand", sizes, count), axis=2)
        inner = m.pooled_width + len(TIME_IDS) * m.time_ids_width
        added = g.plain(g.enter(added), "add_embedding.linear_1", inner, width)
        return g.silu(g.op("Add", time, g.plain(g.silu(added), "add_embedding.linear_2", width, width)))


def write_unet(g: ModelGraph, m: UNet, table: NoiseTable, states: list[TextInput], pooled: TextInput) -> None:
    latent = g.input("latent", FLOAT, ["batch", m.channels, "height", "width"])
    sigma = g.input("sigma", FLOAT, ["batch"])
    texts = [g.input(t.name, FLOAT, ["batch", t.tokens or "tokens", t.width]) for t in states]
    vector = g.input(pooled.name, FLOAT, ["batch", pooled.width])
    w = Writer(g, m, states[0].tokens or 0)
    w.text = g.enter(g.op("Concat", *texts, axis=2))

    # The timestep whose σ is nearest; its place in the table is the network's time input.
    column = g.op("Unsqueeze", sigma, g.integers(1))
    distance = g.op("Abs", g.op("Sub", g.constant(table.sigma[None]), column))
    step = g.op("ArgMin", distance, axis=1, keepdims=1)

    def of_step(values: np.ndarray) -> str:
        return g.op("Unsqueeze", g.op("Gather", g.constant(values), step), g.integers(2, 3))

    s = g.op("Unsqueeze", column, g.integers(2, 3))
    # σ = 1, pure noise, lies beyond the table: the last timestep then reads the noise as it is.
    pure = g.op("Not", g.op("Less", s, g.constant(1)))
    x = g.op("Mul", latent, g.op("Where", pure, g.constant(1), of_step(table.total)))
    w.time = w.embed_condition(g.op("Cast", step, to=FLOAT), vector)
    smallest, kept = w.down(g.enter(x))
    epsilon = g.leave(w.up(w.middle(smallest), kept))
    clean = g.op("Div", g.op("Sub", x, g.op("Mul", of_step(table.noise), epsilon)), of_step(table.signal))
    velocity = g.op("Div", g.op("Sub", latent, clean), s)
    g.output(velocity, "velocity", ["batch", m.channels, "height", "width"])
