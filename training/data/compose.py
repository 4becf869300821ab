"""New pictures from old: a recoloured object, two objects together, several of one, a face that wears something. All
premultiplied uint8 RGBA. Without a layout every scene has one picture; with one, places and sizes are the layout's."""

import numpy as np

from training.data.arrange import LEAST, in_front, on, riding, several_of, side_by_side, stacked
from training.data.art import Art, Concept
from training.data.canvas import Picture, place, placed, resized
from training.data.colour import recolour, turned_to
from training.data.dress import FACES, ITEMS, dress
from training.data.layouts import mirrors, varied
from training.data.scenes import ANY_COLOUR, OVERLAPPING, SETTINGS, Layout, Scene
from training.data.weather import NEEDED, under_sky


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


def arranged(scene: Scene, drawings: Drawings, layout: Layout) -> Picture | None:
    """As `compose`, at the layout's places and sizes."""
    rng = np.random.default_rng(layout.seed)
    picture: Picture | None = drawings[scene.subject.slug][1]
    if scene.colour == ANY_COLOUR:
        picture = turned_to(picture, rng.random(), rng.uniform(0.85, 1.1), rng.uniform(0.8, 1.1))
    elif scene.colour:
        picture = recolour(picture, scene.colour)
    if picture is None:
        return None
    if scene.count > 1:
        return several_of(picture, scene.count, rng)
    relation = scene.relation or "and"
    if relation in SETTINGS:
        sky = {slug: drawings[slug][1] for slug in NEEDED[relation]}
        return under_sky(picture, relation, sky, rng)
    if scene.other is None:
        return placed(picture, scene.placement) if scene.placement else varied(picture, scene.subject, rng)
    other = drawings[scene.other.slug][1]
    if relation == "wearing":
        worn = dress(picture, FACES[scene.subject.slug], other, ITEMS[scene.other.slug], LEAST)
        return varied(worn, scene.subject, rng, 0.9) if rng.random() < 0.5 and mirrors(scene.other) else worn
    if scene.placement:
        big, small = rng.uniform(0.58, 0.62), rng.uniform(0.40, 0.42)
        return side_by_side(picture, other, rng, (big, small) if scene.placement == "big" else (small, big))
    if relation in ("and", "next to"):
        return side_by_side(picture, other, rng, (rng.uniform(0.45, 0.56), rng.uniform(0.45, 0.56)))
    if relation in ("on top of", "under"):
        return stacked(picture, other, rng) if relation == "on top of" else stacked(other, picture, rng)
    if relation == "riding":
        return riding(picture, other, scene.other.slug, rng)
    if relation == "on":
        return on(picture, other, rng)
    return in_front(picture, other, rng) if relation == "in front of" else in_front(other, picture, rng)


def compose(scene: Scene, drawings: Drawings, layout: Layout | None = None) -> Picture | None:
    """The picture of a scene; None where its subject has no main hue to turn to the scene's colour."""
    if scene.relation in (*OVERLAPPING, *SETTINGS, "riding"):
        layout = layout or Layout(0)  # there is no plain picture of these
    if layout:
        return arranged(scene, drawings, layout)
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
