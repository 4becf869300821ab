"""What the autoencoder and the decoder learn by, and the PSNR that they are measured by."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.compositing import composite
from training.nets.autoencoder import Autoencoder


@dataclass(frozen=True)
class AutoencoderInputs:
    """picture, output: premultiplied (B, 4, H, W) in [0, 1], and what was decoded of its latent (B, C, h, w).
    background: a colour per picture (B, 3) to compare them over."""

    model: Autoencoder
    picture: Tensor
    latent: Tensor
    output: Tensor
    background: Tensor


def gradients(x: Tensor) -> tuple[Tensor, Tensor]:
    return x[..., 1:, :] - x[..., :-1, :], x[..., :, 1:] - x[..., :, :-1]


@dataclass(frozen=True)
class Reconstruction:
    """L1 on colours over a random background and on alpha (composites as in AlphaVAE, arXiv 2507.09308), plus a part of
    the L1 of their gradients (gradient difference loss, arXiv 1511.05440, equation 6) for crisp edges."""

    edges: float = 0.5

    def distance(self, output: Tensor, picture: Tensor, background: Tensor) -> Tensor:
        a, b = composite(output, background), composite(picture, background)
        loss = (a - b).abs().mean()
        for da, db in zip(gradients(a), gradients(b), strict=True):
            loss = loss + self.edges * (da - db).abs().mean()
        return loss

    def __call__(self, inputs: AutoencoderInputs) -> Tensor:
        return self.distance(inputs.output, inputs.picture, inputs.background)


@dataclass(frozen=True)
class LatentNorm:
    """Keeps raw latents near 0, in place of the KL term of a variational autoencoder."""

    def __call__(self, inputs: AutoencoderInputs) -> Tensor:
        return inputs.latent.square().mean()


@dataclass(frozen=True)
class ScaleEquivariance:
    """The sampler resizes latents, so a resized latent must mean the resized picture: the scale equivariance of the
    decoder (arXiv 2502.14831: the reconstruction loss between the decoded downscaled latent and the downscaled
    picture). The same of the encoder is ours: upscaled estimates stand in for encoded pictures."""

    decoder: float = 0.25
    encoder: float = 0.1
    reconstruction: Reconstruction = Reconstruction()

    def __call__(self, inputs: AutoencoderInputs) -> Tensor:
        small = F.interpolate(inputs.picture, scale_factor=0.5, mode="area")
        resized = F.interpolate(inputs.latent, scale_factor=0.5, mode="area")
        decoded = self.reconstruction.distance(inputs.model.decode(resized), small, inputs.background)
        return self.decoder * decoded + self.encoder * (inputs.model.encode(small) - resized).abs().mean()


@torch.no_grad()
def psnr(model: Autoencoder, pictures: Tensor) -> float:
    """Decibels of whole pictures over grey, in float32."""
    grey = torch.full((len(pictures), 3), 0.5, device=pictures.device)
    output = composite(model.decode(model.encode(pictures)).clamp(0, 1), grey)
    return float(-10 * torch.log10((output - composite(pictures, grey)).square().mean()))
