"""The linear preview: from a latent's cell to the mean colour of the pixels that it stands for."""

from math import isfinite
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn import functional

from training.convert.errors import ConversionError

PICTURES = 8
SIDE = 256

Map = dict[str, list[list[float]] | list[float]]


def painted(side: int) -> Tensor:
    """Made-up pictures (N, 3, side, side), -1 to 1: soft colours of several sizes, and sharp discs on them. No picture
    of the world is at hand; colour is all that the preview has to learn."""
    generator = torch.Generator().manual_seed(0)
    pictures = torch.zeros(PICTURES, 3, side, side)
    for cells in (2, 5, 11):
        soft = torch.rand(PICTURES, 3, cells, cells, generator=generator) * 2 - 1
        pictures += functional.interpolate(soft, size=side, mode="bicubic") * 0.7
    grid = torch.stack(torch.meshgrid(*[torch.arange(side) / side] * 2, indexing="ij"))
    for picture in pictures:
        for _ in range(6):
            centre, radius = torch.rand(2, 1, 1, generator=generator), 0.05 + 0.2 * torch.rand(1, generator=generator)
            inside = ((grid - centre) ** 2).sum(0) < radius**2
            picture[:, inside] = torch.rand(3, 1, generator=generator) * 2 - 1
    return pictures.clamp(-1, 1)


@torch.no_grad()
def fit_preview(vae_folder: Path, cell: int) -> Map:
    """Least squares over made-up pictures that the checkpoint's own encoder turns into latents. Rows: red, green, blue,
    alpha, each 0 to 1; alpha is always 1."""
    vae = AutoencoderKL.from_pretrained(vae_folder, dtype=torch.float32, local_files_only=True).eval()
    cells, colours = [], []
    for picture in painted(min(SIDE, 32 * cell)).split(1):
        latent = vae.encode(picture).latent_dist.mean
        latent = (latent - (vae.config.shift_factor or 0)) * vae.config.scaling_factor
        cells.append(latent[0].flatten(1).T)
        colours.append(functional.avg_pool2d(picture[0] / 2 + 0.5, cell).flatten(1).T)
    return linear_map(torch.cat(cells), torch.cat(colours))


def linear_map(cells: Tensor, colours: Tensor) -> Map:
    """cells (N, C), colours (N, 3) → the map of least squares, with a row for an alpha that is always 1."""
    a = torch.cat([cells, torch.ones(len(cells), 1)], 1).double()
    solution = torch.linalg.lstsq(a, colours.double()).solution.T.tolist()
    if not all(isfinite(v) for row in solution for v in row):
        raise ConversionError("The checkpoint's vae makes no numbers of pictures. Download its weights again.")
    matrix = [[round(v, 5) for v in row[:-1]] for row in solution]
    return {"matrix": [*matrix, [0.0] * cells.shape[1]], "bias": [*(round(row[-1], 5) for row in solution), 1.0]}
