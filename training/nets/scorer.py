"""A CLIP-style scorer (arXiv 2103.00020): a contrastive image-text net that says how well a picture fits a caption.

It is trained on real renders alone and never on generated pictures, and takes no part in any training loss: only so can
it say how well a model follows its prompts. `python -m training.stages.scorer` trains it.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.data.compositing import over_white


@dataclass(frozen=True)
class ScorerConfig:
    pixels: int = 128  # at 64 it is blind to most of what 256 px add
    widths: tuple[int, ...] = (32, 64, 128, 128)  # each at half the size of the one before
    text_width: int = 384
    hidden: int = 192
    embedding: int = 256


class ResidualBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Scorer(nn.Module):
    """Pictures and captions to unit vectors of one space; their products say how well they fit."""

    def __init__(self, config: ScorerConfig) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for width in config.widths:
            layers += [nn.Conv2d(before, width, 4, stride=2, padding=1), ResidualBlock(width)]
            before = width
        # The place of things matters ("on top of"), so the last cells are not averaged before the projection.
        self.image = nn.Sequential(*layers, nn.AvgPool2d(2), nn.Flatten(), nn.SiLU())
        cells = (config.pixels // 2 ** (len(config.widths) + 1)) ** 2
        self.image_out = nn.Linear(before * cells, config.embedding)
        self.text_in = nn.Linear(config.text_width, config.hidden)
        self.text = nn.TransformerEncoderLayer(
            config.hidden, 4, 2 * config.hidden, dropout=0.0, batch_first=True, norm_first=True
        )
        self.text_out = nn.Linear(config.hidden, config.embedding)
        self.log_scale = nn.Parameter(torch.tensor(2.5))

    def embed_images(self, rgb: Tensor) -> Tensor:
        """(B, 3, pixels, pixels) in [0, 1] → (B, embedding)."""
        return F.normalize(self.image_out(self.image(2 * rgb - 1)).float(), dim=-1)

    def embed_texts(self, states: Tensor, mask: Tensor) -> Tensor:
        """Token states (B, T, text_width), mask (B, T) → (B, embedding)."""
        tokens = self.text(self.text_in(states), src_key_padding_mask=mask == 0)
        mean = (tokens * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize(self.text_out(mean).float(), dim=-1)


def shrink(pictures: Tensor, config: ScorerConfig) -> Tensor:
    """(B, 4, H, W) of any size to the scorer's, over white, as every picture is scored."""
    return over_white(F.interpolate(pictures, config.pixels, mode="area")).clamp(0, 1)
