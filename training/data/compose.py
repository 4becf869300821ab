"""New pictures from old: a recoloured object, two objects together, several of one, a face that wears something. All
premultiplied uint8 RGBA."""

import numpy as np

from training.data.art import Art, Concept
from training.data.canvas import Picture, place, placed, resized
from training.data.dress import FACES, ITEMS, dress
from training.data.scenes import Scene

COLOURS: dict[str, tuple[float, float, float]] = {
    # hue in turns, how saturation is multiplied, how brightness is multiplied
    "red": (0.0, 1.1, 0.95),
    "orange": (0.075, 1.1, 1.0),
    "yellow": (0.145, 1.1, 1.1),
    "green": (0.36, 1.0, 0.85),
    "blue": (0.60, 1.0, 0.95),
    "purple": (0.76, 0.9, 0.85),
    "pink": (0.92, 0.6, 1.1),
    "black": (0.65, 0.15, 0.32),
    "white": (0.6, 0.06, 1.25),
}


def hsv(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) in [0, 1] to hue, saturation, value in [0, 1]."""
    high, low = rgb.max(-1), rgb.min(-1)
    spread = high - low
    safe = np.maximum(spread, 1e-6)
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    hue = np.where(high == r, (g - b) / safe, np.where(high == g, 2 + (b - r) / safe, 4 + (r - g) / safe))
    return np.stack([(hue / 6) % 1, spread / np.maximum(high, 1e-6), high], -1)


def rgb(hsv_: np.ndarray) -> np.ndarray:
    h, s, v = hsv_[..., 0] * 6, hsv_[..., 1], hsv_[..., 2]
    k = (np.array([5.0, 3.0, 1.0]) + h[..., None]) % 6
    return v[..., None] * (1 - s[..., None] * np.clip(np.minimum(k, 4 - k), 0, 1))


def dominant_hue(picture: Picture) -> tuple[float, float] | None:
    """The hue (turns) that most saturated pixels share and the part of the picture that has it; None without any."""
    alpha = picture[..., 3:] / 255
    colours = hsv(picture[..., :3] / 255 / np.maximum(alpha, 1e-3))
    weight = colours[..., 1] * colours[..., 2] * alpha[..., 0] * (colours[..., 1] > 0.25)
    if weight.sum() < 0.02 * alpha.sum():
        return None
    histogram, _ = np.histogram(colours[..., 0], 36, (0, 1), weights=weight)
    smooth = histogram + np.roll(histogram, 1) + np.roll(histogram, -1)
    peak = int(smooth.argmax())
    near = np.abs((colours[..., 0] - (peak + 0.5) / 36 + 0.5) % 1 - 0.5) < 0.1
    return (peak + 0.5) / 36, float((weight * near).sum() / weight.sum())


def recolour(picture: Picture, colour: str) -> Picture | None:
    """Turn the main hue into `colour`; other hues stay. None where the picture has no main hue to turn."""
    found = dominant_hue(picture)
    if found is None or found[1] < 0.5:
        return None
    hue, _ = found
    target, saturation, value = COLOURS[colour]
    alpha = picture[..., 3:] / 255
    colours = hsv(np.clip(picture[..., :3] / 255 / np.maximum(alpha, 1e-3), 0, 1))
    distance = np.abs((colours[..., 0] - hue + 0.5) % 1 - 0.5)
    weight = np.clip((0.16 - distance) / 0.05, 0, 1) * np.clip(colours[..., 1] / 0.2, 0, 1)
    turned = colours.copy()
    turned[..., 0] = (colours[..., 0] - hue + target) % 1
    turned[..., 1] = np.clip(colours[..., 1] * saturation, 0, 1)
    turned[..., 2] = np.clip(colours[..., 2] * value, 0, 1)
    mixed = rgb(turned) * weight[..., None] + rgb(colours) * (1 - weight[..., None])
    out = picture.copy()
    out[..., :3] = np.rint(np.clip(mixed, 0, 1) * alpha * 255)
    return out


def pair(first: Picture, second: Picture, relation: str) -> Picture:
    """Two pictures: side by side for "and" and "next to", one above the other for "on top of" and "under"."""
    size = first.shape[0]
    half = size // 2
    canvas = np.zeros_like(first)
    if relation in ("and", "next to"):
        scaled = half + size // 32
        place(canvas, resized(second, scaled), size // 4, size - scaled)
        place(canvas, resized(first, scaled), size // 4, 0)
    else:
        upper, lower = (first, second) if relation == "on top of" else (second, first)
        place(canvas, resized(lower, half), half, size // 4)
        place(canvas, resized(upper, half), size // 32, size // 4)
    return canvas


def beside(first: Picture, second: Picture, larger: str) -> Picture:
    """Side by side, one about twice as large. larger: of the first, "big" or "small"."""
    size = first.shape[0]
    big, small = round(size * 0.64), round(size * 0.34)
    ground = size - size // 10  # both stand on it
    sides = (big, small) if larger == "big" else (small, big)
    canvas = np.zeros_like(first)
    place(canvas, resized(first, sides[0]), ground - sides[0], 0)
    place(canvas, resized(second, sides[1]), ground - sides[1], size - sides[1])
    return canvas


def several(picture: Picture, count: int) -> Picture:
    """Two side by side, three in a triangle, four in a square."""
    size = picture.shape[0]
    half = size // 2
    small = resized(picture, half)
    spots = {
        2: [(size // 4, 0), (size // 4, half)],
        3: [(0, size // 4), (half, 0), (half, half)],
        4: [(0, 0), (0, half), (half, 0), (half, half)],
    }
    canvas = np.zeros_like(picture)
    for y, x in spots[count]:
        place(canvas, small, y, x)
    return canvas


Drawings = dict[str, tuple[Concept, Picture]]
"""Concept and picture by slug, all of one style."""


def of_style(art: Art, style: str) -> Drawings:
    rows = art.rows((style,))
    return {art.concepts[row].slug: (art.concepts[row], np.asarray(art.pixels[row])) for row in rows}


def compose(scene: Scene, drawings: Drawings) -> Picture | None:
    """The picture of a scene; None where its subject has no main hue to turn to the scene's colour."""
    picture: Picture | None = drawings[scene.subject.slug][1]
    if scene.colour:
        picture = recolour(picture, scene.colour)
    if picture is None:
        return None
    if scene.count > 1:
        return several(picture, scene.count)
    if scene.other:
        other = drawings[scene.other.slug][1]
        if scene.relation == "wearing":
            return dress(picture, FACES[scene.subject.slug], other, ITEMS[scene.other.slug])
        if scene.placement:
            return beside(picture, other, scene.placement)
        return pair(picture, other, scene.relation or "and")
    return placed(picture, scene.placement) if scene.placement else picture
