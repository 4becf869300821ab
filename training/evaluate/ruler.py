"""How far a picture is from a thing's drawing: what evaluate/where.py and evaluate/ladders.py measure with."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.config.runs import autocast
from training.data.art import Art
from training.data.captions import EVERYDAY
from training.data.compositing import over_white
from training.nets.inception import Inception

STYLE = "fluent-3d"
THINGS, SIDE = 24, 224
BANDS = {"details": (16, 32), "finest": (32, 64)}
"""Waves across the thing."""
Picture = Tensor
"""(4, H, W) premultiplied."""


def cut_out(picture: Picture) -> Tensor:
    """(3, SIDE, SIDE) over white: what is visible, its longer side as long as the square."""
    seen = picture[3] > 0.1
    rows, columns = seen.any(1).nonzero().flatten(), seen.any(0).nonzero().flatten()
    if not len(rows):
        return torch.ones(3, SIDE, SIDE)
    part = picture[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (round(SIDE * length / max(part.shape[1:])) for length in part.shape[1:])
    part = F.interpolate(part[None], (max(1, height), max(1, width)), mode="bicubic", antialias=True)
    left, top = (SIDE - part.shape[3]) // 2, (SIDE - part.shape[2]) // 2
    part = F.pad(part, (left, SIDE - part.shape[3] - left, top, SIDE - part.shape[2] - top))
    return over_white(part.clamp(0, 1))[0].clamp(0, 1)


def power(cut: Tensor) -> dict[str, Tensor]:
    """By band, of a cut-out (3, SIDE, SIDE)."""
    spectrum = torch.fft.fft2(cut.mean(0)).abs().square()
    wave = torch.fft.fftfreq(SIDE) * SIDE
    radius = (wave[:, None] ** 2 + wave[None] ** 2).sqrt()
    return {name: spectrum[(radius >= low) & (radius < high)].sum() for name, (low, high) in BANDS.items()}


class Ruler:
    """Distances of pictures to drawings, by things. drawings: each thing's, cut out, (N, 3, SIDE, SIDE)."""

    def __init__(self, drawings: list[Tensor], inception: Inception) -> None:
        self.drawings, self.inception = drawings, inception
        self.features = [self.seen(of) for of in drawings]

    def seen(self, cut: Tensor) -> Tensor:
        with torch.no_grad(), autocast():
            return self.inception(torch.cat([cut, torch.ones_like(cut[:, :1])], 1)).float()

    def distance(self, thing: int, pictures: Tensor) -> dict[str, float]:
        """The median over pictures (N, 4, H, W) of one thing. features: |a - b| / |b| of Inception's. psnr: of the
        cut-outs. Bands: the picture's power over the drawing's."""
        rows = []
        for picture in pictures:
            cut = cut_out(picture)
            both = torch.stack([cut, cut.flip(-1)])
            seen = self.seen(both)
            distances = torch.cdist(seen, self.features[thing]) / self.features[thing].norm(dim=1)
            side, drawing = divmod(int(distances.argmin()), distances.shape[1])
            target, ours = self.drawings[thing][drawing], both[side]
            theirs, powers = power(target), power(ours)
            rows.append(
                {
                    "features": float(distances.min()),
                    "psnr": -10 * float((ours - target).square().mean().clamp(min=1e-9).log10()),
                    **{name: float(powers[name] / theirs[name]) for name in BANDS},
                }
            )
        return {name: float(np.median([row[name] for row in rows])) for name in rows[0]}


def things_of(art: Art) -> list[str]:
    """Slugs of everyday things that STYLE draws, evenly from the list."""
    drawn = {c.slug for s, c in zip(art.styles, art.concepts, strict=True) if s == STYLE and c.slug in EVERYDAY}
    slugs = sorted(drawn)
    return [slugs[i] for i in np.linspace(0, len(slugs) - 1, min(THINGS, len(slugs))).round().astype(int)]


def pictures_of(art: Art, slug: str, styles: tuple[str, ...]) -> Tensor:
    rows = [i for i, (s, c) in enumerate(zip(art.styles, art.concepts, strict=True)) if c.slug == slug and s in styles]
    return torch.from_numpy(np.stack([art.pixels[i] for i in rows])).permute(0, 3, 1, 2).float() / 255
