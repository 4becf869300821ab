"""The method's formulas as pure functions (docs/METHOD.md, sections 1, 3 and 5): flow matching, the timestep, the time
shift, the step between scales.

noisy latent = (1 − sigma)·x0 + sigma·noise, velocity = noise − x0, so x0 = noisy − sigma·velocity.
sigma is a tensor (B,) in [0, 1]; latents are (B, C, H, W).
"""

from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

TIMESTEP_SCALE = 1000
"""The networks read TIMESTEP_SCALE·sigma; the manifest passes it on."""

Level = TypeVar("Level", float, Tensor)
"""A noise level sigma, or several."""


def timestep(sigma: Level) -> Level:
    """What the networks read for a noise level."""
    return TIMESTEP_SCALE * sigma


def shifted(sigma: Level, shift: float) -> Level:
    """Noise levels moved towards noise: shift·sigma / (1 + (shift − 1)·sigma) (SD3, arXiv 2403.03206, equation 23)."""
    return shift * sigma / (1 + (shift - 1) * sigma)


def broadcast(sigma: Tensor) -> Tensor:
    return sigma.view(-1, 1, 1, 1)


def add_noise(x0: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
    s = broadcast(sigma)
    return (1 - s) * x0 + s * noise


def x0_from_velocity(latent: Tensor, velocity: Tensor, sigma: Tensor) -> Tensor:
    return latent - broadcast(sigma) * velocity


def upscale(x0: Tensor, size: int | tuple[int, int]) -> Tensor:
    """Bicubic as in SwD's code (docs/METHOD.md, section 3): a = −0.75, align_corners=False, no antialias.
    An equal size is left alone, to the bit."""
    target = (size, size) if isinstance(size, int) else size
    if tuple(x0.shape[2:]) == target:
        return x0
    return F.interpolate(x0, target, mode="bicubic")


def random_sigmas(count: int, generator: torch.Generator, shift: float = 1.5) -> Tensor:
    """The teacher's noise levels: logit-normal(0, 1) (arXiv 2403.03206, section 3.1), one in ten uniform, shifted."""
    at = generator.device
    sigma = torch.sigmoid(torch.randn(count, generator=generator, device=at))
    uniform = torch.rand(count, generator=generator, device=at)
    sigma = torch.where(torch.rand(count, generator=generator, device=at) < 0.1, uniform, sigma)
    return shifted(sigma, shift)


def uniform_sigmas(count: int, highest: float, shift: float, generator: torch.Generator) -> Tensor:
    """(count,) uniform in (0, highest], then shifted."""
    return shifted((1 - torch.rand(count, generator=generator, device=generator.device)) * highest, shift)


def guided(conditional: Tensor, unconditional: Tensor, scale: float) -> Tensor:
    """Classifier-free guidance (arXiv 2207.12598)."""
    return unconditional + scale * (conditional - unconditional)
