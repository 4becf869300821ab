"""A thing where it rains, on the moon, or at night: the sky is made of the same set's own drawings.

Drops and stars are marks, smaller than the least part of a composed picture; cloud, moon and thing are not.
"""

from collections.abc import Mapping

import numpy as np

from training.data.arrange import placed_at
from training.data.canvas import Picture, place
from training.data.layouts import part_of, scaled

NEEDED = {
    "in the rain": ("cloud", "droplet"),
    "on the moon": ("full-moon", "star"),
    "at night": ("crescent-moon", "star"),
}
"""What a set must draw for each."""


def scattered(
    canvas: Picture, mark: Picture, count: int, box: tuple[float, float, float, float], rng: np.random.Generator
) -> None:
    """Marks of several sizes in the cells of a grid, so that none hides another. box: top, bottom, left, right."""
    size = canvas.shape[0]
    top, bottom, left, right = box
    columns = max(1, round((count * (right - left) / max(bottom - top, 0.1)) ** 0.5))
    rows = -(-count // columns)
    for cell in rng.permutation(rows * columns)[:count]:
        y = top + (cell // columns + rng.uniform(0.2, 0.8)) * (bottom - top) / rows
        x = left + (cell % columns + rng.uniform(0.2, 0.8)) * (right - left) / columns
        small = part_of(mark, rng.uniform(0.075, 0.12))
        place(canvas, small, round(y * size - small.shape[0] / 2), round(x * size - small.shape[1] / 2))


def in_the_rain(thing: Picture, cloud: Picture, drop: Picture, rng: np.random.Generator) -> Picture:
    size = thing.shape[0]
    sky, stood = part_of(cloud, rng.uniform(0.55, 0.75)), part_of(thing, rng.uniform(0.5, 0.62))
    middle = rng.uniform(0.42, 0.58)
    canvas = np.zeros_like(thing)
    low = sky.shape[0] / size
    scattered(canvas, drop, int(rng.integers(7, 12)), (low, 0.97, max(0, middle - 0.4), min(1, middle + 0.4)), rng)
    placed_at(canvas, sky, (middle + rng.uniform(-0.06, 0.06)) * size, sky.shape[0])
    placed_at(canvas, stood, (middle + rng.uniform(-0.12, 0.12)) * size, size * rng.uniform(0.95, 1.0))
    scattered(canvas, drop, 2, (max(low, 0.5), 0.95, middle - 0.3, middle + 0.3), rng)
    return canvas


def at_night(thing: Picture, moon: Picture, star: Picture, rng: np.random.Generator) -> Picture:
    size = thing.shape[0]
    crescent, stood = part_of(moon, rng.uniform(0.4, 0.46)), part_of(thing, rng.uniform(0.55, 0.7))
    side = rng.choice([-1, 1])
    canvas = np.zeros_like(thing)
    scattered(canvas, star, int(rng.integers(4, 8)), (0.02, 0.55, 0.02, 0.98), rng)
    placed_at(canvas, crescent, (0.5 + side * 0.29) * size, crescent.shape[0] + rng.uniform(0, 0.04) * size)
    placed_at(canvas, stood, (0.5 - side * rng.uniform(0.08, 0.2)) * size, rng.uniform(0.96, 1.0) * size)
    return canvas


def on_the_moon(thing: Picture, moon: Picture, star: Picture, rng: np.random.Generator) -> Picture:
    size = thing.shape[0]
    ground, stood = part_of(moon, 2.0), part_of(thing, rng.uniform(0.48, 0.6))
    width = round(size * rng.uniform(1.0, 1.15))
    ground = scaled(ground, width, width)
    top = round(size * rng.uniform(0.55, 0.64))
    canvas = np.zeros_like(thing)
    scattered(canvas, star, int(rng.integers(3, 6)), (0.02, 0.5, 0.02, 0.98), rng)
    place(canvas, ground, top, round((size - width) / 2 + rng.uniform(-0.05, 0.05) * size))
    placed_at(canvas, stood, (0.5 + rng.uniform(-0.06, 0.06)) * size, top + 0.07 * size)
    return canvas


SKIES = {"in the rain": in_the_rain, "on the moon": on_the_moon, "at night": at_night}


def under_sky(thing: Picture, relation: str, drawn: Mapping[str, Picture], rng: np.random.Generator) -> Picture:
    """relation: one of NEEDED; drawn: by slug, of the thing's own set."""
    first, second = (drawn[slug] for slug in NEEDED[relation])
    return SKIES[relation](thing, first, second, rng)
