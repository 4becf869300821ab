"""The student's losses (docs/METHOD.md, section 4)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Critique:
    """What the guided teacher and the fake net make of one noisy version of the student's latents. real, fake: their
    estimates of x0 (B, C, H, W), without gradients; logits (B,): the head's, positive for real."""

    real: Tensor
    fake: Tensor
    logits: Tensor


class StudentInputs:
    """x0, target: the student's latents, through which gradients flow, and those of the real pictures (B, C, H, W).
    first: whether they were drawn from pure noise, whose layouts may differ from the target's. features: the teacher's
    of real and drawn latents, noised alike, each (B, N, D). Features and critique are made when a loss first asks for
    them."""

    def __init__(
        self,
        x0: Tensor,
        target: Tensor,
        first: bool,
        features: Callable[[], tuple[Tensor, Tensor]],
        critique: Callable[[], Critique],
    ) -> None:
        self.x0, self.target, self.first = x0, target, first
        self._features, self._critique = features, critique

    @cached_property
    def features(self) -> tuple[Tensor, Tensor]:
        return self._features()

    @cached_property
    def critique(self) -> Critique:
        return self._critique()


class StudentLoss(Protocol):
    needs_fake_net: ClassVar[bool]

    def __call__(self, inputs: StudentInputs) -> Tensor: ...


def pseudo_huber(difference: Tensor, c: float) -> Tensor:
    """sqrt(d² + c²) − c: quadratic below c, linear above."""
    return (difference.square() + c * c).sqrt() - c


@dataclass(frozen=True)
class Mmd:
    """Maximum mean discrepancy of the teacher's features (SwD, arXiv 2503.16397, equation 2), a linear kernel for each
    picture. As in the authors' code the difference of the token means goes through a pseudo-Huber, not a square."""

    needs_fake_net: ClassVar[bool] = False
    c: float = 1e-3

    def __call__(self, inputs: StudentInputs) -> Tensor:
        real, fake = inputs.features
        return pseudo_huber(real.mean(1) - fake.mean(1), self.c).mean()


@dataclass(frozen=True)
class MmdRbf:
    """The same with a Gaussian kernel over each picture's tokens (SwD, arXiv 2503.16397, equation 2 and its table of
    kernels), as the unbiased estimate of Gretton et al., JMLR 2012, equation 3."""

    needs_fake_net: ClassVar[bool] = False
    bandwidth: float = 100

    def kernel(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.exp(-torch.cdist(a, b).square() / (2 * self.bandwidth**2))

    def __call__(self, inputs: StudentInputs) -> Tensor:
        real, fake = inputs.features
        n = real.shape[1]
        within = sum((self.kernel(x, x).sum((1, 2)) - n) / (n * (n - 1)) for x in (real, fake))
        # The kernel of so wide a bell is nearly 1 - d²/(2·bandwidth²): scaled back, the loss has the features' size.
        return (within - 2 * self.kernel(real, fake).mean((1, 2))).mean() * self.bandwidth**2 / real.shape[2]


@dataclass(frozen=True)
class NaivePatch:
    """Features compared token by token: the naive patch loss that SwD (arXiv 2503.16397) sets MMD against."""

    needs_fake_net: ClassVar[bool] = False

    def __call__(self, inputs: StudentInputs) -> Tensor:
        real, fake = inputs.features
        return (real - fake).square().mean()


@dataclass(frozen=True)
class Huber:
    """Pseudo-Huber on x0 (arXiv 2310.14189, section 3.3, per element). Ours, not SwD's: most prompts here name one
    picture, so that the real latent is nearly the only right answer."""

    needs_fake_net: ClassVar[bool] = False
    c: float = 0.1
    first: float = 0.6  # times that at the first step: from pure noise layouts differ

    def __call__(self, inputs: StudentInputs) -> Tensor:
        distance = pseudo_huber(inputs.x0 - inputs.target, self.c).mean()
        return distance * self.first if inputs.first else distance


@dataclass(frozen=True)
class Dmd:
    """Distribution matching (DMD2, arXiv 2405.14867, equation 1): a loss whose gradient on x0 is the difference of the
    fake net's and the teacher's estimates, divided per picture by how far x0 is from the teacher's (arXiv 2311.18828,
    section 3.2)."""

    needs_fake_net: ClassVar[bool] = True

    def __call__(self, inputs: StudentInputs) -> Tensor:
        x0, real, fake = inputs.x0, inputs.critique.real, inputs.critique.fake
        distance = (x0 - real).abs().mean((1, 2, 3), keepdim=True).clamp(min=1e-5)
        gradient = (fake - real) / distance
        return 0.5 * F.mse_loss(x0, (x0 - gradient).detach())


@dataclass(frozen=True)
class Gan:
    """The generator's side of DMD2's GAN (arXiv 2405.14867, section 4.3), non-saturating as in arXiv 1406.2661,
    section 3: softplus(−logit)."""

    needs_fake_net: ClassVar[bool] = True

    def __call__(self, inputs: StudentInputs) -> Tensor:
        return F.softplus(-inputs.critique.logits).mean()


STUDENT_LOSSES: dict[str, StudentLoss] = {
    "mmd": Mmd(),
    "rbf": MmdRbf(),
    "patch": NaivePatch(),
    "huber": Huber(),
    "dmd": Dmd(),
    "gan": Gan(),
}
"""By the name that a recipe gives a weight to."""


def chosen(weights: dict[str, float]) -> dict[str, StudentLoss]:
    """The losses of a recipe. Raises ValueError that names those there are."""
    unknown = weights.keys() - STUDENT_LOSSES.keys()
    if unknown:
        raise ValueError(f"no loss is called {', '.join(unknown)}: there are {', '.join(STUDENT_LOSSES)}")
    return {name: STUDENT_LOSSES[name] for name in weights}
