"""What the autoencoder at native 256 px learns by (nets/native_autoencoder.py), besides `Reconstruction`."""

from dataclasses import dataclass, field

import torch.nn.functional as F
from torch import Tensor

from training.data.compositing import composite
from training.method.losses.autoencoder import AutoencoderInputs, Reconstruction


@dataclass(frozen=True)
class SquaredError:
    """Mean squared error of composites: what PSNR measures."""

    def __call__(self, inputs: AutoencoderInputs) -> Tensor:
        a, b = (composite(x, inputs.background) for x in (inputs.output, inputs.picture))
        return (a - b).square().mean()


@dataclass(frozen=True)
class Colour:
    """L1 of composites averaged over squares of `side` pixels: L1 and gradients alone forgive washed colours."""

    side: int = 16

    def __call__(self, inputs: AutoencoderInputs) -> Tensor:
        a, b = (F.avg_pool2d(composite(x, inputs.background), self.side) for x in (inputs.output, inputs.picture))
        return (a - b).abs().mean()


@dataclass(frozen=True)
class UnitVariance:
    """Squared logarithm of each channel's variance in a batch of normalised latents. The statistics that normalise
    follow the raw scale wherever it drifts; this holds it."""

    def __call__(self, inputs: AutoencoderInputs) -> Tensor:
        variance = inputs.latent.float().var((0, 2, 3)).clamp_min(1e-4)
        return variance.log().square().mean()


@dataclass(frozen=True)
class DecodedEquivariance:
    """A latent resized to `part` of its side decodes to the resized picture (arXiv 2502.14831). Nothing pulls at the
    encoder's latents of the small picture: measured, that kills channels."""

    part: float
    cell: int = 16
    reconstruction: Reconstruction = field(default_factory=Reconstruction)

    def __call__(self, inputs: AutoencoderInputs) -> Tensor:
        side = round(inputs.latent.shape[-1] * self.part)
        resized = F.interpolate(inputs.latent, side, mode="area" if self.part == 0.5 else "bicubic")
        small = F.interpolate(inputs.picture, side * self.cell, mode="area")
        return self.reconstruction.distance(inputs.model.decode(resized).float(), small, inputs.background)
