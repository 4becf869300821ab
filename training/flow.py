"""The method's formulas as pure functions: flow matching, the step between scales, the distillation losses.

noisy latent = (1 − sigma)·x0 + sigma·noise, velocity = noise − x0, so x0 = noisy − sigma·velocity.
sigma is a tensor (B,) in [0, 1]; latents are (B, C, H, W).
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def broadcast(sigma: Tensor) -> Tensor:
    return sigma.view(-1, 1, 1, 1)


def add_noise(x0: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
    s = broadcast(sigma)
    return (1 - s) * x0 + s * noise


def x0_from_velocity(latent: Tensor, velocity: Tensor, sigma: Tensor) -> Tensor:
    return latent - broadcast(sigma) * velocity


def upscale(x0: Tensor, size: int | tuple[int, int]) -> Tensor:
    """Bicubic as the seed method has it (METHOD, section 1): a = −0.75, align_corners=False, no antialias.
    An equal size is left alone, to the bit."""
    target = (size, size) if isinstance(size, int) else size
    if tuple(x0.shape[2:]) == target:
        return x0
    return F.interpolate(x0, target, mode="bicubic")


def random_sigmas(count: int, generator: torch.Generator, shift: float = 1.5) -> Tensor:
    """Training noise levels: logit-normal(0, 1), one in ten uniform, moved towards noise by `shift`
    (sigma' = shift·sigma / (1 + (shift − 1)·sigma))."""
    sigma = torch.sigmoid(torch.randn(count, generator=generator))
    uniform = torch.rand(count, generator=generator)
    sigma = torch.where(torch.rand(count, generator=generator) < 0.1, uniform, sigma)
    return shift * sigma / (1 + (shift - 1) * sigma)


def guided(conditional: Tensor, unconditional: Tensor, scale: float) -> Tensor:
    """Classifier-free guidance (arXiv 2207.12598)."""
    return unconditional + scale * (conditional - unconditional)


def pseudo_huber(difference: Tensor, c: float) -> Tensor:
    """sqrt(d² + c²) − c: quadratic below c, linear above."""
    return (difference.square() + c * c).sqrt() - c


def mmd(real: Tensor, fake: Tensor, c: float = 1e-3) -> Tensor:
    """Maximum mean discrepancy with the linear kernel a picture, as the authors coded it (METHOD, section 2):
    features (B, N, D) are averaged over tokens, the difference goes through a pseudo-Huber."""
    return pseudo_huber(real.mean(1) - fake.mean(1), c).mean()
