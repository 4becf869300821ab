"""Which optimiser, blocks and rate teach faster: teachers from scratch, each for the same minutes, on held-out scenes.

    python -m training.studies teachers --minutes 3      # each; → docs/studies.json

Those that exist are left alone. Measured is the loss that they are trained by, at fixed noise levels.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.config.editions import EDITION
from training.config.recipes import TeacherRecipe
from training.config.runs import RUNS, autocast, device, load
from training.config.schedules import SIZES
from training.data.compose import compose
from training.data.heldout import plain_caption
from training.evaluate.evaluation import held_out_scenes
from training.evaluate.metrics import interval
from training.evaluate.scores import BATCH
from training.method.flow import add_noise, timestep
from training.method.losses.teacher import FlowMatching, TeacherInputs
from training.nets.autoencoders import encode_at
from training.nets.caption_encoder import CaptionEncoder
from training.nets.global_local import MODELS
from training.nets.model import DiT
from training.nets.trained import load_autoencoder
from training.studies.record import record

SIGMAS = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class Trial:
    """Settings of the teacher's recipe, and the part of the time over which the rate falls to 0."""

    settings: tuple[str, ...] = ()
    cooldown: float = 1 / 3

    def arguments(self, minutes: float) -> list[str]:
        """Of training/stages/teacher.py."""
        budget = ["--minutes", str(minutes), "--cooldown-minutes", str(minutes * self.cooldown)]
        return [*budget, *(f"--set={setting}" for setting in self.settings)]

    @property
    def blocks(self) -> str:
        return "global-to-local" if "blocks=global-to-local" in self.settings else "same"


TRIALS = {
    "muon": Trial(),
    "muon, constant rate": Trial(cooldown=0),
    "muon, global-to-local": Trial(("blocks=global-to-local",)),
    "adamw": Trial(("optimiser=adamw",)),
    "adamw, half the rate": Trial(("optimiser=adamw", f"adam_lr={TeacherRecipe.adam_lr / 2}")),
}


def checkpoint(name: str) -> Path:
    """Of a trial's teacher."""
    return RUNS / f"teacher-{name.replace(', ', '-').replace(' ', '-')}.pt"


@torch.no_grad()
def velocity_loss(model: DiT, clean: Tensor, text: tuple[Tensor, Tensor], generator: torch.Generator) -> Tensor:
    """(B, C, H, W) → (B,): the mean over SIGMAS of the squared error of the velocity."""
    losses = []
    for sigma in SIGMAS:
        noise = torch.randn(clean.shape, generator=generator).to(clean.device)
        level = torch.full((len(clean),), sigma, device=clean.device)
        with autocast():
            velocity = model(add_noise(clean, noise, level), timestep(level), *text)
        losses.append(FlowMatching().per_picture(TeacherInputs(velocity.float(), clean, noise)))
    return torch.stack(losses).mean(0).cpu()


@torch.no_grad()
def run(minutes: float, prompts: int) -> None:
    for name, trial in TRIALS.items():
        if not checkpoint(name).exists():
            command = [sys.executable, "-m", "training.stages.teacher", "--name", checkpoint(name).stem]
            subprocess.run([*command, *trial.arguments(minutes)], check=True)

    scenes, drawings = held_out_scenes(prompts)
    encode, autoencoder = CaptionEncoder(), load_autoencoder()
    table: dict[str, dict[str, object]] = {}
    for name, trial in TRIALS.items():
        state = load(checkpoint(name))
        model = MODELS[trial.blocks](EDITION.dit).to(device()).eval()
        losses: dict[str, list[Tensor]] = {"last": [], "ema": []}
        for which, weights in {"last": state["model"], "ema": state["ema"]}.items():
            model.load_state_dict(weights)
            generator = torch.Generator().manual_seed(0)  # the same noise for all
            for start in range(0, len(scenes), BATCH):
                part = scenes[start : start + BATCH]
                pictures = torch.from_numpy(np.stack([compose(scene, drawings) for scene in part]))
                pictures = pictures.permute(0, 3, 1, 2).to(device()) / 255
                clean = encode_at(autoencoder, pictures, SIZES[-1])
                text = encode([plain_caption(scene) for scene in part])
                losses[which].append(velocity_loss(model, clean, text, generator))
        figures = {which: interval(torch.cat(parts).numpy()) for which, parts in losses.items()}
        table[name] = {"steps": int(state["step"]), "samples": int(state["samples"]), **figures}
    record("teachers", {"minutes": minutes, "prompts": len(scenes), "sigmas": SIGMAS, "table": table})
