"""The autoencoder: premultiplied RGBA pictures to latents of 8 or 16 pixels a cell, and back.

The heavy layers work at the resolution of the cells and twice that; a last pixel shuffle makes the pixels, so that a
decode stays cheap in a browser. No norms: they would tie a cell's value to the rest of the picture, and latents here
are resized between scales.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.config.editions import AutoencoderConfig

TINY_AUTOENCODER = AutoencoderConfig(
    encoder_widths=(24, 32), encoder_blocks=(1, 1), decoder_widths=(32, 24, 16), decoder_blocks=(1, 1, 1)
)


class ResidualBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.a = nn.Conv2d(width, width, 3, padding=1)
        self.b = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.b.weight)
        nn.init.zeros_(self.b.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.b(F.relu(self.a(F.relu(x))))


def decoder_of(channels: int, widths: tuple[int, ...], blocks: tuple[int, ...]) -> nn.Sequential:
    """Latents (B, channels, h, w) → (B, 4, h·2ⁿ, w·2ⁿ) for n widths, each stage at twice the side of the one before."""
    layers: list[nn.Module] = [nn.Conv2d(channels, widths[0], 3, padding=1)]
    for width, count, following in zip(widths, blocks, [*widths[1:], None], strict=True):
        layers += [ResidualBlock(width) for _ in range(count)]
        if following:
            layers += [nn.Conv2d(width, following * 4, 1), nn.PixelShuffle(2)]
    return nn.Sequential(*layers, nn.ReLU(), nn.Conv2d(widths[-1], 16, 3, padding=1), nn.PixelShuffle(2))


class Autoencoder(nn.Module):
    """encode: (B, 4, H, W) in [0, 1] premultiplied → (B, C, H/cell, W/cell), unit variance a channel once
    `normalise`d. decode: the inverse. H and W are multiples of a cell's pixels."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        quarter, eighth = config.encoder_widths
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(64, quarter, 3, padding=1),
            *(ResidualBlock(quarter) for _ in range(config.encoder_blocks[0])),
            nn.Conv2d(quarter, eighth, 2, stride=2),
            *(ResidualBlock(eighth) for _ in range(config.encoder_blocks[1])),
            nn.ReLU(),
            nn.Conv2d(eighth, config.channels, 3, padding=1),
        )
        self.decoder = decoder_of(config.channels, config.decoder_widths, config.decoder_blocks)
        self.register_buffer("mean", torch.zeros(config.channels, 1, 1))
        self.register_buffer("std", torch.ones(config.channels, 1, 1))

    def encode(self, picture: Tensor) -> Tensor:
        seen = F.avg_pool2d(picture, self.config.finer) if self.config.finer > 1 else picture
        return (self.encoder(seen * 2 - 1) - self.mean) / self.std

    def decode(self, latent: Tensor) -> Tensor:
        return self.decoder(latent * self.std + self.mean) * 0.5 + 0.5

    @torch.no_grad()
    def normalise(self, pictures: Tensor) -> None:
        """Measure each channel's mean and deviation over the pictures; encode and decode then use them."""
        raw = self.encode(pictures) * self.std + self.mean
        self.mean.copy_(raw.mean((0, 2, 3)).view(-1, 1, 1))
        self.std.copy_(raw.std((0, 2, 3)).view(-1, 1, 1))
