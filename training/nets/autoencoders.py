"""What both kinds of autoencoder (autoencoder.py, native_autoencoder.py) are used by."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.config.editions import AutoencoderConfig, NativeAutoencoderConfig
from training.config.runs import autocast
from training.nets.autoencoder import Autoencoder
from training.nets.native_autoencoder import NativeAutoencoder

AnyAutoencoder = Autoencoder | NativeAutoencoder


def autoencoder_of(config: AutoencoderConfig | NativeAutoencoderConfig) -> AnyAutoencoder:
    """An untrained one."""
    return Autoencoder(config) if isinstance(config, AutoencoderConfig) else NativeAutoencoder(config)


def decoding_half(model: AnyAutoencoder) -> nn.Module:
    """All that `decode` trains, under the names of its parameters in the checkpoints of stages/decoder.py."""
    if isinstance(model, Autoencoder):
        return model.decoder
    return nn.ModuleDict({"decoder": model.decoder, "tail": model.tail})


@torch.no_grad()
def encode_at(model: AnyAutoencoder, pictures: Tensor, size: int) -> Tensor:
    """(B, 4, H, W) in [0, 1] → latents at `size` cells, the pixels area-downscaled first."""
    with autocast():
        return model.encode(F.interpolate(pictures, size * model.config.cell, mode="area")).float()
