"""SDXL's noise in the engine's terms, where a noisy latent is y = (1 − σ)·x0 + σ·noise.

A DDPM mixes x = √ᾱ·x0 + √(1 − ᾱ)·ε (Ho et al. 2020, equation 4). Divided by √ᾱ + √(1 − ᾱ) that is y, with
σ = √(1 − ᾱ) / (√ᾱ + √(1 − ᾱ)). Upscaling commutes with the division, so the engine's loop needs to know none of it.
"""

from dataclasses import dataclass

import numpy as np
import torch

from training.convert.config import Config
from training.convert.errors import ConversionError


@dataclass(frozen=True)
class NoiseTable:
    """One number for each of the timesteps, float64."""

    signal: np.ndarray  # √ᾱ
    noise: np.ndarray  # √(1 − ᾱ)

    @property
    def total(self) -> np.ndarray:
        return self.signal + self.noise

    @property
    def sigma(self) -> np.ndarray:
        return self.noise / self.total

    @classmethod
    def read(cls, c: Config) -> "NoiseTable":
        c.require(prediction_type="epsilon", trained_betas=None, rescale_betas_zero_snr=False)
        schedule = c.text("beta_schedule", "linear")
        if schedule != "scaled_linear":
            raise ConversionError(f"{c.path}: the beta_schedule '{schedule}' is not known ('scaled_linear' is).")
        steps = c.whole("num_train_timesteps", 1000)
        # In float32, as diffusers makes its table.
        ends = c.real("beta_start") ** 0.5, c.real("beta_end") ** 0.5
        betas = torch.linspace(*ends, steps, dtype=torch.float32) ** 2
        kept = torch.cumprod(1 - betas, 0)
        return cls((kept**0.5).double().numpy(), ((1 - kept) ** 0.5).double().numpy())
