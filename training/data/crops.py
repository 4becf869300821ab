"""What the autoencoder learns from and is tested on: crops of the art, and pictures that it never sees."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.art import Art


def random_crops(pixels: np.ndarray, rows: np.ndarray, count: int, crop: int, rng: np.random.Generator) -> Tensor:
    """(count, 4, crop, crop) in [0, 1]: cuts of whole pictures at full, 3/4 or half size, flipped, colours swapped."""
    size = pixels.shape[1]
    scaled = int(rng.choice([size, size, size * 3 // 4, size // 2]))
    scaled = max(scaled, crop)
    out = torch.empty(count, 4, crop, crop)
    for i in range(count):
        picture = torch.tensor(pixels[rng.choice(rows)]).permute(2, 0, 1)[None] / 255
        if scaled != size:
            picture = F.interpolate(picture, scaled, mode="area")
        y, x = rng.integers(0, scaled - crop + 1, 2)
        cut = picture[0, :, y : y + crop, x : x + crop]
        if rng.random() < 0.5:
            cut = cut.flip(-1)
        if rng.random() < 0.5:  # new colours for the same lines
            cut = torch.cat([cut[torch.from_numpy(rng.permutation(3))], cut[3:]])
        out[i] = cut
    return out


def split(art: Art) -> tuple[np.ndarray, Tensor]:
    """Rows to train on, and 96 pictures (96, 4, size, size) in [0, 1] of the one in forty that never are."""
    held_out = np.arange(0, len(art), 40)
    pictures = torch.from_numpy(art.pixels[held_out[:96]]).permute(0, 3, 1, 2).float() / 255
    return np.setdiff1d(np.arange(len(art)), held_out), pictures
