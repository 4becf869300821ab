"""Other hues for a drawing: which of its hues is the main one, how much of it that is, and how it is turned."""

from dataclasses import dataclass

import numpy as np

from training.data.canvas import Picture

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
LEAST_CHROMA = 0.25
"""Saturation times value from which a pixel has a colour to the eye."""
LEAST_MAIN = 0.5
"""Part of all saturated colour that the main hue must have."""


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


def hsv_of(picture: Picture) -> np.ndarray:
    """HSV (H, W, 3) of the unmultiplied picture; 0 where it is transparent."""
    return hsv(picture[..., :3] / 255 / np.maximum(picture[..., 3:] / 255, 1e-3))


def dominant_hue(picture: Picture, colours: np.ndarray | None = None) -> tuple[float, float] | None:
    """The hue (turns) that most saturated pixels share and the part of the picture that has it; None without any.
    colours: hsv_of(picture), where that is known already."""
    alpha = picture[..., 3:] / 255
    colours = hsv_of(picture) if colours is None else colours
    weight = colours[..., 1] * colours[..., 2] * alpha[..., 0] * (colours[..., 1] > 0.25)
    if weight.sum() < 0.02 * alpha.sum():
        return None
    histogram, _ = np.histogram(colours[..., 0], 36, (0, 1), weights=weight)
    smooth = histogram + np.roll(histogram, 1) + np.roll(histogram, -1)
    peak = int(smooth.argmax())
    near = np.abs((colours[..., 0] - (peak + 0.5) / 36 + 0.5) % 1 - 0.5) < 0.1
    return (peak + 0.5) / 36, float((weight * near).sum() / weight.sum())


@dataclass(frozen=True)
class MainHue:
    """hue: in turns. colours: HSV (H, W, 3) of the unmultiplied picture. weight: (H, W) in [0, 1], how far a pixel is
    of that hue."""

    hue: float
    colours: np.ndarray
    weight: np.ndarray


def main_hue(picture: Picture) -> MainHue | None:
    """None where no hue is the main one."""
    colours = hsv_of(picture)
    found = dominant_hue(picture, colours)
    if found is None or found[1] < LEAST_MAIN:
        return None
    hue, _ = found
    distance = np.abs((colours[..., 0] - hue + 0.5) % 1 - 0.5)
    return MainHue(hue, colours, np.clip((0.16 - distance) / 0.05, 0, 1) * np.clip(colours[..., 1] / 0.2, 0, 1))


def colour_seen(picture: Picture) -> float | None:
    """Part of what is visible that takes another colour to the eye when the main hue is turned; None where there is no
    main hue. What is pale or dark (a hammer's handle) stays as it was to the eye."""
    main = main_hue(picture)
    if main is None:
        return None
    alpha = picture[..., 3] / 255
    vivid = main.colours[..., 1] * main.colours[..., 2] >= LEAST_CHROMA
    return float((main.weight * vivid * alpha).sum() / alpha.sum())


def turned_to(picture: Picture, target: float, saturation: float = 1.0, value: float = 1.0) -> Picture | None:
    """The main hue turned to `target` (turns), its saturation and value multiplied; other hues stay. None where the
    picture has no main hue."""
    main = main_hue(picture)
    if main is None:
        return None
    turned = main.colours.copy()
    turned[..., 0] = (main.colours[..., 0] - main.hue + target) % 1
    turned[..., 1] = np.clip(main.colours[..., 1] * saturation, 0, 1)
    turned[..., 2] = np.clip(main.colours[..., 2] * value, 0, 1)
    mixed = rgb(turned) * main.weight[..., None] + rgb(main.colours) * (1 - main.weight[..., None])
    out = picture.copy()
    out[..., :3] = np.rint(np.clip(mixed, 0, 1) * (picture[..., 3:] / 255) * 255)
    return out


def recolour(picture: Picture, colour: str, seen: float = 0.0) -> Picture | None:
    """Turn the main hue into one of COLOURS. None where there is no main hue, or where the colour would fall on less
    than the part `seen` of the visible thing."""
    if seen and (colour_seen(picture) or 0) < seen:
        return None
    return turned_to(picture, *COLOURS[colour])
