"""The autoencoder at native 256 px: premultiplied RGBA pictures to latents of 16 pixels per cell, and back.

It starts as the autoencoder of emoji 0.7.0, exactly (`start_from`): that encoder sees pixels averaged two by two, which
is a special case of the first convolution here, and every new layer starts at zero. New are
- a fine branch, so that the encoder sees what averaging hides;
- 16 channels, of which the first 8 also decode alone (nested dropout, arXiv 1402.0915): one run serves both numbers;
- convolutions at the picture's full size, so that edges do not step two pixels at a time.
"""

import torch
from torch import Tensor, nn

from training.config.editions import NativeAutoencoderConfig
from training.nets.autoencoder import ResidualBlock, decoder_of


class NativeAutoencoder(nn.Module):
    """encode: (B, 4, H, W) in [0, 1] premultiplied → (B, C, H/16, W/16), each channel of unit variance.
    decode: the inverse. H and W are multiples of 16."""

    def __init__(self, config: NativeAutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        eighth, sixteenth = config.widths
        self.fine = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(64, config.fine, 3, padding=1),
            *(ResidualBlock(config.fine) for _ in range(config.fine_blocks)),
            nn.ReLU(),
            nn.Conv2d(config.fine, eighth, 2, stride=2),
        )
        self.coarse = nn.Sequential(nn.PixelUnshuffle(8), nn.Conv2d(256, eighth, 3, padding=1))
        self.encoder = nn.Sequential(
            *(ResidualBlock(eighth) for _ in range(config.blocks[0])),
            nn.Conv2d(eighth, sixteenth, 2, stride=2),
            *(ResidualBlock(sixteenth) for _ in range(config.blocks[1])),
            nn.ReLU(),
            nn.Conv2d(sixteenth, config.channels, 3, padding=1),
        )
        self.decoder = decoder_of(config.channels, config.decoder_widths, config.decoder_blocks)
        self.tail = nn.Sequential(
            nn.Conv2d(4, config.tail, 3, padding=1), nn.ReLU(), nn.Conv2d(config.tail, 4, 3, padding=1)
        )
        for added in (self.fine[-1], self.tail[-1]):
            nn.init.zeros_(added.weight)
            nn.init.zeros_(added.bias)
        self.register_buffer("mean", torch.zeros(config.channels, 1, 1))
        self.register_buffer("std", torch.ones(config.channels, 1, 1))

    def encode(self, picture: Tensor) -> Tensor:
        signed = picture * 2 - 1
        return (self.encoder(self.fine(signed) + self.coarse(signed)) - self.mean) / self.std

    def decode(self, latent: Tensor) -> Tensor:
        rough = self.decoder(latent * self.std + self.mean)
        return (rough + self.tail(rough)) * 0.5 + 0.5

    def nested(self, latent: Tensor) -> Tensor:
        """Only the channels that must decode alone; the others at their mean, 0."""
        kept = self.config.nested
        return torch.cat([latent[:, :kept], torch.zeros_like(latent[:, kept:])], 1)

    @torch.no_grad()
    def follow_statistics(self, latent: Tensor, momentum: float) -> None:
        """Moves mean and std towards those of a batch of normalised latents (B, C, h, w)."""
        mean = latent.float().mean((0, 2, 3)).view(-1, 1, 1)
        std = latent.float().std((0, 2, 3)).view(-1, 1, 1)
        self.mean.add_(momentum * mean * self.std)
        self.std.mul_(1 + momentum * (std - 1))


@torch.no_grad()
def start_from(model: NativeAutoencoder, old: dict[str, Tensor], old_blocks: tuple[int, int]) -> None:
    """Makes `model` compute in its first channels what the autoencoder with the state_dict `old` does.

    old_blocks: residual blocks of that encoder, at an eighth and a sixteenth of the picture's side.
    """
    config = model.config
    channels = len(old["mean"])
    # (O, 4 colours × 4 × 4, 3, 3) for averaged pixels → (O, 4 colours × 8 × 8, 3, 3) for each of the four averaged.
    averaged = old["encoder.1.weight"].unflatten(1, (4, 4, 4))
    each = averaged.repeat_interleave(2, 2).repeat_interleave(2, 3).flatten(1, 3) / 4
    model.coarse[1].weight.copy_(each)
    model.coarse[1].bias.copy_(old["encoder.1.bias"])
    first, second = old_blocks
    # The old index of each layer; None for blocks that are new, and for the ReLU.
    source = [*range(2, 2 + first), None, 2 + first, *range(3 + first, 3 + first + second), None]
    for layer, index in zip(model.encoder[:-2], source, strict=True):
        if index is not None:
            for name, value in layer.named_parameters():
                value.copy_(old[f"encoder.{index}.{name}"])
    last = 4 + first + second
    model.encoder[-1].weight[:channels] = old[f"encoder.{last}.weight"]
    model.encoder[-1].bias[:channels] = old[f"encoder.{last}.bias"]
    model.mean[:channels], model.std[:channels] = old["mean"], old["std"]
    decoder = {name.removeprefix("decoder."): value for name, value in old.items() if name.startswith("decoder.")}
    seen = torch.zeros(config.decoder_widths[0], config.channels, 3, 3)
    seen[:, :channels] = decoder["0.weight"]
    model.decoder.load_state_dict(decoder | {"0.weight": seen})
