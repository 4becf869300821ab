"""Other formats to store the default model's weights in, for the benchmark.

All of them hold the weights that ship, which are exact in 8 bits; only `matmul-4bit` rounds them further.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from training.config.runs import RUNS
from training.config.whole_file import write_whole
from training.export.manifest import MODELS, file_entry
from training.export.onnx_decoder import write_decoder
from training.export.onnx_denoiser import write_denoiser
from training.export.onnx_graph import FLOAT, Graph
from training.export.onnx_text import write_text_encoder
from training.method.flow import timestep
from training.method.sample import Velocity
from training.nets.autoencoder import Autoencoder
from training.nets.model import DiT
from training.nets.text import TextEncoder

BLOCK = 32
FOLDER = RUNS / "weight-formats"
PROMPT = "A fox wearing a party hat, 3d glossy"
SEED = 7
"""What they are compared by, and parity is."""


class Float32Graph(Graph):
    def eight_bits(self, name: str, value: Tensor | np.ndarray, axis: int) -> None:
        return None


class Float16Graph(Float32Graph):
    """float16 on the wire; computes in float32, as not every adapter has float16."""

    def matrix(self, name: str, value: Tensor | np.ndarray, axis: int) -> str:
        half = np.ascontiguousarray(value, np.float16)
        self.initialisers[f"{name}.half"] = numpy_helper.from_array(half, f"{name}.half")
        return self.op("Cast", f"{name}.half", to=FLOAT, output=name)


class PackedGraph(Graph):
    """Matrices stay packed in memory and onnxruntime's MatMulNBits unpacks them as it multiplies."""

    def __init__(self, bits: int, accuracy_level: int = 0) -> None:
        super().__init__()
        self.bits = bits
        self.accuracy_level = accuracy_level

    def product(self, x: str, name: str, layer: nn.Linear) -> str:
        rows, columns = layer.weight.shape
        if columns % BLOCK:
            return super().product(x, name, layer)
        packed, scales = pack(layer.weight.detach().numpy(), self.bits)
        for part, array in (("packed", packed), ("scales", scales)):
            self.initialisers[f"{name}.{part}"] = numpy_helper.from_array(array, f"{name}.{part}")
        sizes = {"K": columns, "N": rows, "bits": self.bits, "block_size": BLOCK}
        inputs = (x, f"{name}.packed", f"{name}.scales")
        return self.fused("MatMulNBits", *inputs, accuracy_level=self.accuracy_level, **sizes)


def pack(weight: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) → uint8 (rows, blocks, bytes) and float32 scales (rows, blocks), as MatMulNBits reads them.

    In 8 bits every block takes its row's scale, so that weights rounded a row stay what they are.
    """
    blocks = weight.reshape(len(weight), -1, BLOCK)
    largest = np.abs(blocks).max((1, 2) if bits == 8 else 2, keepdims=True)
    middle = 2 ** (bits - 1)
    scales = np.maximum(largest, 1e-8) / (middle - 1)
    integers = (np.clip(np.rint(blocks / scales), -middle, middle - 1) + middle).astype(np.uint8)
    if bits == 4:
        integers = integers[..., ::2] | integers[..., 1::2] << 4
    return integers, np.ascontiguousarray(np.broadcast_to(scales[..., 0], blocks.shape[:2]), np.float32)


WEIGHT_FORMATS = {
    "float32": Float32Graph,
    "float16": Float16Graph,
    "int8": Graph,  # what ships
    "matmul-8bit": lambda: PackedGraph(8),
    "matmul-8bit-int8": lambda: PackedGraph(8, accuracy_level=4),  # allows activations in 8 bits
    "matmul-4bit": lambda: PackedGraph(4),
}


def write_format(name: str, folder: Path, text_encoder: TextEncoder, dit: DiT, autoencoder: Autoencoder) -> int:
    """A model folder like models/emoji. Returns the graphs' bytes."""
    make = WEIGHT_FORMATS[name]
    write_text_encoder(text_encoder, folder / "text-encoder.onnx", make())
    write_denoiser(dit, folder / "denoiser.onnx", make())
    write_decoder(autoencoder, folder / "decoder.onnx", make())
    manifest = json.loads((MODELS / "emoji" / "manifest.json").read_text())
    graphs = []
    for i, entry in enumerate(manifest["files"]):
        if entry["path"].endswith(".onnx"):
            manifest["files"][i] = file_entry(folder, entry["path"], name)
            graphs.append(manifest["files"][i]["bytes"])
        else:
            shutil.copy(MODELS / "emoji" / entry["path"], folder)
    manifest["id"] += f"-{name}"
    write_whole(folder / "manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return sum(graphs)


def graph_velocity(session: ort.InferenceSession, states: np.ndarray, mask: Tensor) -> Velocity:
    def velocity(latent: Tensor, sigma: float) -> Tensor:
        time = np.full(len(latent), timestep(sigma), np.float32)
        feeds = {"latent": latent.numpy(), "timestep": time, "text": states, "text_mask": mask.float().numpy()}
        return torch.from_numpy(session.run(None, feeds)[0])

    return velocity
