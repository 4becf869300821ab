"""What the scorer learns by."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class ScorerInputs:
    """images, texts: unit vectors (B, D), row by row. scale: of their products. same (B, B): pairs that show the same
    thing and so are no negatives of each other. contrary (B, D): one more negative for each picture, all zeros where
    there is none."""

    images: Tensor
    texts: Tensor
    scale: Tensor
    same: Tensor
    contrary: Tensor | None = None


@dataclass(frozen=True)
class InfoNce:
    """The symmetric contrastive loss of CLIP (arXiv 2103.00020, figure 3; InfoNCE, arXiv 1807.03748, equation 4)."""

    def __call__(self, inputs: ScorerInputs) -> Tensor:
        images, same = inputs.images, inputs.same
        logits = inputs.scale * images @ inputs.texts.T
        others = same & ~torch.eye(len(same), dtype=torch.bool, device=same.device)
        logits = logits.masked_fill(others, -torch.inf)
        target = torch.arange(len(logits), device=logits.device)
        by_text = F.cross_entropy(logits.T, target)
        if inputs.contrary is not None:
            wrong = inputs.scale * (images * inputs.contrary).sum(1, keepdim=True)
            hidden = wrong.masked_fill(~inputs.contrary.any(1, keepdim=True), -torch.inf)
            logits = torch.cat([logits, hidden], 1)
        return (F.cross_entropy(logits, target) + by_text) / 2
