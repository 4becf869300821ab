"""Random places for single drawings: how large, where, how much tilted, whether mirrored. Parts of composed pictures
are cut out and made to size here too.

Sizes and places are parts of the picture's side; "visible" is what is not (nearly) transparent.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from training.data.art import Concept
from training.data.canvas import Picture, place
from training.data.scenes import DULL

THINGS: dict[str, list[str]] = json.loads((Path(__file__).parent / "things.json").read_text())
"""Slugs by what matters when they are laid out."""
VISIBLE = 8
"""Alpha (of 255) from which a pixel counts: below it are soft shadows that no eye finds."""
LARGEST_GAIN = 1.15
"""A drawing is never enlarged by more: it would blur."""
SYMMETRIC = 0.1
"""Mean difference from the mirror image, of the mean alpha, up to which a drawing counts as symmetric."""
TILT = 13.0
"""Degrees at most without a word: a "tilted" thing has 30."""

# What looks wrong the other way round: letters and digits, clocks, notes, screens, maps, charts; and left and right.
LETTERED = frozenset(THINGS["lettered"])


def mirrors(concept: Concept) -> bool:
    """Whether a thing may be drawn the other way round under the same caption."""
    sided = {"left", "right"} & set(concept.name.lower().replace("-", " ").split())
    dull = concept.group in ("symbols", "flags") or concept.subgroup in DULL
    return not dull and not sided and concept.slug not in LETTERED


def tilts(concept: Concept) -> bool:
    """Arrows and signs mean another thing when they are turned."""
    return concept.subgroup not in DULL and concept.group not in ("symbols", "flags")


def lopsided(picture: Picture) -> bool:
    """Whether a drawing looks another when it is mirrored: "a mirrored heart" would be a heart."""
    cut = cut_out(picture).astype(np.int16)
    return bool(np.abs(cut - cut[:, ::-1]).mean() > SYMMETRIC * max(1.0, cut[..., 3].mean()))


def cut_out(picture: Picture) -> Picture:
    """The rows and columns that show something; all of an empty picture."""
    ys, xs = np.nonzero(picture[..., 3] >= VISIBLE)
    if len(ys) == 0:
        return picture
    return picture[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]


def scaled(picture: Picture, height: int, width: int) -> Picture:
    """As canvas.resized, all four channels at once: "RGBa" is Pillow's name for premultiplied."""
    image = Image.frombuffer("RGBa", picture.shape[1::-1], np.ascontiguousarray(picture).tobytes())
    out = np.array(image.resize((max(1, width), max(1, height)), Image.Resampling.LANCZOS))
    out[..., :3] = np.minimum(out[..., :3], out[..., 3:])
    return out


def part_of(picture: Picture, part: float) -> Picture:
    """The visible drawing, its longer side made `part` of the picture's (less where that would enlarge it too far)."""
    cut = cut_out(picture)
    gain = min(LARGEST_GAIN, part * picture.shape[0] / max(cut.shape[:2]))
    return scaled(cut, round(cut.shape[0] * gain), round(cut.shape[1] * gain))


def turned(picture: Picture, degrees: float) -> Picture:
    """Turned to the left, on a canvas that holds all of it, cut to what is visible."""
    image = Image.frombuffer("RGBa", picture.shape[1::-1], np.ascontiguousarray(picture).tobytes())
    out = np.array(image.rotate(degrees, Image.Resampling.BICUBIC, expand=True))
    out[..., :3] = np.minimum(out[..., :3], out[..., 3:])
    return cut_out(out)


def varied(picture: Picture, concept: Concept, rng: np.random.Generator, least: float = 0.55) -> Picture:
    """The drawing at a random size (its longer side from `least` to all of the picture's), tilt and place, mirrored at
    random where `mirrors` allows it. Nothing of it is cut off."""
    size = picture.shape[0]
    drawn = part_of(picture, rng.uniform(least, 0.98))
    if mirrors(concept) and rng.random() < 0.5:
        drawn = drawn[:, ::-1]
    if tilts(concept) and rng.random() < 0.6:
        drawn = turned(drawn, rng.uniform(-TILT, TILT))
    longest = max(drawn.shape[:2])
    if longest > size:
        drawn = scaled(drawn, drawn.shape[0] * size // longest, drawn.shape[1] * size // longest)
    canvas = np.zeros_like(picture)
    place(canvas, drawn, *(int(rng.integers(0, size - side + 1)) for side in drawn.shape[:2]))
    return canvas
