"""Sharpens the decoder after the encoder is fixed: latents, and all that was trained on them, stay as they are.

    python -m training.stages.decoder --recipe emoji-0.7.0

What it decodes in the end are the student's latents, not the encoder's. Where there is a student, half of the latents
of the last size are therefore drawn again by its last step, from the noise level where that starts: so the decoder
learns to make clean lines and even colours of what is not quite right. The rest of the latents are the encoder's.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.config.arguments import stage_order
from training.config.editions import EDITION
from training.config.recipes import DecoderRecipe
from training.config.runs import RUNS, autocast, device, load, ranks, seeded
from training.config.schedules import SIZES
from training.data.art import load_art
from training.data.crops import split
from training.data.pack import captions_of, latents_of, load_pack, scene_pictures
from training.method.loop import Progress, Run, rate_factor, train_for
from training.method.losses.autoencoder import AutoencoderInputs, Reconstruction, psnr
from training.method.redrawing import drawn_again, weights_to_train_on
from training.nets.autoencoders import decoding_half
from training.nets.caption_encoder import CaptionEncoder
from training.nets.model import DiT
from training.nets.trained import load_autoencoder
from training.programs import run_program


def main() -> None:
    order = stage_order(DecoderRecipe, __doc__)
    recipe, config = order.recipe, EDITION.autoencoder
    art, pack = load_art(EDITION.pixels), load_pack()
    pictures = scene_pictures(pack)
    weights = weights_to_train_on(pack, art)
    test = split(art)[1].to(device())
    model = load_autoencoder()
    half = decoding_half(model).requires_grad_(True).to(memory_format=torch.channels_last)
    student = None
    if (RUNS / "student.pt").exists():
        student, encode = DiT(EDITION.dit).to(device()).eval(), CaptionEncoder()
        student.load_state_dict(load(RUNS / "student.pt")["ema"])
    optimiser = torch.optim.AdamW(half.parameters(), lr=recipe.lr, betas=(0.9, 0.99), weight_decay=0)
    run = Run(order.name, half, [optimiser], recipe.ema)
    rng = np.random.default_rng(run.first)
    generator = seeded(run.first)
    largest, count = SIZES[-1], max(1, round(recipe.batch * order.batch_share))
    reconstruction = Reconstruction()

    def draw_batch() -> tuple[Tensor, Tensor]:
        """Latents and the pictures that they are of."""
        size = largest if rng.random() < recipe.largest_part else int(rng.choice(SIZES[:-1]))
        rows = rng.choice(len(weights), count * (largest // size) ** 2, p=weights)
        latents = latents_of(pack, rows, size).to(device())
        shown = torch.from_numpy(pictures[rows]).to(device()).permute(0, 3, 1, 2).float() / 255
        if student and size == largest and rng.random() < recipe.redrawn:
            latents = drawn_again(student, latents, encode(captions_of(pack, rows, 0, rng)), generator)
        return latents, F.interpolate(shown, size * config.cell, mode="area")

    def step(progress: Progress) -> dict[str, float]:
        latents, picture = draw_batch()
        background = torch.rand(len(picture), 3, device=device())
        with autocast():
            output = model.decode(latents + config.latent_noise * torch.randn_like(latents)).float()
        loss = reconstruction(AutoencoderInputs(model, picture, latents, output, background))
        run.update(loss, progress.step, rate_factor(progress, recipe.warmup_steps, recipe.cooldown_minutes))
        return {"loss": loss.item()}

    def checkpoint(i: int) -> None:
        trained = {name: value.clone() for name, value in half.state_dict().items()}
        half.load_state_dict(run.ema.shadow)
        print(f"step {i}: held-out PSNR {psnr(model, test):.2f} dB", flush=True)
        half.load_state_dict(trained)
        run.save(i, recipe=order.record)

    train_for(recipe.minutes, run.first, step, checkpoint, max_steps=order.max_steps)


if __name__ == "__main__":
    with ranks(DecoderRecipe.stage):
        run_program(main)
