"""What the fake net and its head learn by: the student's distribution, and to tell it from the real one."""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class FakeNetInputs:
    """drawn: the student's latents (B, C, H, W), without gradients; x0: the fake net's estimate of them.
    logits, real_logits (B,): the head's for drawn and real latents, positive for real."""

    drawn: Tensor
    x0: Tensor
    logits: Tensor
    real_logits: Tensor


@dataclass(frozen=True)
class Denoising:
    """The denoising loss of the fake net (DMD2, arXiv 2405.14867, section 3), on x0 as in SwD's code."""

    def __call__(self, inputs: FakeNetInputs) -> Tensor:
        return (inputs.x0 - inputs.drawn).square().mean()


@dataclass(frozen=True)
class Discriminator:
    """The discriminator loss of DMD2's GAN (arXiv 2405.14867, section 4.3): softplus on both sides."""

    def __call__(self, inputs: FakeNetInputs) -> Tensor:
        return F.softplus(inputs.logits).mean() + F.softplus(-inputs.real_logits).mean()
