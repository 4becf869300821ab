"""Sharpens the native decoder, the encoder fixed: latents, and all that was trained on them, stay as they are.

    (cd training/nets/inception_weights && npm ci && npm run unpack)
    python -m training.stages.native_decoder --minutes 100

The latents that it decodes carry the noise that the autoencoder was trained with, which stands for a student's error.
"""

import numpy as np
import torch
from torch import Tensor

from training.config.arguments import stage_order
from training.config.editions import NATIVE
from training.config.recipes import NativeDecoderRecipe
from training.config.runs import autocast, device, ranks
from training.data.art import load_art
from training.data.compositing import composite
from training.data.crops import random_crops, split
from training.method.batches import from_step
from training.method.loop import Progress, Run, rate_factor, train_for
from training.method.losses.autoencoder import AutoencoderInputs, Reconstruction
from training.method.losses.native_autoencoder import Colour, DecodedEquivariance, SquaredError
from training.method.losses.perceptual import MAPS, PatchHeads, decoder_adversary, features_distance, heads_loss
from training.method.picture_error import picture_error
from training.nets.autoencoders import decoding_half
from training.nets.inception import load_inception
from training.nets.native_autoencoder import NativeAutoencoder
from training.nets.trained import load_autoencoder
from training.programs import run_program


def main() -> None:
    order = stage_order(NativeDecoderRecipe, __doc__)
    recipe, config = order.recipe, NATIVE.autoencoder
    art = load_art(NATIVE.pixels)
    rows, held_out = split(art)
    test = held_out.to(device())
    model = load_autoencoder()
    decoding = decoding_half(model).requires_grad_(True)
    optimiser = torch.optim.AdamW(decoding.parameters(), lr=recipe.lr, betas=(0.9, 0.99), weight_decay=0)
    run = Run(order.name, decoding, [optimiser], recipe.ema)
    inception = load_inception().requires_grad_(False)
    heads = PatchHeads().to(device())
    if "heads" in run.state:
        heads.load_state_dict(run.state["heads"])
    judge = torch.optim.AdamW(heads.parameters(), lr=recipe.head_lr, betas=(0.0, 0.99), weight_decay=0)
    count, names = max(1, round(recipe.batch * order.batch_share)), tuple(MAPS)
    pictures = from_step(
        run.first, lambda step: random_crops(art.pixels, rows, count, recipe.crop, np.random.default_rng(step))
    )
    of_pictures = {"reconstruction": Reconstruction(), "squared": SquaredError(), "colour": Colour()}
    equivariances = [DecodedEquivariance(part) for part in recipe.equivariant_parts]
    known = [*of_pictures, "features", "adversary"]
    if unknown := recipe.losses.keys() - set(known):
        raise ValueError(f"no loss is called {', '.join(sorted(unknown))}: there are {', '.join(known)}")

    def step(progress: Progress) -> dict[str, Tensor]:
        i = progress.step
        picture = next(pictures).to(device()).contiguous(memory_format=torch.channels_last)
        background = torch.rand(count, 3, device=device())
        with autocast():
            with torch.no_grad():
                latent = model.encode(picture)
                real = inception.maps(composite(picture, background)[:, :3], names)
            output = model.decode(latent + config.latent_noise * torch.randn_like(latent)).float()
            drawn = inception.maps(composite(output, background)[:, :3], names)
        inputs = AutoencoderInputs(model, picture, latent, output, background)
        figures = {name: of(inputs) for name, of in of_pictures.items()}
        figures["features"] = features_distance(drawn, real)
        figures["adversary"] = decoder_adversary(heads(drawn))
        loss = sum((weight * figures[name] for name, weight in recipe.losses.items()), torch.zeros(()))
        if i % 3 == 0:  # a step with it is nearly twice the work
            with autocast():
                loss = loss + recipe.equivariance * equivariances[i // 3 % len(equivariances)](inputs)
        run.update(loss, i, rate_factor(progress, recipe.warmup_steps, recipe.cooldown_minutes))
        judge.zero_grad()  # the decoder's loss has left gradients there
        judged = heads_loss(heads(real), heads([x.detach() for x in drawn]))
        judged.backward()
        judge.step()
        judge.zero_grad()
        return {name: figure.detach() for name, figure in figures.items()} | {"heads": judged.detach()}

    def checkpoint(i: int) -> None:
        averaged = NativeAutoencoder(config).to(device())
        averaged.load_state_dict(model.state_dict() | run.ema.shadow)
        figures = " ".join(f"{name} {value:.3f}" for name, value in picture_error(averaged, test).items())
        print(f"step {i}: {figures}", flush=True)
        run.save(i, heads=heads.state_dict(), recipe=order.record)

    train_for(recipe.minutes, run.first, step, checkpoint, checkpoint_minutes=10, max_steps=order.max_steps)


if __name__ == "__main__":
    with ranks(NativeDecoderRecipe.stage):
        run_program(main)
