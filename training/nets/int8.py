"""The DiT with activations rounded to 8 bits before each product of tokens, as in the graph of export/onnx_int8.py."""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.nets.model import DiT

LEAST = 1e-8
"""Of a token's largest activation, so that a token of zeros has a scale."""


STEPS = 254
"""Parts of a step in which the condition keeps what rounding leaves: at most half a step, so that they fit 8 bits."""


def rounds(name: str) -> bool:
    """Whether the layer of this name reads rounded tokens. Not what reads the condition, nor the layer that makes the
    velocity. Nor the first block, an eighth of the work: its rounding alone made half of the error at the first step
    (6.4e-2 of the velocity, 3.2e-2 without, over eight prompts), where the shape is settled."""
    if name.startswith("blocks.0."):
        return False
    return name == "text_in" or ".attention." in name or ".mlp_" in name


def reads_condition(name: str) -> bool:
    """Whether the layer of this name reads the condition alone: one row that steers all tokens, in 16 bits."""
    return name.endswith("modulation")


def round_tokens(x: Tensor) -> tuple[Tensor, Tensor]:
    """(…, width) → whole numbers from -127 to 127, and scales (…, 1)."""
    scale = x.abs().amax(-1, keepdim=True).clamp(min=LEAST) * (1 / 127)
    return torch.round(x / scale), scale


class RoundedLinear(nn.Module):
    """A linear layer whose weight is exact in 8 bits, a scale a row, on rounded tokens."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        scale = layer.weight.detach().abs().amax(1).clamp(min=LEAST) / 127
        self.register_buffer("integers", torch.round(layer.weight.detach() / scale[:, None]).double())
        self.register_buffer("scale", scale)
        self.register_buffer("bias", layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        integers, scale = round_tokens(x)
        # Sums of whole numbers are exact in float64.
        product = F.linear(integers.double(), self.integers).float() * self.scale * scale
        return product if self.bias is None else product + self.bias


def with_rounded_tokens(dit: DiT) -> DiT:
    """A copy. Its weights have to be rounded already, as `load_student` gives them."""
    rounded = copy.deepcopy(dit)
    for name, layer in list(rounded.named_modules()):
        if isinstance(layer, nn.Linear) and rounds(name):
            parent, _, own = name.rpartition(".")
            setattr(rounded.get_submodule(parent), own, RoundedLinear(layer))
    return rounded
