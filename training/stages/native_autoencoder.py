"""Trains the autoencoder at native 256 px (nets/native_autoencoder.py).

SCALEWISE_EDITION=native python -m training.stages.native_autoencoder --minutes 120

It starts from nano's, training/runs/autoencoder.pt.
"""

import numpy as np
import torch
from torch import Tensor

from training.config.arguments import stage_order
from training.config.editions import NANO, NATIVE
from training.config.recipes import NativeAutoencoderRecipe
from training.config.runs import ALL_RUNS, RUNS, autocast, device, load, ranks
from training.data.art import load_art
from training.data.crops import random_crops, split
from training.method.batches import from_step
from training.method.loop import Progress, Run, rate_factor, train_for
from training.method.losses.autoencoder import AutoencoderInputs, Reconstruction
from training.method.losses.native_autoencoder import Colour, DecodedEquivariance, SquaredError, UnitVariance
from training.method.picture_error import picture_error
from training.nets.native_autoencoder import NativeAutoencoder, start_from
from training.programs import run_program


def main() -> None:
    order = stage_order(NativeAutoencoderRecipe, __doc__)
    recipe, config = order.recipe, NATIVE.autoencoder
    art = load_art(NATIVE.pixels)
    rows, held_out = split(art)
    test = held_out.to(device())
    model = NativeAutoencoder(config).to(device(), memory_format=torch.channels_last)
    if not (RUNS / f"{order.name}.pt").exists():
        before = load(NANO.folder(ALL_RUNS) / "autoencoder.pt")["ema"]
        start_from(model, before, NANO.autoencoder.encoder_blocks)
        with torch.no_grad():
            for _ in range(3):  # the new channels begin at unit variance
                model.follow_statistics(model.encode(test[:32]), 1.0)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.lr, betas=(0.9, 0.99), weight_decay=0)
    run = Run(order.name, model, [optimiser], recipe.ema)
    count = max(1, round(recipe.batch * order.batch_share))
    pictures = from_step(
        run.first, lambda step: random_crops(art.pixels, rows, count, recipe.crop, np.random.default_rng(step))
    )
    losses = {"reconstruction": Reconstruction(), "squared": SquaredError(), "colour": Colour(), "unit": UnitVariance()}
    if unknown := recipe.losses.keys() - losses.keys():
        raise ValueError(f"no loss is called {', '.join(sorted(unknown))}: there are {', '.join(losses)}")
    equivariances = [DecodedEquivariance(part) for part in recipe.equivariant_parts]

    def step(progress: Progress) -> dict[str, Tensor]:
        i = progress.step
        noise = recipe.noise_from + (config.latent_noise - recipe.noise_from) * min(1, i / recipe.noise_steps)
        picture = next(pictures).to(device()).contiguous(memory_format=torch.channels_last)
        background = torch.rand(count, 3, device=device())
        with autocast():
            latent = model.encode(picture)
            whole = (torch.rand(count, 1, 1, 1, device=device()) >= recipe.nested_share).float()
            seen = latent * whole + model.nested(latent) * (1 - whole)
            output = model.decode(seen + noise * torch.randn_like(seen)).float()
            inputs = AutoencoderInputs(model, picture, latent, output, background)
            loss = sum((weight * losses[name](inputs) for name, weight in recipe.losses.items()), torch.zeros(()))
            figures = {"loss": loss.detach()}
            if i % 3 == 0:  # a step with it is nearly twice the work
                of = equivariances[i // 3 % len(equivariances)]
                equivariant = recipe.equivariance * of(AutoencoderInputs(model, picture, seen, output, background))
                loss, figures = loss + equivariant, {**figures, "equivariance": equivariant.detach()}
        run.update(loss, i, rate_factor(progress, recipe.warmup_steps, recipe.cooldown_minutes))
        model.follow_statistics(latent.detach(), 0.005)
        return figures

    def checkpoint(i: int) -> None:
        averaged = NativeAutoencoder(config).to(device())
        averaged.load_state_dict(run.ema.shadow)
        with torch.no_grad():
            deviations = averaged.encode(test).std((0, 2, 3)).tolist()
        figures = " ".join(f"{name} {value:.3f}" for name, value in picture_error(averaged, test).items())
        print(f"step {i}: {figures}; deviations {' '.join(f'{x:.2f}' for x in deviations)}", flush=True)
        run.save(i, recipe=order.record)

    train_for(recipe.minutes, run.first, step, checkpoint, checkpoint_minutes=10, max_steps=order.max_steps)


if __name__ == "__main__":
    with ranks(NativeAutoencoderRecipe.stage):
        run_program(main)
