"""How far an autoencoder's pictures are from the real ones, on pictures that it never saw."""

import math

import torch
from torch import Tensor

from training.data.compositing import composite
from training.method.losses.autoencoder import gradients
from training.nets.native_autoencoder import NativeAutoencoder


def edges(pictures: Tensor) -> float:
    """Mean absolute difference of neighbouring pixels, across and down."""
    return sum(float(d.abs().mean()) for d in gradients(pictures))


def stepping(pictures: Tensor) -> float:
    """Differences inside blocks of 2 x 2 pixels over those between blocks, along rows: 1 where edges fall anywhere,
    less where they step two pixels at a time."""
    steps = gradients(pictures)[1].abs().mean((0, 1, 2))
    return float(steps[0::2].mean() / steps[1::2].mean())


@torch.no_grad()
def picture_error(model: NativeAutoencoder, pictures: Tensor, batch: int = 16) -> dict[str, float]:
    """pictures: (N, 4, H, W) premultiplied, compared over grey.

    dB: PSNR of all channels; nested: of the channels that decode alone; noisy: with latent noise as in training.
    edges: of the decoded over those of the real pictures. stepping: of the decoded.
    """
    errors = {"dB": 0.0, "nested dB": 0.0, "noisy dB": 0.0}
    drawn, real = [], []
    for part in pictures.split(batch):
        grey = torch.full((len(part), 3), 0.5, device=part.device)
        latent = model.encode(part)
        noisy = latent + model.config.latent_noise * torch.randn_like(latent)
        target = composite(part, grey)
        decoded = [composite(model.decode(x).clamp(0, 1), grey) for x in (latent, model.nested(latent), noisy)]
        for name, output in zip(errors, decoded, strict=True):
            errors[name] += float((output - target).square().mean()) * len(part) / len(pictures)
        drawn.append(decoded[0])
        real.append(target)
    outputs, targets = torch.cat(drawn), torch.cat(real)
    decibels = {name: -10 * math.log10(error) for name, error in errors.items()}
    return {**decibels, "edges": edges(outputs) / edges(targets), "stepping": stepping(outputs)}
