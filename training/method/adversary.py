"""What DMD and the GAN need beside the student (METHOD, section 2): a fake net that follows the student's own
distribution, and a head on its features that tells real latents from the student's.

The fake net starts as the teacher's copy and is trained on what the student draws, several updates for each of the
student's. DMD then moves the student to where the guided teacher and the fake net disagree about its pictures.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.config.editions import EDITION
from training.method.flow import add_noise, dmd_loss, guided, x0_from_velocity
from training.method.loop import autocast
from training.nets.model import DiT

Text = tuple[Tensor, Tensor]
"""Token states (B, T, width) and their mask (B, T)."""


@dataclass(frozen=True)
class AdversaryConfig:
    updates: int = 5  # of the fake net for one of the student
    guidance: float = 3.0  # of the teacher, whom DMD compares with
    shift: float = 1.5  # of the noise levels, as in the teacher's training
    dmd_highest: float = 0.7  # of the unshifted noise levels: up to sigma 0.78, as the authors
    head_weight: float = 1e-2  # a larger one wrecks the fake net
    feature_block: int = EDITION.dit.depth // 2
    lr: float = 1e-4


def uniform_sigmas(count: int, highest: float, shift: float, generator: torch.Generator) -> Tensor:
    """(count,) uniform in (0, highest], then moved towards noise by `shift`."""
    level = (1 - torch.rand(count, generator=generator)) * highest
    return shift * level / (1 + (shift - 1) * level)


class Head(nn.Module):
    """Features (B, N, width) → a logit a picture (B,), positive for real: the mean token through four layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        widths = [width, width * 3 // 4, width // 2, width // 4, 1]
        self.layers = nn.Sequential(
            *(
                nn.Sequential(nn.LayerNorm(before), nn.GELU(), nn.Linear(before, after))
                for before, after in itertools.pairwise(widths)
            )
        )

    def forward(self, features: Tensor) -> Tensor:
        return self.layers(features.float().mean(1)).squeeze(1)


class Adversary:
    def __init__(self, teacher: DiT, empty: Text, config: AdversaryConfig, generator: torch.Generator) -> None:
        """empty: states and mask (1, T) of the empty prompt, for the teacher's guidance."""
        self.teacher, self.empty, self.config, self.generator = teacher, empty, config, generator
        where = next(teacher.parameters()).device
        self.fake = DiT(teacher.config).to(where)
        self.fake.load_state_dict(teacher.state_dict())
        self.head = Head(teacher.config.width).to(where)
        self.optimiser = torch.optim.AdamW(self.parameters(), lr=config.lr, betas=(0.9, 0.99), weight_decay=0.0)

    def parameters(self) -> Iterable[nn.Parameter]:
        return [*self.fake.parameters(), *self.head.parameters()]

    def state(self) -> dict[str, Any]:
        return {
            "fake": self.fake.state_dict(),
            "head": self.head.state_dict(),
            "fake_optimiser": self.optimiser.state_dict(),
        }

    def load(self, state: dict[str, Any]) -> None:
        self.fake.load_state_dict(state["fake"])
        self.head.load_state_dict(state["head"])
        self.optimiser.load_state_dict(state["fake_optimiser"])

    def noised(self, highest: float, *latents: Tensor) -> tuple[Tensor, list[Tensor]]:
        """One draw of noise and levels for all of them: sigma (B,) and the noisy latents."""
        first = latents[0]
        sigma = uniform_sigmas(len(first), highest, self.config.shift, self.generator).to(first.device)
        noise = torch.randn(first.shape, generator=self.generator).to(first.device)
        return sigma, [add_noise(latent, noise, sigma) for latent in latents]

    def update(self, drawn: Tensor, real: Tensor, text: Text) -> dict[str, float]:
        """One step of the fake net: it learns to denoise the student's latents, and its head to know them by."""
        config = self.config
        sigma, (noisy, noisy_real) = self.noised(1.0, drawn, real)
        with autocast():
            velocity, features = self.fake.velocity_and_features(noisy, 1000 * sigma, *text, config.feature_block)
            real_features = self.fake(noisy_real, 1000 * sigma, *text, feature_block=config.feature_block)
        x0 = x0_from_velocity(noisy, velocity.float(), sigma)
        follows = (x0 - drawn).square().mean()
        tells = F.softplus(self.head(features)).mean() + F.softplus(-self.head(real_features)).mean()
        self.optimiser.zero_grad(set_to_none=True)
        (follows + config.head_weight * tells).backward()
        nn.utils.clip_grad_norm_(self.parameters(), 1.0)
        self.optimiser.step()
        return {"fake": follows.item(), "head": tells.item()}

    def losses(self, drawn: Tensor, text: Text) -> tuple[Tensor, Tensor]:
        """DMD and GAN for the student's latents, gradients into `drawn`."""
        config = self.config
        sigma, (noisy,) = self.noised(config.dmd_highest, drawn)
        time = 1000 * sigma
        self.fake.requires_grad_(False)
        with autocast():
            velocity, features = self.fake.velocity_and_features(noisy, time, *text, config.feature_block)
            with torch.no_grad():
                states, mask = self.empty
                empty = states.expand(len(drawn), -1, -1), mask.expand(len(drawn), -1)
                target = guided(self.teacher(noisy, time, *text), self.teacher(noisy, time, *empty), config.guidance)
        self.fake.requires_grad_(True)
        real = x0_from_velocity(noisy, target.float(), sigma).detach()
        fake = x0_from_velocity(noisy, velocity.float(), sigma).detach()
        return dmd_loss(drawn, real, fake), F.softplus(-self.head(features)).mean()
