"""The spectrum of latents, and which noise masks what (docs/METHOD.md, section 2)."""

import numpy as np
import torch
from torch import Tensor


def radial_power(latents: Tensor) -> Tensor:
    """Power by radius: (B, C, N, N) → (N/2 + 1,), entry r the mean of |F|²/N² at radius r ± 0.5, in r/N cycles a cell.

    White noise of variance 1 has power 1 at every radius. Above N/2 only the spectrum's corners are left: not counted.
    """
    size = latents.shape[-1]
    power = torch.fft.fft2(latents.double()).abs().square().mean((0, 1)) / size**2
    frequency = torch.fft.fftfreq(size, 1 / size, dtype=torch.float64)
    radius = (frequency[:, None].square() + frequency[None].square()).sqrt().round().long()
    return torch.stack([power[radius == r].mean() for r in range(size // 2 + 1)])


def masking_sigma(power: float) -> float:
    """The noise level above which (1 − sigma)²·power < sigma²."""
    root = power**0.5
    return root / (1 + root)


def power_at(power: Tensor, size: int) -> float:
    """Power at the highest frequency that a grid of `size` cells holds, between the two radii beside it."""
    return float(np.interp(size / 2, np.arange(len(power)), power.numpy()))
