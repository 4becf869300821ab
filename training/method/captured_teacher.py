"""The teacher's training step on one GPU: data, random numbers, gradients, optimisers and the moving average stay
there, and a step is one CUDA graph for each size."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from training.config.recipes import TeacherRecipe
from training.config.runs import autocast, compiled, device
from training.method.captured import captured
from training.method.flow import add_noise, random_sigmas, timestep
from training.method.loop import Progress, Run, rate_factor
from training.method.losses.teacher import FlowMatching, TeacherInputs
from training.method.optimisers import capturable_optimisers
from training.method.resident import ResidentPack
from training.nets.model import DiT

WARM = 10**6
"""The step that the moving average is told: it is past its own warm-up."""
READ_EVERY = 8
"""Steps that may wait for the GPU: more would make the clock run ahead of it."""


def default_generator() -> torch.Generator:
    """The one whose state a CUDA graph carries on."""
    return torch.cuda.default_generators[device().index] if device().type == "cuda" else torch.default_generator


class CapturedTeacher:
    def __init__(
        self, name: str, model: DiT, recipe: TeacherRecipe, pack: ResidentPack, batches: dict[int, tuple[float, int]]
    ) -> None:
        """batches: by size in cells, what part of the steps it is and how many pictures a step."""
        self.run = Run(name, model, capturable_optimisers(model, recipe), recipe.ema)
        self.recipe, self.pack, self.batches = recipe, pack, batches
        self.model = compiled(model)
        self.samples: int = self.run.state.get("samples", 0)
        self.steps: dict[int, Callable[[], Tensor]] = {}
        self.loss = FlowMatching()

    def capture(self) -> None:
        """All sizes, at a learning rate of 0."""
        self.run.set_rates(0)
        for size, (_, count) in self.batches.items():
            self.steps[size] = captured(lambda size=size, count=count: self.step(size, count))

    def step(self, size: int, count: int) -> Tensor:
        """The loss of one step at the rates that are set."""
        x0, text = self.pack.draw(size, count, self.recipe.drop_caption)
        sigma = random_sigmas(count, default_generator(), self.recipe.shift)
        noise = torch.randn_like(x0)
        with autocast():
            velocity = self.model(add_noise(x0, noise, sigma), timestep(sigma), *text)
        loss = self.loss(TeacherInputs(velocity.float(), x0, noise))
        self.run.descend(loss, WARM)
        return loss.detach()

    def __call__(self, progress: Progress) -> dict[str, float | Tensor]:
        rng = np.random.default_rng((0, progress.step))
        size = int(rng.choice(list(self.batches), p=[part for part, _ in self.batches.values()]))
        self.run.set_rates(rate_factor(progress, self.recipe.warmup_steps, self.recipe.cooldown_minutes))
        loss = self.steps[size]()
        self.samples += self.batches[size][1]
        if progress.step % READ_EVERY == 0 and device().type == "cuda":
            torch.cuda.synchronize()
        return {f"velocity{size}": loss.clone(), "samples": float(self.samples)}
