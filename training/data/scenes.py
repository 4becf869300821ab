"""What a picture shows, before there is a picture of it or a caption."""

from dataclasses import dataclass, replace

from training.data.art import Concept

RELATIONS = ("and", "next to", "on top of", "under")


@dataclass(frozen=True)
class Scene:
    """What a picture shows. colour: of a recoloured subject; other, relation: a second object, or what the subject is
    "wearing"; count: how many; placement: one of canvas.PLACEMENTS, or of two objects whether the first is "big" or
    "small"."""

    style: str
    subject: Concept
    colour: str | None = None
    other: Concept | None = None
    relation: str | None = None
    count: int = 1
    placement: str | None = None


def contraries(scene: Scene) -> dict[str, Scene]:
    """The same two things the other way round, by what it is that is turned: a caption of such a scene is wrong."""
    if scene.other is None or scene.relation == "wearing":
        return {}
    if scene.placement:
        return {"which is big": replace(scene, placement="small" if scene.placement == "big" else "big")}
    found = {}
    if scene.relation in ("on top of", "under"):
        found["above or below"] = replace(scene, relation="under" if scene.relation == "on top of" else "on top of")
    if scene.colour:
        found["attribute binding"] = replace(scene, subject=scene.other, other=scene.subject)
    return found


Key = tuple[str, str | None, str | None, str | None, int, str | None]


def key(scene: Scene) -> Key:
    """What a scene shows, whatever its style."""
    other = scene.other.slug if scene.other else None
    return scene.subject.slug, scene.colour, other, scene.relation, scene.count, scene.placement


def kind_of(scene: Scene) -> str:
    if scene.count > 1:
        return "several"
    if scene.relation == "wearing":
        return "dressed"
    if scene.placement:
        return "placed"
    if scene.other:
        return "coloured pair" if scene.colour else "pair"
    return "coloured" if scene.colour else "single"
