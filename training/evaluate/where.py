"""Where the error sits: how far from a thing's drawing the pictures are at each stage of the way to a user.

    (cd training/nets/inception_weights && npm ci && npm run unpack)
    python -m training.evaluate.where                              # → docs/where.json
    python -m training.evaluate.where --before models/emoji-0.7.1  # and an earlier model folder beside it

A prompt has several right pictures, at several places and sizes. So what is compared is the visible thing, cut out and
enlarged to one size, mirrored where that is nearer; the median over seeds counts. The first rows say what the figures
are for pictures that are right, other drawings of the same things, and for drawings of other things.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.config.runs import autocast
from training.config.schedules import SIZES
from training.config.whole_file import write_whole
from training.data.art import Art, load_art
from training.data.captions import EVERYDAY, STYLE_WORDS
from training.data.compositing import over_white
from training.data.heldout import plain_name
from training.evaluate.page import WHERE
from training.evaluate.shipped import ShippedModel
from training.method.sample import model_velocity, sample_euler
from training.nets.caption_encoder import CaptionEncoder
from training.nets.inception import Inception, load_inception
from training.nets.trained import load_autoencoder, load_teacher
from training.programs import run_program

STYLE = "fluent-3d"
THINGS, SEEDS, SIDE = 24, 3, 224
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


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Path("models/emoji"))
    parser.add_argument("--before", type=Path, help="an earlier model folder, to compare with")
    args = parser.parse_args()
    art = load_art(256)
    slugs = things_of(art)
    of_concept = {concept.slug: concept for concept in art.concepts}
    drawings = [pictures_of(art, slug, (STYLE,)) for slug in slugs]
    ruler = Ruler([torch.stack([*map(cut_out, of)]) for of in drawings], load_inception())
    prompts = [f"a {plain_name(of_concept[slug])}, {STYLE_WORDS[STYLE]}" for slug in slugs]
    autoencoder, teacher, encode = load_autoencoder().cpu(), load_teacher().cpu().eval(), CaptionEncoder()
    empty = encode([""])

    def guided(guidance: float) -> Callable[[int], Tensor]:
        def draw(thing: int) -> Tensor:
            text = encode([prompts[thing]] * SEEDS)
            velocity = model_velocity(teacher, text, guidance, empty)
            seeds = [SEEDS * thing + i for i in range(SEEDS)]
            return autoencoder.decode(sample_euler(velocity, 16, SIZES[-1], seeds)).clamp(0, 1)

        return draw

    def shipped(model: ShippedModel) -> Callable[[int], Tensor]:
        seeds = {thing: [SEEDS * thing + i for i in range(SEEDS)] for thing in range(len(slugs))}
        return lambda thing: model.decode(model.latents([prompts[thing]] * SEEDS, seeds[thing]))

    models = [ShippedModel(folder) for folder in (args.before, args.model) if folder]
    stages: dict[str, Callable[[int], Tensor]] = {
        "drawings of another thing": lambda thing: drawings[(thing + 1) % len(slugs)],
        "other sets' drawings of it": lambda thing: pictures_of(art, slugs[thing], ("noto", "twemoji", "emojione")),
        "its drawing, at 128 px": lambda thing: F.interpolate(F.avg_pool2d(drawings[thing], 2), 256, mode="bicubic"),
        "autoencoder": lambda thing: autoencoder.decode(autoencoder.encode(drawings[thing])).clamp(0, 1),
        "teacher, guidance 1": guided(1),
        "teacher, guidance 2": guided(2),
        **{f"{model.name}, as it ships": shipped(model) for model in models},
    }
    table = {}
    for name, draw in stages.items():
        rows = [ruler.distance(thing, draw(thing)) for thing in range(len(slugs))]
        table[name] = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
        print(name, {key: round(value, 3) for key, value in table[name].items()}, flush=True)
    write_whole(
        WHERE, json.dumps({"things": len(slugs), "seeds": SEEDS, "style": STYLE, "table": table}, indent=1) + "\n"
    )


if __name__ == "__main__":
    run_program(main)
