"""The decoder of Stable Diffusion's AutoencoderKL.

Input: latent (B, C, h, w). Output: picture (B, 3, 8h, 8w), 0 to 1, not clamped.
"""

from dataclasses import dataclass
from math import ceil

from training.convert.config import Config
from training.convert.convolutions import conv, doubled, group_norm, resnet
from training.convert.graph import SCORES, ModelGraph
from training.export.onnx_graph import FLOAT

EPSILON = 1e-6
LAYERS = "to_q", "to_k", "to_v", "to_out.0"  # older checkpoints have other names for them


@dataclass(frozen=True)
class Vae:
    channels: int  # of the latent
    widths: list[int]  # from the picture inwards
    layers: int  # resnets a block of the encoder; a block of the decoder has one more
    groups: int
    scaling: float
    shift: float
    post_quant: bool
    upcast: bool  # float16 overflows in it

    @property
    def cell(self) -> int:
        return 2 ** (len(self.widths) - 1)

    @classmethod
    def read(cls, c: Config) -> "Vae":
        widths = c.wholes("block_out_channels")
        c.require(up_block_types=["UpDecoderBlock2D"] * len(widths), act_fn="silu", mid_block_add_attention=True)
        c.require(out_channels=3, latents_mean=None, latents_std=None)
        return cls(
            channels=c.whole("latent_channels"),
            widths=widths,
            layers=c.whole("layers_per_block"),
            groups=c.whole("norm_num_groups"),
            scaling=c.real("scaling_factor"),
            shift=0.0 if c.values.get("shift_factor") is None else c.real("shift_factor"),
            post_quant=c.flag("use_post_quant_conv", True),
            upcast=c.flag("force_upcast", True),
        )


def latent_input(g: ModelGraph, channels: int, scaling: float, shift: float) -> str:
    latent = g.input("latent", FLOAT, ["batch", channels, "height", "width"])
    scaled = g.op("Mul", latent, g.constant(1 / scaling))
    return g.enter(g.op("Add", scaled, g.constant(shift)) if shift else scaled)


def picture_output(g: ModelGraph, x: str, factor: float, offset: float) -> None:
    x = g.op("Add", g.op("Mul", g.leave(x), g.constant(factor)), g.constant(offset))
    g.output(x, "picture", ["batch", 3, "picture height", "picture width"])


def self_attention(g: ModelGraph, x: str, name: str, m: Vae, cells: int) -> str:
    """One head over all cells. At 128 x 128 cells the scores are 1 GB: queries come in parts, whatever the style."""
    width = m.widths[-1]
    flat = g.op("Reshape", group_norm(g, x, f"{name}.group_norm", width, m.groups, EPSILON), g.integers(0, width, -1))
    tokens = g.op("Transpose", flat, perm=[0, 2, 1])
    names = ("query", "key", "value", "proj_attn") if f"{name}.query.weight" in g.weights else LAYERS
    q, k, v = (g.plain(tokens, f"{name}.{part}", width, width) for part in names[:3])
    q, k, v = (g.op("Unsqueeze", part, g.integers(1)) for part in (g.op("Mul", q, g.number(width**-0.5)), k, v))
    k = g.op("Transpose", k, perm=[0, 1, 3, 2])
    parts = g.query_parts(q, ceil(cells**2 * 4 / SCORES))
    mixed = [g.op("MatMul", g.op("Softmax", g.op("MatMul", part, k), axis=-1), v) for part in parts]
    whole = g.op("Squeeze", mixed[0] if len(mixed) == 1 else g.op("Concat", *mixed, axis=2), g.integers(1))
    out = g.op("Transpose", g.plain(whole, f"{name}.{names[3]}", width, width), perm=[0, 2, 1])
    return g.op("Add", x, g.op("Reshape", out, g.op("Shape", x)))


def write_vae_decoder(g: ModelGraph, m: Vae, cells: int) -> list[str]:
    """cells: of the largest square latent. Returns the beginnings of the names of tensors that are not needed."""
    x = latent_input(g, m.channels, m.scaling, m.shift)
    if m.post_quant:
        x = conv(g, x, "post_quant_conv", m.channels, m.channels, 1)
    width = m.widths[-1]
    x = conv(g, x, "decoder.conv_in", m.channels, width)
    x = resnet(g, x, "decoder.mid_block.resnets.0", width, width, m.groups, EPSILON)
    x = self_attention(g, x, "decoder.mid_block.attentions.0", m, cells)
    x = resnet(g, x, "decoder.mid_block.resnets.1", width, width, m.groups, EPSILON)
    for i, outputs in enumerate(reversed(m.widths)):
        for j in range(m.layers + 1):
            x = resnet(g, x, f"decoder.up_blocks.{i}.resnets.{j}", width, outputs, m.groups, EPSILON)
            width = outputs
        if i < len(m.widths) - 1:
            x = conv(g, doubled(g, x), f"decoder.up_blocks.{i}.upsamplers.0.conv", width, width)
    x = g.silu(group_norm(g, x, "decoder.conv_norm_out", width, m.groups, EPSILON))
    picture_output(g, conv(g, x, "decoder.conv_out", width, 3), 0.5, 0.5)
    return ["encoder.", "quant_conv."]
