"""What DMD and the GAN need beside the student (docs/METHOD.md, section 4): a fake net that follows the student's own
distribution, and a head on its features that tells real latents from the student's.

The fake net starts as the teacher's copy and is trained on what the student draws, several updates for each of the
student's. DMD then moves the student to where the guided teacher and the fake net disagree about its pictures.
"""

import itertools
from typing import Any

import torch
from torch import Tensor, nn

from training.config.recipes import FakeNetRecipe
from training.config.runs import WORLD, autocast, mine, parallel, shared_noise
from training.method.flow import add_noise, guided, timestep, uniform_sigmas, x0_from_velocity
from training.method.losses.fake_net import Denoising, Discriminator, FakeNetInputs
from training.method.losses.student import Critique
from training.nets.caption_encoder import TextStates
from training.nets.model import DiT


class Head(nn.Module):
    """Features (B, N, width) → a logit per picture (B,), positive for real: the mean token through four layers."""

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


class FakeNet(nn.Module):
    """A DiT that denoises the student's latents, and a head on the image tokens of its block `feature_block`."""

    def __init__(self, teacher: DiT, feature_block: int) -> None:
        super().__init__()
        self.net = DiT(teacher.config)
        self.net.load_state_dict(teacher.state_dict())
        self.head = Head(teacher.config.width)
        self.feature_block = feature_block

    def see(self, noisy: Tensor, sigma: Tensor, text: TextStates) -> tuple[Tensor, Tensor]:
        """The estimate of x0, and the head's logits (B,)."""
        with autocast():
            velocity, features = self.net.velocity_and_features(noisy, timestep(sigma), *text, self.feature_block)
        return x0_from_velocity(noisy, velocity.float(), sigma), self.head(features)

    def forward(self, drawn: Tensor, real: Tensor, noise: Tensor, sigma: Tensor, text: TextStates) -> FakeNetInputs:
        """Drawn and real latents, noised alike."""
        x0, logits = self.see(add_noise(drawn, noise, sigma), sigma, text)
        with autocast():
            features = self.net(add_noise(real, noise, sigma), timestep(sigma), *text, feature_block=self.feature_block)
        return FakeNetInputs(drawn, x0, logits, self.head(features))


class Adversary:
    def __init__(
        self, teacher: DiT, empty: TextStates, recipe: FakeNetRecipe, generator: torch.Generator, feature_block: int
    ) -> None:
        """empty: states and mask (1, T) of the empty prompt, for the teacher's guidance. generator: of noise and its
        levels; ranks draw alike and each keeps its part."""
        self.teacher, self.empty, self.recipe, self.generator = teacher, empty, recipe, generator
        self.fake = FakeNet(teacher, feature_block).to(next(teacher.parameters()).device)
        self.optimiser = torch.optim.AdamW(self.fake.parameters(), lr=recipe.lr, betas=(0.9, 0.99), weight_decay=0.0)
        self.denoising, self.discriminator = Denoising(), Discriminator()
        self.trained: nn.Module | None = None

    def state(self) -> dict[str, Any]:
        return {
            "fake": self.fake.net.state_dict(),
            "head": self.fake.head.state_dict(),
            "fake_optimiser": self.optimiser.state_dict(),
        }

    def load(self, state: dict[str, Any]) -> None:
        self.fake.net.load_state_dict(state["fake"])
        self.fake.head.load_state_dict(state["head"])
        self.optimiser.load_state_dict(state["fake_optimiser"])

    def noise(self, latents: Tensor, highest: float) -> tuple[Tensor, Tensor]:
        """Noise of the latents' shape and levels sigma (B,)."""
        sigma = mine(uniform_sigmas(len(latents) * WORLD, highest, self.recipe.shift, self.generator))
        return shared_noise(latents, self.generator), sigma.to(latents.device)

    def update(self, drawn: Tensor, real: Tensor, text: TextStates) -> dict[str, Tensor]:
        """One step of the fake net: it learns to denoise the student's latents, and its head to know them by."""
        self.trained = self.trained or parallel(self.fake)
        noise, sigma = self.noise(drawn, 1.0)
        seen: FakeNetInputs = self.trained(drawn, real, noise, sigma, text)
        denoising, discriminator = self.denoising(seen), self.discriminator(seen)
        self.optimiser.zero_grad(set_to_none=True)
        (denoising + self.recipe.head_weight * discriminator).backward()
        nn.utils.clip_grad_norm_(self.fake.parameters(), 1.0)
        self.optimiser.step()
        return {"denoising": denoising.detach(), "discriminator": discriminator.detach()}

    def critique(self, drawn: Tensor, text: TextStates) -> Critique:
        """What the guided teacher and the fake net make of the student's latents; gradients reach `drawn` alone."""
        noise, sigma = self.noise(drawn, self.recipe.dmd_highest)
        noisy = add_noise(drawn, noise, sigma)
        self.fake.requires_grad_(False)
        fake, logits = self.fake.see(noisy, sigma, text)
        self.fake.requires_grad_(True)
        with autocast(), torch.no_grad():
            states, mask = self.empty
            empty = states.expand(len(drawn), -1, -1), mask.expand(len(drawn), -1)
            time = timestep(sigma)
            velocity = guided(self.teacher(noisy, time, *text), self.teacher(noisy, time, *empty), self.recipe.guidance)
        real = x0_from_velocity(noisy, velocity.float(), sigma)
        return Critique(real.detach(), fake.detach(), logits)
