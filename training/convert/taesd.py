"""The decoder of TAESD, a small stand-in for an AutoencoderKL's: the same latents, a fraction of the memory."""

from dataclasses import dataclass

from training.convert.config import Config
from training.convert.convolutions import conv, doubled
from training.convert.graph import ModelGraph
from training.convert.vae import latent_input, picture_output


@dataclass(frozen=True)
class Taesd:
    channels: int
    widths: list[int]
    blocks: list[int]
    scaling: float
    shift: float

    @property
    def cell(self) -> int:
        return 2 ** (len(self.widths) - 1)

    @classmethod
    def read(cls, c: Config) -> "Taesd":
        c.require(act_fn="relu", upsample_fn="nearest", upsampling_scaling_factor=2, out_channels=3)
        widths = c.wholes("decoder_block_out_channels")
        return cls(
            channels=c.whole("latent_channels"),
            widths=widths,
            blocks=c.wholes("num_decoder_blocks", len(widths)),
            scaling=c.real("scaling_factor", 1.0),
            shift=0.0 if c.values.get("shift_factor") is None else c.real("shift_factor"),
        )


def block(g: ModelGraph, x: str, name: str, width: int) -> str:
    hidden = x
    for i in (0, 2, 4):
        hidden = conv(g, hidden, f"{name}.conv.{i}", width, width)
        hidden = g.op("Relu", hidden) if i < 4 else hidden
    return g.op("Relu", g.op("Add", hidden, x))


def write_taesd_decoder(g: ModelGraph, m: Taesd) -> list[str]:
    """latent (B, C, h, w) → picture (B, 3, 8h, 8w), as vae.py."""
    limit = g.number(3)
    x = latent_input(g, m.channels, m.scaling, m.shift)
    x = g.op("Mul", g.op("Tanh", g.op("Div", x, limit)), limit)
    x = g.op("Relu", conv(g, x, "decoder.layers.0", m.channels, m.widths[0]))
    at = 2
    for i, (width, blocks) in enumerate(zip(m.widths, m.blocks, strict=True)):
        for _ in range(blocks):
            x = block(g, x, f"decoder.layers.{at}", width)
            at += 1
        if i < len(m.widths) - 1:
            x = conv(g, doubled(g, x), f"decoder.layers.{at + 1}", width, width, bias=False)
            at += 2
        else:
            picture_output(g, conv(g, x, f"decoder.layers.{at}", width, 3), 1, 0)
    return ["encoder."]
