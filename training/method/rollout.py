"""What the student starts a step from: real latents or its own estimates, upscaled and renoised (METHOD, part 2)."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.config.editions import EDITION
from training.method.flow import add_noise, upscale, x0_from_velocity
from training.data.pack import Pack
from training.method.loop import autocast, device
from training.nets.model import DiT
from training.config.schedules import Schedule
from training.stages.teacher import Captioner, captions_of

DROP_CAPTION = 0.05

Text = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Batch:
    """noisy, target: (B, C, size, size). own: the step starts from the student's own estimate."""

    noisy: Tensor
    target: Tensor
    text: Text
    own: bool


def draw(student: DiT, noisy: Tensor, sigma: float, text: Text) -> Tensor:
    """The student's x0 from a noisy latent."""
    level = torch.full((len(noisy),), sigma, device=noisy.device)
    with autocast():
        velocity = student(noisy, 1000 * level, *text)
    return x0_from_velocity(noisy, velocity.float(), level)


@dataclass(frozen=True)
class Rollout:
    """own_estimates: the part of the later steps that start from what the student drew, as they will in use (DMD2's
    backward simulation). part: of the usual batch."""

    student: DiT
    pack: Pack
    captioner: Captioner
    schedule: Schedule
    own_estimates: float
    part: float
    rng: np.random.Generator
    generator: torch.Generator

    def batch(self, index: int) -> Batch:
        """Training pairs for step `index` of the schedule."""
        size = self.schedule[index].size
        weights = self.pack.weights
        rows = self.rng.choice(len(weights), round(EDITION.student_batches[size] * self.part), p=weights)
        sizes = {step.size for step in self.schedule[: index + 1]}
        latents = {s: torch.from_numpy(self.pack.latents[s][rows]).float().to(device()) for s in sizes}
        text = self.captioner(captions_of(self.pack, rows, DROP_CAPTION, self.rng))
        own = bool(self.rng.random() < self.own_estimates)
        return Batch(self.start(latents, index, own, text), latents[size], text, own and index > 0)

    @torch.no_grad()
    def start(self, latents: dict[int, Tensor], index: int, own: bool, text: Text) -> Tensor:
        """The noisy latent that step `index` starts from. latents: size → clean latents of the batch's pictures."""
        step = self.schedule[index]
        target = latents[step.size]
        noise = torch.randn(target.shape, generator=self.generator).to(target.device)
        if index == 0:
            return noise
        previous = self.schedule[index - 1]
        if own:
            before = self.start(latents, index - 1, index > 1, text)
            x0 = draw(self.student, before, previous.sigma, text)
        else:
            x0 = latents[previous.size]
        return add_noise(upscale(x0, step.size), noise, torch.full((len(target),), step.sigma, device=target.device))
