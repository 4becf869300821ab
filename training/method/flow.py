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


def mmd_rbf(real: Tensor, fake: Tensor, bandwidth: float = 100) -> Tensor:
    """The same with a Gaussian kernel over each picture's tokens, unbiased (METHOD, section 2: an option)."""

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return torch.exp(-torch.cdist(a, b).square() / (2 * bandwidth**2))

    n = real.shape[1]
    within = sum((kernel(x, x).sum((1, 2)) - n) / (n * (n - 1)) for x in (real, fake))
    # The kernel of so wide a bell is nearly 1 - d²/(2·bandwidth²): scaled back, the loss has the features' size.
    return (within - 2 * kernel(real, fake).mean((1, 2))).mean() * bandwidth**2 / real.shape[2]


def patch_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Features compared token by token: the naive loss that MMD is told apart from."""
    return (real - fake).square().mean()


FEATURE_LOSSES = {"mmd": mmd, "rbf": mmd_rbf, "patch": patch_loss}


def dmd_loss(drawn: Tensor, real: Tensor, fake: Tensor) -> Tensor:
    """Distribution matching (METHOD, section 2): its gradient on `drawn` is that of the two estimates' difference,
    divided by how far each picture is from the teacher's.

    drawn: the student's x0; real, fake: the guided teacher's and the fake net's x0 for the same noisy version of it.
    """
    distance = (drawn - real).abs().mean((1, 2, 3), keepdim=True).clamp(min=1e-5)
    gradient = (fake - real) / distance
    return 0.5 * F.mse_loss(drawn, (drawn - gradient).detach())
