"""The teacher's features of what the student drew and of real latents, which MMD and its kin compare."""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.config.runs import WORLD, autocast, mine, shared_noise
from training.method.flow import add_noise, timestep
from training.nets.caption_encoder import TextStates
from training.nets.model import DiT


@dataclass(frozen=True)
class FeaturePairs:
    """block: whose image tokens are the features. highest: of the noise levels at which they are taken (SwD's code:
    0.6, the part of the levels where the teacher sees details). Ranks draw alike and each keeps its part."""

    teacher: DiT
    block: int
    highest: float
    generator: torch.Generator

    def __call__(self, x0: Tensor, target: Tensor, text: TextStates) -> tuple[Tensor, Tensor]:
        """Of real and drawn latents, noised alike: each (B, N, D). Gradients flow into `x0`."""
        at = self.generator.device
        level = mine(torch.rand(len(x0) * WORLD, generator=self.generator, device=at) * self.highest).to(x0.device)
        noise = shared_noise(target, self.generator)
        with autocast():
            fake = self.teacher(add_noise(x0, noise, level), timestep(level), *text, feature_block=self.block)
            with torch.no_grad():
                real = self.teacher(add_noise(target, noise, level), timestep(level), *text, feature_block=self.block)
        return real.float(), fake.float()
