"""Inception features, independent of the scorer: the InceptionV3 that nsfwjs carries (MIT), whose trunk knows
photographs and has seen none of our drawings. Read from its Keras layers; its classifier is not used.

(cd training/nets/inception_weights && npm ci && npm run unpack)     # → training/.data/inception.{json,bin}
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.config.runs import DATA, device
from training.data.compositing import over_white

SIDE = 299  # pixels that it was trained at
FEATURES = "flatten_1"


def read_weights(index: list[dict[str, Any]], data: bytes) -> dict[str, Tensor]:
    """TensorFlow.js's storage: each weight's bytes, w = min + scale · byte, one after the other."""
    weights, at = {}, 0
    for entry in index:
        count, quantisation = int(np.prod(entry["shape"])), entry["quantization"]
        raw = np.frombuffer(data, np.uint8, count, at).reshape(entry["shape"])
        weights[entry["name"]] = torch.from_numpy(quantisation["min"] + quantisation["scale"] * raw.astype(np.float32))
        at += count
    if at != len(data):
        raise ValueError(f"the weights name {at} bytes and the file has {len(data)}: unpack it again")
    return weights


class Layer(nn.Module):
    """One Keras layer on tensors (B, C, H, W): a convolution takes the batch norm that follows it into itself."""

    def __init__(self, kind: str, name: str, config: dict[str, Any], weights: dict[str, Tensor]) -> None:
        super().__init__()
        self.kind, self.config = kind, config
        if kind == "Conv2D":
            kernel = weights[f"{name}/kernel"].permute(3, 2, 0, 1).contiguous()  # from (h, w, in, out)
            self.register_buffer("kernel", kernel.to(memory_format=torch.channels_last))
        if kind == "BatchNormalization":
            scale = torch.rsqrt(weights[f"{name}/moving_variance"] + config["epsilon"])
            self.register_buffer("scale", scale.view(-1, 1, 1))
            shift = weights[f"{name}/beta"] - weights[f"{name}/moving_mean"] * scale
            self.register_buffer("shift", shift.view(-1, 1, 1))

    def forward(self, *inputs: Tensor) -> Tensor:
        x = inputs[0]
        match self.kind:
            case "Conv2D":
                same = self.config["padding"] == "same"
                padding = tuple(size // 2 for size in self.config["kernel_size"]) if same else 0
                return F.conv2d(x, self.kernel, stride=self.config["strides"], padding=padding)
            case "BatchNormalization":
                return x * self.scale + self.shift
            case "Activation":
                return x.relu()
            case "MaxPooling2D":
                return F.max_pool2d(x, self.config["pool_size"], self.config["strides"])
            case "AveragePooling2D":
                padding = 1 if self.config["padding"] == "same" else 0
                size, strides = self.config["pool_size"], self.config["strides"]
                return F.avg_pool2d(x, size, strides, padding, count_include_pad=False)
            case "Concatenate":
                return torch.cat(inputs, 1)
            case "Flatten":
                return x.flatten(1)
        raise ValueError(f"no such layer: {self.kind}")


class Inception(nn.Module):
    def __init__(self, layers: list[dict[str, Any]], weights: dict[str, Tensor]) -> None:
        super().__init__()
        self.start = layers[0]["name"]
        end = [layer["name"] for layer in layers].index(FEATURES)
        self.inputs = {layer["name"]: layer["inputs"] for layer in layers[1 : end + 1]}
        self.layers = nn.ModuleDict(
            {
                layer["name"]: Layer(layer["kind"], layer["name"], layer["config"], weights)
                for layer in layers[1 : end + 1]
            }
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Premultiplied (B, 4, H, W) in [0, 1] → (B, 2048), divided by √2048 so that a product of two is KID's x·y/D.

        Over white, enlarged to 299 px, in [−1, 1] as Keras' InceptionV3 takes pictures.
        """
        shown = F.interpolate(over_white(pictures), SIDE, mode="bilinear")
        features = self.maps(shown, (FEATURES,))[0]
        return features / features.shape[1] ** 0.5

    def maps(self, shown: Tensor, names: tuple[str, ...]) -> list[Tensor]:
        """Colours (B, 3, H, W) in [0, 1] at any size from 75 px → the outputs of the layers `names`, in their order.
        Layers after the last of them are not run."""
        values = {self.start: (shown * 2 - 1).contiguous(memory_format=torch.channels_last)}
        for name, inputs in self.inputs.items():
            values[name] = self.layers[name](*(values[i] for i in inputs))
            if all(wanted in values for wanted in names):
                break
        return [values[name] for name in names]


def load_inception(folder: Path = DATA) -> Inception:
    """Raises FileNotFoundError that names the command which makes it."""
    if not (folder / "inception.json").exists():
        raise FileNotFoundError(
            f"{folder}/inception.json is missing: run `npm run unpack` in training/nets/inception_weights first"
        )
    described = json.loads((folder / "inception.json").read_text())
    weights = read_weights(described["weights"], (folder / "inception.bin").read_bytes())
    return Inception(described["layers"], weights).to(device()).eval()
