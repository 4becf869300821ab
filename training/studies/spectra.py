"""Latent spectra: at which noise level does a size of the grid still hold all that can be seen?
(docs/METHOD.md, section 2)

    python -m training.studies spectra      # → docs/studies.json

The power of a clean latent falls with frequency, that of noise does not. At noise level sigma a frequency is masked
where (1 − sigma)²·P(f) < sigma². A grid of s cells, enlarged to N, holds nothing above s/2N cycles a cell; so a step
may be drawn at s cells as long as all above that is masked.
"""

import numpy as np
import torch
from torch import Tensor

from training.config.schedules import DEFAULT, SIZES
from training.data.pack import latents_of, load_pack
from training.studies.record import record

COUNT = 2000


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


def run() -> None:
    pack = load_pack()
    rng = np.random.default_rng(0)
    rows = rng.choice(len(pack.weights), COUNT, p=pack.weights)
    spectra = {size: radial_power(latents_of(pack, rows, size)) for size in SIZES}
    largest = max(SIZES)
    steps = [
        {
            "size": step.size,
            "sigma": step.sigma,
            # What this size cannot hold of the final picture begins here; nothing is missing at the full size.
            "masked": masking_sigma(power_at(spectra[largest], step.size)) if step.size < largest else None,
        }
        for step in DEFAULT
    ]
    record(
        "spectra",
        {
            "latents": COUNT,
            "power": {str(size): [round(float(p), 5) for p in power] for size, power in spectra.items()},
            "steps": steps,
        },
    )
