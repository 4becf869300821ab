"""What the converter knows of a checkpoint after it has read its configs: parts to write, and how they fit together."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from training.convert.graph import ModelGraph
from training.convert.schedules import Family, Schedules
from training.convert.stored_graph import Style

Write = Callable[[ModelGraph], list[str]]
"""Writes a part's graph; returns the beginnings of the names of tensors that it does not need."""

PLAIN, FUSED = Style(fused=False), Style()
HALF_PLAIN, HALF_FUSED = Style(half=True, fused=False), Style(half=True)


@dataclass(frozen=True)
class Component:
    """One network. stem: what its files are called. halves: whether it may compute in float16."""

    stem: str
    folder: Path
    write: Write
    attends: bool = False  # its attention can be written in two ways
    halves: bool = True
    takes_lora: bool = False
    reads_text: bool = False
    never_blocks: bool = False  # its matrices are few: not stored in blocks

    def styles(self, form: str) -> list[Style]:
        """The safest first: it is the one that every device runs."""
        styles = [PLAIN, FUSED] if self.attends else [FUSED]
        if form != "f32" and self.halves:
            styles += [Style(half=True, fused=style.fused) for style in styles]
        return styles

    def style(self, wanted: Style, form: str) -> Style:
        """The nearest to what is wanted that this network has."""
        half = wanted.half and self.halves and form != "f32"
        return Style(half=half, fused=wanted.fused or not self.attends)

    def graph_file(self, style: Style) -> str:
        return f"{self.stem}{style.suffix}.onnx"


@dataclass(frozen=True)
class TextEncoder:
    component: Component
    tokenizer: Path
    tokens: int  # every prompt is filled up to these
    outputs: dict[str, str]  # the graph's output → the denoiser's input


@dataclass(frozen=True)
class RealModel:
    family: Family
    root: Path
    encoders: list[TextEncoder]
    denoiser: Component
    decoder: Component
    timestep: str  # the denoiser's time input, which is
    timestep_scale: int  # this times sigma
    channels: int
    patch: int  # latent sizes are multiples of it
    sample: int  # latent cells along one side
    most: int | None  # the most along one side; None where the graph sets no limit
    cell: int  # pixels along one side of a latent cell
    schedules: Schedules
    activation_width: int  # numbers that the denoiser keeps for a token, roughly
    decoder_width: int  # and the decoder for a pixel

    @property
    def components(self) -> list[Component]:
        return [*(encoder.component for encoder in self.encoders), self.denoiser, self.decoder]
