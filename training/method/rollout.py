"""What the student starts a step from: real latents or its own estimates, upscaled and renoised (SwD, arXiv 2503.16397;
docs/METHOD.md, sections 3 and 4)."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from training.config.editions import EDITION
from training.config.runs import WORLD, autocast, device, mine, shared_noise
from training.config.schedules import Schedule
from training.data.pack import Pack, captions_of, latents_of
from training.method.flow import add_noise, timestep, upscale, x0_from_velocity
from training.nets.caption_encoder import CaptionEncoder, TextStates


@dataclass(frozen=True)
class Batch:
    """noisy, target: (B, C, size, size). own: the step starts from the student's own estimate."""

    noisy: Tensor
    target: Tensor
    text: TextStates
    own: bool


def draw(student: nn.Module, noisy: Tensor, sigma: float, text: TextStates) -> Tensor:
    """The student's x0 from a noisy latent."""
    level = torch.full((len(noisy),), sigma, device=noisy.device)
    with autocast():
        velocity = student(noisy, timestep(level), *text)
    return x0_from_velocity(noisy, velocity.float(), level)


def choose(schedules: int, steps: list[int], rng: np.random.Generator) -> tuple[int, int]:
    """Which schedule an update is for, and which of its steps. Half of the updates are for the first schedule, the
    rest for any. Of a schedule's steps the first is the hardest and the last has the least left to do."""
    schedule = 0 if rng.random() < 0.5 else int(rng.integers(schedules))
    weights = np.ones(steps[schedule])
    weights[0], weights[-1] = 1.2, 0.8
    return schedule, int(rng.choice(len(weights), p=weights / weights.sum()))


@dataclass(frozen=True)
class Rollout:
    """own_estimates: the part of the later steps that start from what the student drew, as they will in use (the
    backward simulation of DMD2, arXiv 2405.14867, section 4.5). share: of the edition's batch, for this rank. All ranks
    draw alike from rng and generator; each keeps its part."""

    student: nn.Module
    pack: Pack
    encode: CaptionEncoder
    schedule: Schedule
    own_estimates: float
    drop_caption: float
    share: float
    rng: np.random.Generator
    generator: torch.Generator

    def batch(self, index: int) -> Batch:
        """Training pairs for step `index` of the schedule."""
        size = self.schedule[index].size
        count = WORLD * max(1, round(EDITION.student_batches[size] * self.share))
        rows = self.rng.choice(len(self.pack.weights), count, p=self.pack.weights)
        captions = captions_of(self.pack, rows, self.drop_caption, self.rng)
        sizes = {step.size for step in self.schedule[: index + 1]}
        latents = {s: latents_of(self.pack, mine(rows), s).to(device()) for s in sizes}
        text = self.encode(mine(captions))
        own = bool(self.rng.random() < self.own_estimates)
        return Batch(self.start(latents, index, own, text), latents[size], text, own and index > 0)

    @torch.no_grad()
    def start(self, latents: dict[int, Tensor], index: int, own: bool, text: TextStates) -> Tensor:
        """The noisy latent that step `index` starts from. latents: size → clean latents of the batch's pictures."""
        step = self.schedule[index]
        target = latents[step.size]
        noise = shared_noise(target, self.generator)
        if index == 0:
            return noise
        previous = self.schedule[index - 1]
        if own:
            before = self.start(latents, index - 1, index > 1, text)
            x0 = draw(self.student, before, previous.sigma, text)
        else:
            x0 = latents[previous.size]
        return add_noise(upscale(x0, step.size), noise, torch.full((len(target),), step.sigma, device=target.device))
