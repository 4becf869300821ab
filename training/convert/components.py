"""Writes one component of a model: its shards once, and a graph for each style that reads them. Without a folder
nothing is written or read but shapes, and what a conversion will need is counted."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from onnx import TensorProto

from training.convert.checkpoint import Checkpoint
from training.convert.graph import ModelGraph
from training.convert.ledger import Ledger
from training.convert.lora import Lora
from training.convert.model import Component
from training.convert.shards import Shards
from training.convert.stored_graph import Form, Style
from training.convert.weights import Weights


@dataclass(frozen=True)
class Written:
    component: Component
    form: Form
    shards: dict[str, int]  # name → bytes
    memory: dict[Style, int]  # bytes of the weights once they are loaded
    largest: int  # bytes of the largest stored array
    source: int  # bytes of the checkpoint's files

    @property
    def bytes(self) -> int:
        return sum(self.shards.values())


def loaded_bytes(g: ModelGraph) -> int:
    """A graph in float32 unfolds float16 weights when it is loaded."""
    total = 0
    for tensor in g.initialisers.values():
        count = 1
        for side in tensor.dims:
            count *= side
        width = {TensorProto.FLOAT: 4, TensorProto.FLOAT16: 2 if g.style.half else 4, TensorProto.UINT8: 1}
        total += count * width.get(tensor.data_type, 8)
    return total


def write_component(
    component: Component,
    form: Form,
    limit: int,
    lora: Lora | None = None,
    folder: Path | None = None,
    ledger: Ledger | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Written:
    checkpoint = Checkpoint(component.folder)
    weights = Weights(checkpoint, lora if component.takes_lora else None)
    shards = Shards(component.stem, limit, folder, ledger, progress)
    if component.never_blocks and form in ("q8", "q4"):
        form = "f16"
    memory: dict[Style, int] = {}
    for style in component.styles(form):
        g = ModelGraph(weights, shards, form, style)
        weights.check_used(component.write(g))
        shards.close()
        memory[style] = loaded_bytes(g)
        if folder:
            g.write(folder / component.graph_file(style))
    sizes = dict(zip(shards.names(), shards.sizes, strict=True))
    return Written(component, form, sizes, memory, shards.largest, checkpoint.bytes())
