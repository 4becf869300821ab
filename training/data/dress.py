"""Faces that wear things: where a hat or glasses go on each face. All places are parts of the picture's side."""

from dataclasses import dataclass

import numpy as np

from training.data.canvas import Picture, place, resized


@dataclass(frozen=True)
class Face:
    """x: the middle of the head; eyes: their height; brow: where a hat's lower edge sits; width: of the head there."""

    x: float
    eyes: float
    brow: float
    width: float


@dataclass(frozen=True)
class Item:
    """at: what of the face it goes to ("brow", "eyes" or "chin"); width: as a multiple of the head's;
    sink: the part of its own height that it reaches below that place."""

    name: str
    at: str
    width: float
    sink: float


FACES = {
    "cat-face": Face(0.50, 0.43, 0.30, 0.62),
    "grinning-cat": Face(0.50, 0.43, 0.30, 0.62),
    "dog-face": Face(0.50, 0.43, 0.20, 0.58),
    "fox": Face(0.50, 0.47, 0.32, 0.55),
    "panda": Face(0.50, 0.43, 0.20, 0.62),
    "bear": Face(0.50, 0.43, 0.20, 0.62),
    "polar-bear": Face(0.50, 0.43, 0.20, 0.58),
    "lion": Face(0.50, 0.44, 0.22, 0.55),
    "tiger-face": Face(0.50, 0.43, 0.20, 0.60),
    "monkey-face": Face(0.50, 0.43, 0.20, 0.58),
    "rabbit-face": Face(0.50, 0.52, 0.38, 0.52),
    "mouse-face": Face(0.50, 0.45, 0.28, 0.45),
    "pig-face": Face(0.50, 0.40, 0.20, 0.58),
    "cow-face": Face(0.50, 0.43, 0.20, 0.46),
    "frog": Face(0.50, 0.25, 0.16, 0.62),
    "koala": Face(0.50, 0.45, 0.24, 0.55),
    "wolf": Face(0.50, 0.45, 0.27, 0.50),
    "raccoon": Face(0.50, 0.48, 0.28, 0.58),
    "hamster": Face(0.50, 0.50, 0.36, 0.45),
    "penguin": Face(0.50, 0.36, 0.22, 0.42),
    "owl": Face(0.50, 0.32, 0.14, 0.58),
    "front-facing-baby-chick": Face(0.50, 0.35, 0.18, 0.42),
    "robot": Face(0.50, 0.40, 0.20, 0.58),
    "ghost": Face(0.48, 0.30, 0.14, 0.48),
    "alien": Face(0.50, 0.50, 0.20, 0.60),
    "skull": Face(0.50, 0.50, 0.22, 0.62),
    "jack-o-lantern": Face(0.50, 0.44, 0.24, 0.62),
    "pile-of-poo": Face(0.50, 0.50, 0.30, 0.45),
    "teddy-bear": Face(0.50, 0.26, 0.14, 0.40),
    "smiling-face": Face(0.50, 0.42, 0.18, 0.66),
    "slightly-smiling-face": Face(0.50, 0.38, 0.16, 0.66),
    "grinning-face": Face(0.50, 0.36, 0.14, 0.66),
    "winking-face": Face(0.50, 0.40, 0.16, 0.66),
}

ITEMS = {
    "top-hat": Item("top hat", "brow", 0.95, 0.10),
    "crown": Item("crown", "brow", 0.85, 0.10),
    "graduation-cap": Item("graduation cap", "brow", 1.15, 0.25),
    "billed-cap": Item("baseball cap", "brow", 0.95, 0.12),
    "womans-hat": Item("straw hat", "brow", 1.35, 0.20),
    "sunglasses": Item("sunglasses", "eyes", 0.98, 0.50),
    "glasses": Item("glasses", "eyes", 0.98, 0.50),
    "ribbon": Item("bow tie", "chin", 0.70, 0.50),
}


ANCHORED = ("fluent-3d", "fluent", "fluent-flat")
"""The sets that FACES was measured on."""
CHIN = 0.94
SHRUNK = {"chin": 0.9}
"""Room below a face for what goes to its chin."""


def visible(picture: Picture) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of what is not transparent."""
    ys, xs = np.nonzero(picture[..., 3] > 24)
    return int(ys.min()), int(ys.max()) + 1, int(xs.min()), int(xs.max()) + 1


def dress(picture: Picture, face: Face, item_picture: Picture, item: Item, least: float = 0.0) -> Picture:
    """The face with the item on: a face under a hat is smaller and lower, so that the hat fits. (size, size, 4).
    least: of the picture's side, the item's longer side at least, whatever the head."""
    size = picture.shape[0]
    top, bottom, left, right = visible(item_picture)
    cut = item_picture[top:bottom, left:right]
    shape = cut.shape[0] / cut.shape[1]
    part, low = SHRUNK.get(item.at, 1.0), 0.0
    wide = face.width * item.width  # of the face's own side
    least /= max(1.0, shape)  # of its width
    if item.at == "brow":
        below = 1 - face.brow
        above = shape * (1 - item.sink)  # of the hat, in its widths
        # The face shrinks to 0.97 / (below + wide * above), and the hat with it: as wide as leaves it `least`.
        wide = max(wide, least * below / (0.97 - least * above))
        part = min(1.0, 0.97 / (below + wide * above))
        low = size * (1 - part)
    else:
        wide = max(wide, least / part)
    side = round(size * part)
    beside = size * (1 - part) * face.x
    canvas = np.zeros_like(picture)
    place(canvas, resized(picture, side), round(low), round(beside))
    width = round(side * wide)
    height = max(1, round(width * shape))
    middle = {"brow": face.brow, "eyes": face.eyes, "chin": CHIN}[item.at]
    y = low + side * middle - height * (1 - item.sink)
    x = beside + side * face.x - width / 2
    place(canvas, resized(cut, height, width), round(min(y, size - height)), round(x))
    return canvas
