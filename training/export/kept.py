"""Averaged weights without optimiser state, small enough for git: what a later run continues from.

What ships is read back from models/emoji: the student, and the autoencoder's decoding half in place of its float16
copy, so that an export after a restore draws the same pictures to the last bit.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from training.config.editions import EDITION
from training.config.runs import RUNS, load, save
from training.config.whole_file import replacing
from training.export.manifest import EMOJI
from training.export.onnx_graph import read_parameters
from training.nets.autoencoders import autoencoder_of
from training.nets.model import DiT
from training.nets.trained import AUTOENCODER, load_autoencoder

CHECKPOINTS = EDITION.folder(Path(__file__).parents[1] / "checkpoints")
NAMES = (AUTOENCODER, "teacher")
"""Each is kept where there is one."""


def keep(folder: Path = CHECKPOINTS) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in (name for name in NAMES if (RUNS / f"{name}.pt").exists()):
        state = load(RUNS / f"{name}.pt")
        weights = load_autoencoder().state_dict() if name == AUTOENCODER else state["ema"]
        halves = {key: value.half().cpu().contiguous() for key, value in weights.items()}
        metadata = {"step": str(state["step"]), "samples": str(state.get("samples", 0))}
        if "recipe" in state:
            metadata["recipe"] = json.dumps(state["recipe"])
        with replacing(folder / f"{name}.safetensors") as partial:
            save_file(halves, partial, metadata)


def shipped(module: nn.Module, graph: Path) -> dict[str, Tensor]:
    """Those of a module's parameters that an exported graph holds, in PyTorch's layout."""
    stored = read_parameters(graph)
    found = {}
    for name, value in module.state_dict().items():
        if name in stored:
            weight = torch.from_numpy(stored[name].copy())
            # Matrices are stored as MatMul reads them, (in, out).
            found[name] = (weight.T if weight.ndim == 2 else weight).reshape(value.shape).contiguous()
    return found


def restore(folder: Path = CHECKPOINTS, model: Path = EMOJI) -> None:
    """Everything is read before anything is written. Raises FileExistsError that names a run in the way."""
    for name in (*NAMES, "student", "decoder", "native_decoder"):
        path = RUNS / f"{name}.pt"
        if path.exists():
            raise FileExistsError(f"{path} exists: move it away first, or continue from it")
    runs: dict[str, dict[str, Any]] = {}
    for name in (name for name in NAMES if (folder / f"{name}.safetensors").exists()):
        with safe_open(folder / f"{name}.safetensors", "pt") as file:
            weights: dict[str, Tensor] = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
            metadata = file.metadata()
        if name == AUTOENCODER and model.exists():
            weights |= shipped(autoencoder_of(EDITION.autoencoder), model / "decoder.onnx")
        counts = {key: int(metadata[key]) for key in ("step", "samples")}
        recipe = {"recipe": json.loads(metadata["recipe"])} if "recipe" in metadata else {}
        runs[name] = {"model": weights, "ema": weights, **counts, **recipe}
    if model.exists():
        student = shipped(DiT(EDITION.dit), model / "denoiser.onnx")
        training = json.loads((model / "manifest.json").read_text()).get("training", {})
        recipe = {"recipe": training["recipes"]["student"]} if "student" in training.get("recipes", {}) else {}
        runs["student"] = {"model": student, "ema": student, "step": training.get("studentSteps", 0), **recipe}
    for name, state in runs.items():
        save(RUNS / f"{name}.pt", **state)
