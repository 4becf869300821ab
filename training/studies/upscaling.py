"""Upscale before or after the noise? SwD's first table (arXiv 2503.16397) on our latents; docs/METHOD.md, section 3.

    python -m training.studies upscaling      # → docs/studies.json

Real pictures, noised to sigma, are finished by the teacher. The noisy latent is made in three ways:
full    the full-size latent, noised: nothing to correct
before  the small latent, upscaled (bicubic), then noised: what SwD does
after   the small latent, noised, then upscaled: the noise is no longer white
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from training.config.runs import autocast, device
from training.config.schedules import SIZES
from training.data.heldout import plain_caption
from training.data.pack import latents_of, load_pack
from training.evaluate.metrics import interval, kid
from training.evaluate.scores import Embedder
from training.method.flow import add_noise, upscale
from training.method.sample import model_velocity, sample_euler
from training.nets.caption_encoder import CaptionEncoder
from training.nets.trained import load_autoencoder, load_scorer, load_teacher
from training.studies.record import record

SIGMAS = (0.4, 0.6, 0.8)
STEPS = 8
BATCH = 50

Corruption = Callable[[dict[int, Tensor], Tensor, dict[int, Tensor]], Tensor]
"""(size → clean latents, sigma (B,), size → noise) → the noisy latent at the largest size."""


def corruptions() -> dict[str, Corruption]:
    largest = max(SIZES)

    def before(size: int) -> Corruption:
        return lambda clean, sigma, noise: add_noise(upscale(clean[size], largest), noise[largest], sigma)

    def after(size: int) -> Corruption:
        return lambda clean, sigma, noise: upscale(add_noise(clean[size], noise[size], sigma), largest)

    small = [size for size in SIZES if size < largest]
    return {
        "full": lambda clean, sigma, noise: add_noise(clean[largest], noise[largest], sigma),
        **{f"before, from {size}": before(size) for size in small},
        **{f"after, from {size}": after(size) for size in small},
    }


@torch.no_grad()
def run(count: int) -> None:
    pack = load_pack()
    rows = np.random.default_rng(0).choice(len(pack.weights), count, p=pack.weights)
    encode = CaptionEncoder()
    teacher = load_teacher().eval()
    autoencoder = load_autoencoder()
    embedder = Embedder(*load_scorer(), encode)
    generator = torch.Generator().manual_seed(0)
    clean = {size: latents_of(pack, rows, size) for size in SIZES}
    noise = {size: torch.randn(latents.shape, generator=generator) for size, latents in clean.items()}

    def pictures(latents: Tensor) -> Tensor:
        return autoencoder.decode(latents.to(device())).clamp(0, 1)

    real = torch.cat([embedder.images(pictures(part)) for part in clean[max(SIZES)].split(BATCH)])
    table: dict[str, dict[str, object]] = {}
    for name, corrupt in corruptions().items():
        for sigma in SIGMAS:
            images, decibels = [], []
            for start in tqdm(range(0, len(rows), BATCH), desc=f"{name}, sigma {sigma}", mininterval=20):
                part = slice(start, start + BATCH)
                text = encode([plain_caption(pack.scenes[row]) for row in rows[part]])
                target = {size: latents[part] for size, latents in clean.items()}
                level = torch.full((len(rows[part]),), sigma)
                noisy = corrupt(target, level, {size: values[part] for size, values in noise.items()})
                with autocast():
                    velocity = model_velocity(teacher, text)
                    drawn = pictures(sample_euler(velocity, STEPS, max(SIZES), [], noisy=(noisy, sigma)).float())
                images.append(embedder.images(drawn))
                error = (drawn.float() - pictures(target[max(SIZES)])).square().mean((1, 2, 3))
                decibels.append(-10 * torch.log10(error))
            table.setdefault(name, {})[str(sigma)] = {
                "psnr": interval(torch.cat(decibels).cpu().numpy()),
                "kid": kid(torch.cat(images), real),
            }
    record("upscaling", {"pictures": len(rows), "steps": STEPS, "sigmas": SIGMAS, "table": table})
