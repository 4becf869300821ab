"""Combinations that no training picture shows, of concepts that all are shown: what the evaluation asks for.

The list is committed (held_out.json, chosen by `python -m training.stages.held_out`); every pack leaves these out.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from training.data.art import Concept
from training.data.canvas import PLACEMENTS
from training.data.captions import EVERYDAY, coloured, of_two
from training.data.colour import COLOURS
from training.data.dress import FACES, ITEMS
from training.data.english import numbered, with_article
from training.data.scenes import RELATIONS, Key, Scene, key

PATH = Path(__file__).parent / "held_out.json"
KINDS = {"coloured": 120, "pair": 100, "coloured pair": 50, "several": 30, "dressed": 40, "placed": 40}
"""How many of each kind."""


def load_held_out(concepts: dict[str, Concept], style: str = "fluent-3d") -> list[Scene]:
    """The held-out scenes in one style. concepts: by slug."""
    records: list[list[str | int | None]] = json.loads(PATH.read_text())
    scenes = []
    for subject, colour, other, relation, count, placement in records:
        second = concepts[str(other)] if other else None
        scenes.append(Scene(style, concepts[str(subject)], colour, second, relation, count, placement))  # type: ignore[arg-type]
    return scenes


def single_scenes(concepts: dict[str, Concept], most: int = 100, style: str = "fluent-3d") -> list[Scene]:
    """One everyday thing each, all of other names; evenly from EVERYDAY. Training showed them: nothing is held out."""
    named = {plain_name(concepts[slug]): Scene(style, concepts[slug]) for slug in EVERYDAY if slug in concepts}
    scenes = list(named.values())
    return [scenes[i] for i in np.linspace(0, len(scenes) - 1, min(most, len(scenes))).round().astype(int)]


def held_out_keys() -> set[Key]:
    return {tuple(record) for record in json.loads(PATH.read_text())} if PATH.exists() else set()


def plain_name(concept: Concept) -> str:
    return (EVERYDAY.get(concept.slug) or concept.names)[0].lower()


def plain_caption(scene: Scene) -> str:
    """The one caption that the evaluation gives a scene: plain words, no style."""
    name = plain_name(scene.subject)
    if scene.colour:
        name = coloured(scene.colour, name)
    if scene.count > 1:
        return numbered(scene.count, name)
    if scene.other:
        return of_two(scene, name, plain_name(scene.other), scene.relation)
    if scene.placement:
        return with_article(f"{scene.placement} {name}")
    if scene.relation:
        return f"{with_article(name)} {scene.relation}"
    return with_article(name)


def proposed(kind: str, concepts: dict[str, Concept], slugs: list[str], rng: np.random.Generator) -> Scene:
    """Any scene of a kind. slugs: what it may be of, but for faces and what they wear."""
    if kind == "dressed":
        face, item = str(rng.choice(list(FACES))), str(rng.choice(list(ITEMS)))
        return Scene("fluent-3d", concepts[face], other=concepts[item], relation="wearing")
    first, second = (str(slug) for slug in rng.choice(slugs, 2, replace=False))
    if kind == "placed":
        placement = str(rng.choice([*PLACEMENTS, "big", "small"]))
        paired = placement in ("big", "small")
        other = concepts[second] if paired else None
        return Scene("fluent-3d", concepts[first], other=other, relation="and" if paired else None, placement=placement)
    colour = str(rng.choice(list(COLOURS))) if "coloured" in kind else None
    other = concepts[second] if "pair" in kind else None
    relation = str(rng.choice(RELATIONS)) if other else None
    count = int(rng.integers(2, 5)) if kind == "several" else 1
    return Scene("fluent-3d", concepts[first], colour, other, relation, count)


def choose(
    seen: Iterable[Key], drawable: Callable[[Scene], bool], concepts: dict[str, Concept], seed: int
) -> list[Key]:
    """Combinations of everyday concepts that `seen` lacks. drawable: whether the scene can be composed at all."""
    rng = np.random.default_rng(seed)
    taken = set(seen)
    slugs = [slug for slug in EVERYDAY if slug in concepts]
    # Nearly every everyday thing has been shown in twos, threes and fours.
    others_too = [slug for slug, concept in concepts.items() if concept.group in ("animals-nature", "food-drink")]
    chosen: list[Key] = []
    captions: set[str] = set()
    for kind, wanted in KINDS.items():
        found = 0
        while found < wanted:
            scene = proposed(kind, concepts, others_too if kind == "several" else slugs, rng)
            caption = plain_caption(scene)
            if key(scene) in taken or caption in captions or not drawable(scene):
                continue
            taken.add(key(scene))
            captions.add(caption)
            chosen.append(key(scene))
            found += 1
    return chosen
