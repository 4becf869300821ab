"""Muon for many matrices at once (Jordan et al. 2024), so that a step can be captured in a CUDA graph.

torch.optim.Muon orthogonalises one matrix after the other and reads its learning rate as a number: 48 matrices are
hundreds of launches, and a captured step would keep the rate that it was captured with."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the quintic Newton-Schulz iteration; five of them, as torch.optim.Muon."""
ITERATIONS = 5


def orthogonalised(matrices: Tensor) -> Tensor:
    """(K, rows, columns) → bfloat16, the singular values of each near 1."""
    a, b, c = COEFFICIENTS
    x = matrices.bfloat16()
    tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if tall else x
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.transpose(1, 2)
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.transpose(1, 2) if tall else x


class BatchedMuon(torch.optim.Optimizer):
    """Nesterov momentum of .95, no weight decay, updates scaled to AdamW's size (torch.optim.Muon's match_rms_adamw).

    The learning rate is a tensor on the parameters' device; `fill_` it between steps."""

    def __init__(self, matrices: Iterable[Tensor], lr: float, momentum: float = 0.95) -> None:
        chosen = list(matrices)
        super().__init__(chosen, {"lr": torch.tensor(lr, device=chosen[0].device), "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[Tensor]] = {}
            for matrix in group["params"]:
                by_shape.setdefault(matrix.shape, []).append(matrix)
            for shape, alike in by_shape.items():
                self._step(alike, 0.2 * math.sqrt(max(shape)) * group["lr"], group["momentum"])

    def _step(self, alike: list[Tensor], rate: Tensor, momentum: float) -> None:
        for matrix in alike:
            if "momentum_buffer" not in self.state[matrix]:
                self.state[matrix]["momentum_buffer"] = torch.zeros_like(matrix)
        gradients = [matrix.grad for matrix in alike]
        buffers = [self.state[matrix]["momentum_buffer"] for matrix in alike]
        torch._foreach_lerp_(buffers, gradients, 1 - momentum)
        updates = orthogonalised(torch.stack(torch._foreach_lerp(gradients, buffers, momentum)))
        torch._foreach_sub_(alike, list((updates.float() * rate).unbind()))
