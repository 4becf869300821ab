"""What PyTorch computes with the weights that ship, for the tests of the TypeScript pipeline to compare with.

    python -m training.export.parity            # models/tiny and, where the checkpoints are, models/emoji

Writes src/model/golden/parity-<model>.json, which feed src/model/testing/parity.ts. Inputs are a prompt and Philox
noise, which the tests make themselves; outputs are little-endian float32 in base64.
"""

import argparse
import base64
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.config.runs import RUNS
from training.config.schedules import DEFAULT, Schedule
from training.config.whole_file import write_whole
from training.export.tiny import tiny_modules
from training.export.weight_formats import PROMPT, SEED
from training.method.flow import timestep
from training.method.sample import model_velocity, philox_noise, sample
from training.nets.autoencoder import Autoencoder
from training.nets.int8 import with_rounded_tokens
from training.nets.model import DiT
from training.nets.text import TextEncoder, load_text_encoder, load_tokenizer, tokenize
from training.nets.trained import load_rounded_autoencoder, load_student
from training.programs import run_program

FOLDER = Path(__file__).parents[2] / "src" / "model" / "golden"
PICTURE = 64
"""Pixels a side of the decoded picture: enough to compare, little to keep."""


def encoded(tensor: Tensor) -> str:
    return base64.b64encode(tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()).decode()


@torch.no_grad()
def parity(text_encoder: TextEncoder, dit: DiT, autoencoder: Autoencoder, schedule: Schedule) -> dict[str, Any]:
    ids, mask = tokenize(load_tokenizer(), [PROMPT])
    states = text_encoder(ids, mask)
    text = (states, mask.float())
    channels = dit.config.channels
    velocities = []
    for i, step in enumerate(schedule):
        # The noise of step i as the latent: what the tests can draw without storing it.
        latent = philox_noise([SEED], channels, step.size, i)
        velocity = dit(latent, torch.tensor([timestep(step.sigma)]), *text)
        velocities.append({"size": step.size, "sigma": step.sigma, "step": i, "velocity": encoded(velocity)})
    x0 = sample(model_velocity(dit, text), schedule, [SEED], channels)[-1]
    size = PICTURE // autoencoder.config.cell
    latent = philox_noise([SEED], channels, size, 0)
    return {
        "prompt": PROMPT,
        "seed": SEED,
        "ids": ids[0].tolist(),
        "mask": mask[0].tolist(),
        "states": encoded(states),
        "velocities": velocities,
        "decoder": {"size": size, "step": 0, "picture": encoded(autoencoder.decode(latent))},
        "loop": encoded(x0),
    }


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    models: dict[str, tuple[TextEncoder, DiT, Autoencoder]] = {"tiny": tiny_modules()}
    if (RUNS / "student.pt").exists():
        models["emoji"] = (load_text_encoder(), load_student(), load_rounded_autoencoder())
        # Drawn by PyTorch with activations rounded as denoiser-int8.onnx rounds them.
        models["emoji-int8"] = (load_text_encoder(), with_rounded_tokens(load_student()), load_rounded_autoencoder())
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, modules in models.items():
        path = FOLDER / f"parity-{name}.json"
        write_whole(path, json.dumps(parity(*modules, DEFAULT)) + "\n")
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    run_program(main)
