"""The weights that a component is converted from: a checkpoint with a LoRA merged in, each tensor's use recorded."""

from collections.abc import Iterable

import numpy as np

from training.convert.checkpoint import Checkpoint
from training.convert.errors import ConversionError
from training.convert.lora import Lora


class Weights:
    def __init__(self, checkpoint: Checkpoint, lora: Lora | None = None) -> None:
        self.checkpoint = checkpoint
        self.lora = lora
        self.used: set[str] = set()
        if lora:
            lora.check_layers({n.removesuffix(".weight") for n in checkpoint.names() if n.endswith(".weight")})

    def __contains__(self, name: str) -> bool:
        return name in self.checkpoint

    def expect(self, name: str, shape: tuple[int, ...]) -> None:
        """Records that this tensor is used. Raises `ConversionError` where it is missing or has another shape."""
        found = self.checkpoint.shape(name)
        if found != shape:
            raise ConversionError(
                f"{self.checkpoint.folder}, '{name}' has the shape {found}, but config.json calls for {shape}. The "
                "weights and the config belong to different models: download the folder again."
            )
        self.used.add(name)
        layer = name.removesuffix(".weight")
        if self.lora and name.endswith(".weight") and layer in self.lora:
            self.lora.check_shape(layer, shape)
            self.lora.used.add(layer)

    def rows(self, name: str, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Rows of the first axis, float32, the LoRA merged in."""
        rows = self.checkpoint.rows(name, start, stop)
        layer = name.removesuffix(".weight")
        if self.lora and name.endswith(".weight") and layer in self.lora:
            return self.lora.add_to(layer, rows.copy(), start, start + len(rows))
        return rows

    def check_used(self, ignored: Iterable[str] = ()) -> None:
        """ignored: beginnings of names that the graph need not use. Raises `ConversionError` where a tensor was left
        over: then the network has a part that the graph lacks."""
        prefixes = tuple(ignored)
        left = sorted(name for name in self.checkpoint.names() if name not in self.used)
        left = [name for name in left if not name.startswith(prefixes)] if prefixes else left
        if left:
            raise ConversionError(
                f"{self.checkpoint.folder} has '{left[0]}' ({len(left)} such tensors), which this converter does not "
                "know. It is another architecture than its config.json says, or a newer one."
            )
        if self.lora:
            self.lora.check_used()
