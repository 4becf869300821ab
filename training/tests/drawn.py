"""Drawings for the tests of the data: plain shapes under the names of things that scenes are composed of."""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from training.data.art import Concept
from training.data.compose import Drawings

SIZE = 64
NAMES = {
    "fox": "animal-mammal",
    "cat-face": "animal-mammal",
    "red-apple": "food-fruit",
    "banana": "food-fruit",
    "automobile": "transport-ground",
    "house": "place-building",
    "bicycle": "transport-ground",
    "crown": "clothing",
    "cloud": "sky-weather",
    "droplet": "sky-weather",
    "full-moon": "sky-weather",
    "crescent-moon": "sky-weather",
    "star": "sky-weather",
    "otter": "animal-mammal",
    "alarm-clock": "time",
}
GROUPS = {"animal": "animals-nature", "food": "food-drink", "clothing": "objects"}
STYLES = ("fluent-3d", "fluent", "fluent-flat", "noto", "flat-color")


def concept(slug: str) -> Concept:
    subgroup = NAMES.get(slug, "animal-mammal")
    group = GROUPS.get(subgroup.split("-")[0], "travel-places")
    return Concept(slug, slug.replace("-", " "), group, subgroup, [slug.replace("-", " ")], ["thing"])


def shape(
    colour: tuple[int, int, int], box: tuple[int, int, int, int] = (8, 12, 56, 52), size: int = SIZE
) -> np.ndarray:
    """An ellipse; box: left, top, right, bottom on a side of 64."""
    picture = Image.new("RGBA", (size, size))
    ImageDraw.Draw(picture).ellipse([v * size // 64 for v in box], fill=(*colour, 255))
    return np.array(picture)


def drawings(colours: dict[str, tuple[int, int, int]]) -> Drawings:
    return {slug: (concept(slug), shape(colour)) for slug, colour in colours.items()}


def write_art(folder: Path, size: int = SIZE) -> Path:
    """art-<size>.bin and .json of every name in every style, each of a colour of its own."""
    rng = np.random.default_rng(0)
    images, pixels = [], []
    for style in STYLES:
        for slug in NAMES:
            red, green, blue = (int(v) for v in rng.permutation([230, int(rng.integers(0, 120)), 20]))
            pixels.append(shape((red, green, blue), size=size))
            images.append({"style": style, "concept": slug})
    concepts = {
        slug: {
            "name": c.name,
            "group": c.group,
            "subgroup": c.subgroup,
            "names": c.names,
            "keywords": c.keywords,
            "emoji": "🦊" if slug == "fox" else "",
        }
        for slug, c in ((slug, concept(slug)) for slug in NAMES)
    }
    index = {"size": size, "styles": STYLES, "images": images, "concepts": concepts}
    (folder / f"art-{size}.json").write_text(json.dumps(index))
    np.stack(pixels).tofile(folder / f"art-{size}.bin")
    return folder
