"""The scale loop in PyTorch (docs/METHOD.md, section 6).

Twins of `sample`: src/sample.ts draws the same pictures in the browser, with the same steps, noise and names;
training/export/golden.py writes the loop out over recorded velocities and training/export/parity.py runs this one, for
the tests of src/sample.ts and src/pipeline.ts to compare with. Change one of them and change all.
"""

import itertools
from collections.abc import Callable

import torch
from torch import Tensor

from training.config.editions import EDITION
from training.config.schedules import Schedule
from training.method.flow import add_noise, guided, shifted, timestep, upscale, x0_from_velocity
from training.method.philox import normal
from training.nets.caption_encoder import TextStates
from training.nets.model import DiT

Velocity = Callable[[Tensor, float], Tensor]
"""(noisy latent (B, C, H, W), sigma) → velocity of the same shape."""


def philox_noise(seeds: list[int], channels: int, size: int, step: int) -> Tensor:
    """The noise that the browser draws for these seeds: (B, C, size, size)."""
    return torch.stack([torch.from_numpy(normal((channels, size, size), seed, step)) for seed in seeds])


def first_step_index(schedule: Schedule, sigma: float) -> int:
    """Where a clean latent enters that is noised to at most sigma: `firstStepIndex` of src/schedule.ts."""
    for i, step in enumerate(schedule):
        if step.sigma <= sigma <= 1:
            return i
    raise ValueError(f"no step has sigma {sigma} or less, or it is above 1")


@torch.no_grad()
def sample(
    velocity: Velocity,
    schedule: Schedule,
    seeds: list[int],
    channels: int = EDITION.dit.channels,
    start: tuple[Tensor, float] | None = None,
) -> list[Tensor]:
    """The clean estimate x0 of each step that runs, coarse to fine; the last one is the picture's latent.

    start: clean latents (B, C, H, W) and a sigma, in place of pure noise: the loop begins at the first step whose
    sigma is that or less, as if the step before had predicted this x0, with the noise of an uninterrupted run. Raises
    ValueError for a start of another batch or other channels, or larger than its step.
    """
    first = 0 if start is None else first_step_index(schedule, start[1])
    latent = philox_noise(seeds, channels, schedule[first].size, first)
    if start is not None:
        if start[0].shape[:2] != (len(seeds), channels):
            raise ValueError("a start is one clean latent per seed, with the model's channels")
        if max(start[0].shape[2:]) > schedule[first].size:
            raise ValueError("a start is enlarged to the step that it enters, but never shrunk")
        x0 = upscale(start[0], schedule[first].size)
        latent = add_noise(x0, latent, torch.full((len(seeds),), schedule[first].sigma))
    estimates: list[Tensor] = []
    for i, step in enumerate(schedule[first:], first):
        sigma = torch.full((len(seeds),), step.sigma)
        x0 = x0_from_velocity(latent, velocity(latent, step.sigma), sigma)
        estimates.append(x0)
        if i + 1 < len(schedule):
            following = schedule[i + 1]
            x0 = upscale(x0, following.size)
            noise = philox_noise(seeds, channels, following.size, i + 1)
            latent = add_noise(x0, noise, torch.full((len(seeds),), following.sigma))
    return estimates


@torch.no_grad()
def sample_euler(
    velocity: Velocity,
    steps: int,
    size: int,
    seeds: list[int],
    channels: int = EDITION.dit.channels,
    shift: float = 1.5,
    noisy: tuple[Tensor, float] | None = None,
) -> Tensor:
    """The teacher's way: Euler steps along the flow at one size, shifted sigmas (docs/METHOD.md, section 5).

    noisy: a noisy latent and its sigma to continue from, in place of pure noise.
    """
    latent, highest = noisy or (philox_noise(seeds, channels, size, 0), 1.0)
    uniform = torch.linspace(1, 0, steps + 1)
    sigmas = (highest * shifted(uniform, shift)).tolist()
    for sigma, following in itertools.pairwise(sigmas):
        latent = latent + (following - sigma) * velocity(latent, sigma)
    return latent


def model_velocity(
    model: DiT, text: TextStates, guidance: float = 1.0, empty: TextStates | None = None, below: float = 1.0
) -> Velocity:
    """A model as a velocity field for given prompts.

    guidance: scale of classifier-free guidance at sigmas under `below`; it needs `empty`, the empty prompt's states.
    """

    def velocity(latent: Tensor, sigma: float) -> Tensor:
        at = latent.to(text[0].device)
        time = torch.full((len(at),), timestep(sigma), device=at.device)
        conditional = model(at, time, *text).to(latent)
        if guidance == 1.0 or sigma >= below:
            return conditional
        if empty is None:
            raise ValueError("guidance needs the empty prompt's token states")
        rows = len(latent)
        unconditional = model(at, time, empty[0].expand(rows, -1, -1), empty[1].expand(rows, -1)).to(latent)
        return guided(conditional, unconditional, guidance)

    return velocity
