"""What the first step learns where it follows the teacher (DP-DMD, arXiv 2602.03139).

Its layouts then differ with the noise as the teacher's do; a picture of the data pulls all noise to their middle."""

from dataclasses import dataclass, replace

import torch

from training.config.runs import autocast
from training.method.rollout import Batch
from training.method.sample import model_velocity, sample_euler
from training.nets.caption_encoder import TextStates
from training.nets.model import DiT


@dataclass(frozen=True)
class TeachersAnswer:
    """empty: states and mask (1, T) of the empty prompt. steps: of Euler, all at the batch's size."""

    teacher: DiT
    empty: TextStates
    guidance: float
    steps: int

    def __call__(self, batch: Batch) -> Batch:
        """A batch of pure noise, its target the guided teacher's picture of that noise."""
        velocity = model_velocity(self.teacher, batch.text, self.guidance, self.empty)
        size = batch.noisy.shape[2]
        with autocast(), torch.no_grad():
            target = sample_euler(velocity, self.steps, size, [], noisy=(batch.noisy, 1.0))
        return replace(batch, target=target)
