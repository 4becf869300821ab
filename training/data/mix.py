"""Which scenes a pack holds, and how often each is drawn."""

import itertools
from dataclasses import replace

import numpy as np

from training.config.recipes import PackRecipe
from training.data.art import Art, Concept
from training.data.canvas import PLACEMENTS
from training.data.captions import EVERYDAY
from training.data.compose import COLOURS, compose, of_style, pair, recolour, several
from training.data.dress import FACES, ITEMS
from training.data.heldout import held_out_keys
from training.data.scenes import RELATIONS, Scene, key

GROUP_WEIGHTS = {
    "smileys-emotion": 1.0,
    "people-body": 0.15,  # a quarter of all concepts; faces in detail are beyond a nano model
    "animals-nature": 1.0,
    "food-drink": 1.0,
    "travel-places": 0.6,
    "activities": 0.7,
    "objects": 0.6,
    "symbols": 0.1,
    "flags": 0.1,
    "component": 0.0,
}
NO_MIRROR = {"alarm-clock", "musical-keyboard", "globe-showing-europe-africa", "books", "open-book"}
"""What looks wrong the other way round."""
DULL = {"time", "keycap", "alphanum", "arrow", "zodiac", "av-symbol", "math", "punctuation", "geometric"}


def concept_weight(concept: Concept, recipe: PackRecipe) -> float:
    weight = GROUP_WEIGHTS[concept.group] * (0.3 if concept.subgroup in DULL else 1.0)
    return weight * (recipe.everyday if concept.slug in EVERYDAY else 1.0)


def compose_scenes(art: Art, recipe: PackRecipe) -> tuple[list[Scene], np.ndarray, list[np.ndarray]]:
    """Scenes, sampling weights (each kind sums to its part of the mix) and pictures."""
    rng = np.random.default_rng(recipe.seed)
    style_weights = dict(recipe.styles)
    scenes: list[Scene] = []
    pictures: list[np.ndarray] = []
    kinds: list[int] = []
    weights: list[float] = []

    held_out = held_out_keys()

    def add(kind: int, weight: float, scene: Scene, picture: np.ndarray | None) -> None:
        if picture is None or key(scene) in held_out:
            return
        scenes.append(scene)
        pictures.append(picture)
        kinds.append(kind)
        weights.append(weight)

    for row, (style, concept) in enumerate(zip(art.styles, art.concepts, strict=True)):
        weight = style_weights.get(style, 0) * concept_weight(concept, recipe)
        if weight > 0:
            add(0, weight, Scene(style, concept), art.pixels[row])

    single_weights = np.array(weights) / np.sum(weights)
    everyday_by_style: dict[str, list[int]] = {style: [] for style in style_weights}
    for i, scene in enumerate(scenes):
        if scene.subject.slug in EVERYDAY:
            everyday_by_style[scene.style].append(i)
    style_names, style_parts = zip(*recipe.styles, strict=True)
    recoloured = 0
    while recoloured < recipe.recoloured:
        i = int(rng.choice(len(single_weights), p=single_weights))
        colour = str(rng.choice(list(COLOURS)))
        if scenes[i].subject.group in ("people-body", "flags", "symbols"):
            continue
        picture = recolour(pictures[i], colour)
        if picture is not None:
            add(1, 1, replace(scenes[i], colour=colour), picture)
            recoloured += 1
    for _ in range(recipe.pairs):
        style = str(rng.choice(style_names, p=style_parts))
        i, j = rng.choice(everyday_by_style[style], 2, replace=False)
        relation = str(rng.choice(RELATIONS, p=[0.5, 0.2, 0.2, 0.1]))
        scene = replace(scenes[i], other=scenes[j].subject, relation=relation)
        first = pictures[i]
        if rng.random() < recipe.coloured_pairs:
            colour = str(rng.choice(list(COLOURS)))
            turned = recolour(first, colour)
            if turned is not None:
                first, scene = turned, replace(scene, colour=colour)
        add(2, 1, scene, pair(first, pictures[j], relation))
    for _ in range(recipe.several):
        style = str(rng.choice(style_names, p=style_parts))
        i = int(rng.choice(everyday_by_style[style]))
        count = int(rng.integers(2, 5))
        add(3, 1, replace(scenes[i], count=count), several(pictures[i], count))
    drawings = {style: of_style(art, style) for style in style_weights}
    for style, of in drawings.items():
        for face, item in itertools.product(FACES, ITEMS):
            if face in of and item in of:
                scene = Scene(style, of[face][0], other=of[item][0], relation="wearing")
                add(4, style_weights[style], scene, compose(scene, of))
    for paired in [False] * recipe.placed + [True] * recipe.big_and_small:
        style = str(rng.choice(style_names, p=style_parts))
        i, j = rng.choice(everyday_by_style[style], 2, replace=False)
        scene = replace(scenes[i], placement=str(rng.choice(["big", "small"] if paired else PLACEMENTS)))
        if paired:
            scene = replace(scene, other=scenes[j].subject, relation=str(rng.choice(["and", "next to"], p=[0.7, 0.3])))
        elif scene.subject.slug in NO_MIRROR:
            continue
        add(5, 1, scene, compose(scene, drawings[style]))

    out = np.array(weights)
    for kind, part in enumerate(recipe.mix):
        of_kind = np.array(kinds) == kind
        if of_kind.any():
            out[of_kind] *= part / out[of_kind].sum()
    return scenes, out / out.sum(), pictures
