"""A peft LoRA folder, merged into the weights while they are read: W + scale · B · A."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from training.convert.checkpoint import FLOATS, read_json
from training.convert.errors import ConversionError
from training.convert.tensor_file import TensorFile

PREFIX = "base_model.model."
UNSUPPORTED = {"use_dora": False, "bias": "none", "modules_to_save": None, "fan_in_fan_out": False}
"""Settings of peft that would need more than B · A, and the one value of each that does not."""


def names_layer(patterns: str | list[str], layer: str) -> bool:
    """As peft matches `target_modules`: a string is a regular expression, a list has whole names or their ends."""
    if isinstance(patterns, str):
        return re.fullmatch(patterns, layer) is not None
    return any(layer == name or layer.endswith(f".{name}") for name in patterns)


def by_pattern(patterns: dict[str, int] | None, layer: str, otherwise: int) -> int:
    """As peft looks up `rank_pattern` and `alpha_pattern`: the first key that matches the layer's end."""
    for key, value in (patterns or {}).items():
        if re.match(rf"(.*\.)?({key})$", layer):
            return value
    return otherwise


def is_pattern(value: object) -> bool:
    """Whether `names_layer` can read it."""
    try:
        return (isinstance(value, list) and all(isinstance(v, str) for v in value)) or bool(re.compile(value))  # type: ignore[arg-type]
    except (re.error, TypeError):
        return False


class Lora:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = read_json(folder / "adapter_config.json")
        self._check_settings()
        self.path = folder / "adapter_model.safetensors"
        self._file = TensorFile(self.path)
        self._scale: dict[str, float] = {}
        self.used: set[str] = set()
        names = set(self._file.entries)
        for name in sorted(names):
            self._register(name, names)

    def _check_settings(self) -> None:
        kind = self.config.get("peft_type")
        if kind != "LORA":
            raise ConversionError(f"{self.folder}/adapter_config.json: peft_type is {kind!r}, and only LORA is merged.")
        for setting, plain in UNSUPPORTED.items():
            value: Any = self.config.get(setting, plain)
            if value != plain and value != []:
                raise ConversionError(
                    f"{self.folder}/adapter_config.json: {setting} is {value!r}, which is not merged here. Merge the "
                    "LoRA with peft (merge_and_unload), save the pipeline, and convert that without --lora."
                )

        ranks = [self.config.get("r"), *self._pattern("rank_pattern").values()]
        alphas = [self.config.get("lora_alpha"), *self._pattern("alpha_pattern").values()]
        targets = [self.config.get(field) or [] for field in ("target_modules", "exclude_modules")]
        whole = all(isinstance(rank, int) and rank > 0 for rank in ranks)
        if not whole or not all(isinstance(alpha, int | float) for alpha in alphas):
            wrong = "r, lora_alpha, rank_pattern and alpha_pattern have to be numbers above 0"
        elif not all(is_pattern(target) for target in targets):
            wrong = "target_modules and exclude_modules have to be names of layers"
        else:
            return
        raise ConversionError(f"{self.folder}/adapter_config.json: {wrong}. Download it again.")

    def _pattern(self, field: str) -> dict[str, Any]:
        value = self.config.get(field) or {}
        return value if isinstance(value, dict) else {field: None}

    def _register(self, name: str, names: set[str]) -> None:
        other = {".lora_A.weight": ".lora_B.weight", ".lora_B.weight": ".lora_A.weight"}
        end = next((end for end in other if name.endswith(end)), None)
        if end is None or not name.startswith(PREFIX):
            raise ConversionError(f"{self.path}: '{name}' is neither a lora_A nor a lora_B weight of '{PREFIX}…'.")
        partner = name.removesuffix(end) + other[end]
        if partner not in names:
            raise ConversionError(f"{self.path} has '{name}' but no '{partner}'. Download the LoRA folder again.")
        if self._file.entries[name].kind not in FLOATS:
            raise ConversionError(
                f"{self.path}: '{name}' is stored as {self._file.entries[name].kind}, which is not read. Save the LoRA "
                "in float32, float16 or bfloat16."
            )
        layer = name.removeprefix(PREFIX).removesuffix(end)
        rank = by_pattern(self.config.get("rank_pattern"), layer, self.config["r"])
        alpha = by_pattern(self.config.get("alpha_pattern"), layer, self.config["lora_alpha"])
        self._scale[layer] = alpha / (math.sqrt(rank) if self.config.get("use_rslora") else rank)

    def __contains__(self, layer: str) -> bool:
        return layer in self._scale

    def check_shape(self, layer: str, shape: tuple[int, ...]) -> None:
        """shape: the base weight's. Raises `ConversionError` where B · A has another."""
        rank = by_pattern(self.config.get("rank_pattern"), layer, self.config["r"])
        wanted = {"lora_A": (rank, *shape[1:]), "lora_B": (shape[0], rank, *(1 for _ in shape[2:]))}
        for part, expected in wanted.items():
            name = f"{PREFIX}{layer}.{part}.weight"
            found = self._file.entries[name].shape
            if found != expected:
                raise ConversionError(
                    f"{self.path}: '{name}' has the shape {found}, but this checkpoint needs {expected}. The LoRA was "
                    "made for another model."
                )

    def add_to(self, layer: str, rows: np.ndarray, start: int, stop: int) -> np.ndarray:
        """rows: the base weight's rows start..stop, float32, changed in place."""
        self.used.add(layer)
        a = self._file.rows(f"{PREFIX}{layer}.lora_A.weight", 0, None)
        b = self._file.rows(f"{PREFIX}{layer}.lora_B.weight", start, stop)
        delta = b.reshape(len(b), -1) @ a.reshape(len(a), -1)
        if not np.isfinite(delta).all():
            raise ConversionError(f"{self.path}: the tensors of '{layer}' are no numbers. Download the LoRA again.")
        rows += np.float32(self._scale[layer]) * delta.reshape(rows.shape)
        return rows

    def check_layers(self, layers: set[str]) -> None:
        """layers: all of the base model. Raises `ConversionError` where the LoRA has others, or lacks one that its
        config targets."""
        unknown = sorted(set(self._scale) - layers)
        if unknown:
            raise self._not_taken(unknown)
        targets, excluded = self.config.get("target_modules"), self.config.get("exclude_modules") or []
        if not targets or self.config.get("layers_to_transform") is not None:
            return
        for layer in sorted(layers):
            if names_layer(targets, layer) and not names_layer(excluded, layer) and layer not in self:
                raise ConversionError(
                    f"{self.path} has no tensors for '{layer}', which its adapter_config.json targets. "
                    "Download the LoRA folder again."
                )

    def check_used(self) -> None:
        unused = sorted(set(self._scale) - self.used)
        if unused:
            raise self._not_taken(unused)

    def _not_taken(self, layers: list[str]) -> ConversionError:
        return ConversionError(
            f"{self.path}: no layer of this checkpoint takes '{layers[0]}' ({len(layers)} such pairs of tensors). The "
            "LoRA was made for another model."
        )
