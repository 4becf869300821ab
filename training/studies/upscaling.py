"""Upscale before or after the noise? The seed's first table (METHOD, section 3, "Upscaling") on our latents.

    python -m training.studies.upscaling      # → docs/studies.json

Real pictures, noised to sigma, are finished by the teacher. The noisy latent is made in three ways:
full    the full-size latent, noised: nothing to mend
before  the small latent, upscaled (bicubic), then noised: what SwD does
after   the small latent, noised, then upscaled: the noise is no longer white
"""

import argparse
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from training.nets.autoencoder import load_autoencoder
from training.stages.student import load_teacher
from training.method.flow import add_noise, upscale
from training.data.heldout import plain_caption
from training.nets.scorer import load_judge
from training.data.pack import load_pack
from training.method.loop import autocast, device
from training.evaluate.metrics import interval, kernel_distance
from training.method.sample import model_velocity, sample_euler
from training.config.schedules import SIZES
from training.evaluate.scores import Scorer
from training.studies.record import record
from training.stages.teacher import Captioner

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
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=300)
    args = parser.parse_args()
    pack = load_pack()
    rows = np.random.default_rng(0).choice(len(pack.weights), args.pictures, p=pack.weights)
    captioner = Captioner()
    teacher = load_teacher().eval()
    autoencoder = load_autoencoder()
    scorer = Scorer(*load_judge(), captioner)
    generator = torch.Generator().manual_seed(0)
    clean = {size: torch.from_numpy(pack.latents[size][rows]).float() for size in SIZES}
    noise = {size: torch.randn(latents.shape, generator=generator) for size, latents in clean.items()}

    def pictures(latents: Tensor) -> Tensor:
        return autoencoder.decode(latents.to(device())).clamp(0, 1)

    real = torch.cat([scorer.images(pictures(part)) for part in clean[max(SIZES)].split(BATCH)])
    table: dict[str, dict[str, object]] = {}
    for name, corrupt in corruptions().items():
        for sigma in SIGMAS:
            images, decibels = [], []
            for start in tqdm(range(0, len(rows), BATCH), desc=f"{name}, sigma {sigma}", mininterval=20):
                part = slice(start, start + BATCH)
                text = captioner([plain_caption(pack.scenes[row]) for row in rows[part]])
                target = {size: latents[part] for size, latents in clean.items()}
                level = torch.full((len(rows[part]),), sigma)
                noisy = corrupt(target, level, {size: values[part] for size, values in noise.items()})
                with autocast():
                    velocity = model_velocity(teacher, text)
                    drawn = pictures(sample_euler(velocity, STEPS, max(SIZES), [], start=(noisy, sigma)).float())
                images.append(scorer.images(drawn))
                error = (drawn.float() - pictures(target[max(SIZES)])).square().mean((1, 2, 3))
                decibels.append(-10 * torch.log10(error))
            table.setdefault(name, {})[str(sigma)] = {
                "psnr": interval(torch.cat(decibels).cpu().numpy()),
                "kernelDistance": kernel_distance(torch.cat(images), real),
            }
    record("upscaling", {"pictures": len(rows), "steps": STEPS, "sigmas": SIGMAS, "table": table})


if __name__ == "__main__":
    main()
