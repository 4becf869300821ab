"""What makes a decoder crisp where the mean error alone leaves it soft: distances and an adversary on the early maps of
a fixed net, which see lines, corners and shading in patches of 11 to 100 pixels."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

MAPS = {"activation_3": 64, "activation_5": 192, "mixed2": 288}
"""InceptionV3's layers that are looked at, and their channels: at 2, 4 and 8 pixels a cell."""


def features_distance(drawn: list[Tensor], real: list[Tensor]) -> Tensor:
    """Squared distance of the maps, each cell's channels at unit length (LPIPS, arXiv 1801.03924, equation 1, all
    weights 1), mean over cells and summed over maps."""
    loss = drawn[0].new_zeros(())
    for a, b in zip(drawn, real, strict=True):
        a, b = (F.normalize(x.float(), dim=1, eps=1e-4) for x in (a, b))
        loss = loss + (a - b).square().sum(1).mean()
    return loss


class PatchHeads(nn.Module):
    """Tells real patches from decoded ones by the maps of the fixed net: a small head each (projected GAN, arXiv
    2111.01007, section 3.2, without its random mixing). Maps (B, C, h, w) → logits (B, 1, h, w), positive for real."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.heads = nn.ModuleList(
            nn.Sequential(
                spectral_norm(nn.Conv2d(channels, width, 1)),
                nn.LeakyReLU(0.2),
                spectral_norm(nn.Conv2d(width, width, 3, padding=1)),
                nn.LeakyReLU(0.2),
                spectral_norm(nn.Conv2d(width, 1, 1)),
            )
            for channels in MAPS.values()
        )

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        return [head(x.float()) for head, x in zip(self.heads, maps, strict=True)]


def heads_loss(real: list[Tensor], drawn: list[Tensor]) -> Tensor:
    """The hinge loss (arXiv 1705.02894, section 3) of the heads, a mean over patches, summed over heads."""
    return sum(
        ((1 - r).relu().mean() + (1 + d).relu().mean() for r, d in zip(real, drawn, strict=True)), torch.zeros(())
    )


def decoder_adversary(drawn: list[Tensor]) -> Tensor:
    """What the decoder adds to its loss: the heads should take its patches for real ones."""
    return -torch.stack([d.mean() for d in drawn]).sum()
