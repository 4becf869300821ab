"""What a picture shows, before there is a picture of it or a caption."""

from dataclasses import dataclass, replace

from training.data.art import Concept

RELATIONS = ("and", "next to", "on top of", "under")
ANY_COLOUR = "any"
"""Of a thing without a colour of its own: a hue that the layout chooses and no caption names."""
OVERLAPPING = ("on", "in front of", "behind")
"""Relations in which one drawing hides a part of the other."""
SETTINGS = ("in the rain", "on the moon", "at night")
"""Relations without a second thing."""
DULL = {"time", "keycap", "alphanum", "arrow", "zodiac", "av-symbol", "math", "punctuation", "geometric"}
"""Subgroups of signs."""


@dataclass(frozen=True)
class Scene:
    """What a picture shows. colour: of a recoloured subject, or ANY_COLOUR; other, relation: a second object, what
    the subject is "wearing" or "riding", or alone one of SETTINGS; count: how many; placement: one of
    canvas.PLACEMENTS, or of two objects whether the first is "big" or "small"."""

    style: str
    subject: Concept
    colour: str | None = None
    other: Concept | None = None
    relation: str | None = None
    count: int = 1
    placement: str | None = None


@dataclass(frozen=True)
class Layout:
    """How a scene is drawn where it is not drawn plainly: at random places and sizes, the same ones for a seed."""

    seed: int


def contraries(scene: Scene) -> dict[str, Scene]:
    """The same two things the other way round, by what it is that is turned: a caption of such a scene is wrong."""
    if scene.other is None or scene.relation == "wearing":
        return {}
    if scene.placement:
        return {"which is big": replace(scene, placement="small" if scene.placement == "big" else "big")}
    found = {}
    if scene.relation in ("on top of", "under"):
        found["above or below"] = replace(scene, relation="under" if scene.relation == "on top of" else "on top of")
    if scene.relation in ("in front of", "behind"):
        found["front or behind"] = replace(
            scene, relation="behind" if scene.relation == "in front of" else "in front of"
        )
    if scene.relation in ("on", "riding"):
        found["which is on"] = replace(scene, subject=scene.other, other=scene.subject, colour=None)
    elif scene.colour:
        found["attribute binding"] = replace(scene, subject=scene.other, other=scene.subject)
    return found


Key = tuple[str, str | None, str | None, str | None, int, str | None]


def key(scene: Scene) -> Key:
    """What a scene shows, whatever its style."""
    other = scene.other.slug if scene.other else None
    colour = None if scene.colour == ANY_COLOUR else scene.colour
    return scene.subject.slug, colour, other, scene.relation, scene.count, scene.placement


def kind_of(scene: Scene) -> str:
    if scene.count > 1:
        return "several"
    if scene.relation == "wearing":
        return "dressed"
    if scene.placement:
        return "placed"
    if scene.relation in SETTINGS:
        return "setting"
    if scene.relation == "riding":
        return "riding"
    if scene.relation in OVERLAPPING:
        return "overlapping"
    if scene.other:
        return "coloured pair" if scene.colour else "pair"
    return "coloured" if scene.colour and scene.colour != ANY_COLOUR else "single"
