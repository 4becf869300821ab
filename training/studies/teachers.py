"""Which optimiser, blocks and rate teach faster: teachers from scratch, each for the same minutes, on held-out scenes.

    python -m training.studies.teachers --minutes 3      # each; → docs/studies.json

Those that exist are left alone. Measured is the loss that they are trained by, at fixed noise levels.
"""

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.nets.autoencoder import load_autoencoder
from training.data.compose import compose
from training.config.editions import EDITION
from training.evaluate.evaluation import held_out_scenes
from training.method.flow import add_noise
from training.data.heldout import plain_caption
from training.data.pack import encode_pictures
from training.method.loop import RUNS, autocast, device, load
from training.evaluate.metrics import interval
from training.nets.model import DiT
from training.config.schedules import SIZES
from training.evaluate.scores import BATCH
from training.studies.record import record
from training.stages.teacher import MODELS, Captioner, TrainConfig

SIGMAS = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class Trial:
    optimiser: str = TrainConfig.optimiser
    adam_lr: float = TrainConfig.adam_lr
    blocks: str = "same"
    cooldown: float = 1 / 3  # the part of the time over which the rate falls to 0

    def arguments(self, minutes: float) -> list[str]:
        """Of training/train.py."""
        settings = {
            "--minutes": minutes,
            "--cooldown-minutes": minutes * self.cooldown,
            "--optimiser": self.optimiser,
            "--adam-lr": self.adam_lr,
            "--blocks": self.blocks,
        }
        return [str(word) for setting in settings.items() for word in setting]


TRIALS = {
    "muon": Trial(),
    "muon, constant rate": Trial(cooldown=0),
    "muon, global-to-local": Trial(blocks="global-to-local"),
    "adamw": Trial("adamw"),
    "adamw, half the rate": Trial("adamw", adam_lr=TrainConfig.adam_lr / 2),
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
            velocity = model(add_noise(clean, noise, level), 1000 * level, *text)
        losses.append((velocity.float() - (noise - clean)).square().mean((1, 2, 3)))
    return torch.stack(losses).mean(0).cpu()


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--prompts", type=int, default=300)
    args = parser.parse_args()
    for name, trial in TRIALS.items():
        if not checkpoint(name).exists():
            command = [sys.executable, "-m", "training.stages.teacher", "--name", checkpoint(name).stem]
            subprocess.run([*command, *trial.arguments(args.minutes)], check=True)

    scenes, drawings = held_out_scenes(args.prompts)
    captioner, autoencoder = Captioner(), load_autoencoder()
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
                clean = encode_pictures(autoencoder, pictures, SIZES[-1])
                text = captioner([plain_caption(scene) for scene in part])
                losses[which].append(velocity_loss(model, clean, text, generator))
        figures = {which: interval(torch.cat(parts).numpy()) for which, parts in losses.items()}
        table[name] = {"steps": int(state["step"]), "samples": int(state["samples"]), **figures}
    record("teachers", {"minutes": args.minutes, "prompts": len(scenes), "sigmas": SIGMAS, "table": table})


if __name__ == "__main__":
    main()
