"""Premultiplied uint8 RGBA pictures (size, size, 4): made smaller, drawn over one another, turned."""

import numpy as np
from PIL import Image

Picture = np.ndarray
PLACEMENTS = ("tiny", "tilted", "upside-down", "mirrored")


def resized(picture: Picture, height: int, width: int | None = None) -> Picture:
    """Premultiplied throughout, so no dark edges; PIL must not divide by alpha, hence the four plain channels."""
    shape = (width or height, height)
    channels = [Image.fromarray(picture[..., c]).resize(shape, Image.Resampling.LANCZOS) for c in range(4)]
    out = np.stack([np.asarray(channel) for channel in channels], -1)
    out[..., :3] = np.minimum(out[..., :3], out[..., 3:])
    return out


def place(canvas: Picture, picture: Picture, y: int, x: int) -> None:
    """Draw `picture` over the canvas, its upper left corner at (y, x); what lies outside is cut off."""
    height, width = canvas.shape[:2]
    top, left = max(0, y), max(0, x)
    bottom, right = min(height, y + picture.shape[0]), min(width, x + picture.shape[1])
    if top >= bottom or left >= right:
        return
    part = picture[top - y : bottom - y, left - x : right - x].astype(np.float32)
    under = canvas[top:bottom, left:right].astype(np.float32)
    canvas[top:bottom, left:right] = np.rint(np.clip(part + under * (1 - part[..., 3:] / 255), 0, 255))


def centred(picture: Picture, part: float) -> Picture:
    """Smaller, in the middle of an empty canvas. part: of the side."""
    size = picture.shape[0]
    side = round(size * part)
    canvas = np.zeros_like(picture)
    place(canvas, resized(picture, side), (size - side) // 2, (size - side) // 2)
    return canvas


def tilted(picture: Picture, degrees: float) -> Picture:
    """Turned to the left about its middle, and a little smaller so that nothing is cut off."""
    channels = [
        Image.fromarray(channel).rotate(degrees, Image.Resampling.BICUBIC)
        for channel in np.moveaxis(centred(picture, 0.8), -1, 0)
    ]
    out = np.stack([np.asarray(channel) for channel in channels], -1)
    out[..., :3] = np.minimum(out[..., :3], out[..., 3:])
    return out


def placed(picture: Picture, placement: str) -> Picture:
    """One of PLACEMENTS."""
    if placement == "tiny":
        return centred(picture, 0.4)
    if placement == "tilted":
        return tilted(picture, 30)
    return picture[::-1].copy() if placement == "upside-down" else picture[:, ::-1].copy()
