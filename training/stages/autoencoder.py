"""Trains the autoencoder: premultiplied RGBA pictures to latents and back (nets/autoencoder.py).

python -m training.stages.autoencoder --recipe emoji-0.7.0
"""

import numpy as np
import torch

from training.config.arguments import stage_order
from training.config.editions import EDITION
from training.config.recipes import AutoencoderRecipe
from training.config.runs import autocast, device, ranks
from training.data.art import load_art
from training.data.crops import random_crops, split
from training.method.loop import Progress, Run, rate_factor, train_for
from training.method.losses.autoencoder import AutoencoderInputs, LatentNorm, Reconstruction, ScaleEquivariance, psnr
from training.nets.autoencoder import Autoencoder
from training.programs import run_program

LATENT_NORM = 1e-4


def main() -> None:
    order = stage_order(AutoencoderRecipe, __doc__)
    recipe, config = order.recipe, EDITION.autoencoder
    art = load_art(EDITION.pixels)
    rows, held_out = split(art)
    test = held_out.to(device())
    model = Autoencoder(config).to(device(), memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.lr, betas=(0.9, 0.99), weight_decay=0)
    run = Run(order.name, model, [optimiser], recipe.ema)
    rng = np.random.default_rng(run.first)
    count, crop = max(1, round(recipe.batch * order.batch_share)), recipe.crop_cells * config.cell
    reconstruction, equivariance, latent_norm = Reconstruction(), ScaleEquivariance(), LatentNorm()

    def step(progress: Progress) -> dict[str, float]:
        picture = random_crops(art.pixels, rows, count, crop, rng).to(device())
        picture = picture.contiguous(memory_format=torch.channels_last)
        background = torch.rand(count, 3, device=device())
        with autocast():
            latent = model.encode(picture)
            output = model.decode(latent + config.latent_noise * torch.randn_like(latent)).float()
            inputs = AutoencoderInputs(model, picture, latent, output, background)
            loss = reconstruction(inputs) + LATENT_NORM * latent_norm(inputs)
            figures = {"loss": loss.item()}
            if progress.step % 2:  # a step with it is twice the work
                equivariant = equivariance(inputs)
                loss, figures = loss + equivariant, {**figures, "equivariance": equivariant.item()}
        run.update(loss, progress.step, rate_factor(progress, recipe.warmup_steps, recipe.cooldown_minutes))
        return figures

    def checkpoint(i: int) -> None:
        averaged = Autoencoder(config).to(device())
        averaged.load_state_dict(run.ema.shadow)
        averaged.normalise(test)
        print(f"step {i}: held-out PSNR {psnr(averaged, test):.2f} dB", flush=True)
        run.save(i, ema=averaged.state_dict(), recipe=order.record)

    train_for(recipe.minutes, run.first, step, checkpoint, max_steps=order.max_steps)


if __name__ == "__main__":
    with ranks(AutoencoderRecipe.stage):
        run_program(main)
