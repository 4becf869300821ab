"""What the teacher learns by."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class TeacherInputs:
    """velocity: the model's; x0, noise: what the noisy latent was made of. All (B, C, H, W)."""

    velocity: Tensor
    x0: Tensor
    noise: Tensor


@dataclass(frozen=True)
class FlowMatching:
    """The conditional flow-matching loss (rectified flow, arXiv 2209.03003, equation 1): v = noise − x0."""

    def per_picture(self, inputs: TeacherInputs) -> Tensor:
        """(B,)"""
        return (inputs.velocity - (inputs.noise - inputs.x0)).square().mean((1, 2, 3))

    def __call__(self, inputs: TeacherInputs) -> Tensor:
        return self.per_picture(inputs).mean()
