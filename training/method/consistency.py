"""Consistency distillation, to compare with (LCM, arXiv 2310.04378, sections 4.2 and 4.3; LADD and DMD2 are losses of
method/losses/student.py at full size).

The student learns that two neighbouring points of the guided teacher's path have one picture. As in arXiv 2310.14189,
section 3.2, the farther point's target comes from the student's own weights, not from an average of them.
"""

from dataclasses import dataclass, replace

import torch
from torch import nn

from training.config.runs import autocast
from training.config.schedules import ScaleStep, Schedule
from training.method.flow import shifted
from training.method.rollout import Batch, draw
from training.method.sample import model_velocity
from training.nets.caption_encoder import TextStates
from training.nets.model import DiT


def noise_levels(size: int, count: int, shift: float = 1.5) -> Schedule:
    """`count` levels from 1 downwards, evenly apart and then moved towards noise, all at one size."""
    return tuple(ScaleStep(size, float(shifted(1 - i / count, shift))) for i in range(count))


@dataclass(frozen=True)
class NextPoint:
    """levels: the noise levels, whose steps the batches are of; below the last one is 0. empty: states and mask (1, T)
    of the empty prompt."""

    student: nn.Module
    teacher: DiT
    empty: TextStates
    guidance: float
    levels: Schedule

    @torch.no_grad()
    def __call__(self, batch: Batch, index: int) -> Batch:
        """The batch, its target what the student makes of the teacher's next point."""
        sigma = self.levels[index].sigma
        following = self.levels[index + 1].sigma if index + 1 < len(self.levels) else 0.0
        with autocast():
            velocity = model_velocity(self.teacher, batch.text, self.guidance, self.empty)(batch.noisy, sigma)
        point = batch.noisy + (following - sigma) * velocity.float()
        return replace(batch, target=draw(self.student, point, following, batch.text) if following else point)
