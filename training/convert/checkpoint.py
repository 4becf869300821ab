"""Tensors of one component of a diffusers folder, read when they are asked for and never all at once."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from training.convert.errors import ConversionError
from training.convert.tensor_file import TensorFile

STEMS = "diffusion_pytorch_model", "model"
FLOATS = "F32", "F16", "BF16", "F64"


def read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConversionError(f"{path} is missing. Download the whole folder again.") from None
    except NotADirectoryError:
        raise ConversionError(f"{path.parent} is a file. Give the folder that holds {path.name}.") from None
    except ValueError as error:
        raise ConversionError(f"{path} is not JSON ({error}). Download it again.") from None
    if not isinstance(value, dict):
        raise ConversionError(f"{path} holds no JSON object. Download it again.")
    return value


def named_files(index: Path) -> list[str]:
    places = read_json(index).get("weight_map")
    names = sorted({str(name) for name in places.values()}) if isinstance(places, dict) else []
    if not names or any(Path(name).name != name for name in names):
        raise ConversionError(f"{index}: 'weight_map' does not name the files beside it. Download it again.")
    return names


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a component: one, or those that its index names. `.fp16` files only where there are no
    others."""
    for variant in ("", ".fp16"):
        for stem in STEMS:
            single = folder / f"{stem}{variant}.safetensors"
            index = folder / f"{stem}.safetensors.index{variant}.json"
            if single.exists():
                return [single]
            if index.exists():
                return [folder / name for name in named_files(index)]
    raise ConversionError(
        f"{folder} has no safetensors file ({STEMS[0]}.safetensors, {STEMS[1]}.safetensors, or one of these with an "
        "index). Download the component's weights; .bin files are not read."
    )


class Checkpoint:
    """One component's tensors by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = weight_files(folder)
        self._of = {name: file for file in map(TensorFile, self.files) for name in file.entries}

    def __contains__(self, name: str) -> bool:
        return name in self._of

    def names(self) -> list[str]:
        return list(self._of)

    def shape(self, name: str) -> tuple[int, ...]:
        """Raises `ConversionError` where there is no such tensor, or not one of floating point."""
        if name not in self._of:
            raise ConversionError(
                f"{self.folder} has no tensor '{name}'. The files are incomplete, or its config.json belongs to "
                "another model: download the folder again."
            )
        entry = self._of[name].entries[name]
        if entry.kind not in FLOATS:
            raise ConversionError(
                f"{self.folder}, '{name}' is stored as {entry.kind}, which is not read. Use a checkpoint in float32, "
                "float16 or bfloat16."
            )
        return entry.shape

    def rows(self, name: str, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Rows of the first axis as float32. Only they are read."""
        self.shape(name)
        return self._of[name].rows(name, start, stop)

    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self.files)
