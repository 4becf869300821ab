"""Which scenes a pack holds, and how often each is drawn: a plan, from which pictures are drawn one at a time."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from training.config.packs import PackRecipe
from training.data.art import Art, Concept
from training.data.canvas import PLACEMENTS
from training.data.captions import EVERYDAY
from training.data.colour import COLOURS, colour_seen
from training.data.compose import Drawings, compose, of_style
from training.data.dress import ANCHORED, FACES, ITEMS
from training.data.heldout import held_out_keys
from training.data.layouts import lopsided, mirrors
from training.data.scenes import DULL, RELATIONS, Layout, Scene, key
from training.data.unseen import held_out_concepts, shows_held_out

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
"""What plain packs never turn or mirror; others ask layouts.mirrors."""


@dataclass
class Plan:
    """scenes, layouts and weights name, place and weigh each row; kinds: recipe.mix's, of each row. drawings: what the
    pictures are drawn from, by style."""

    drawings: dict[str, Drawings]
    scenes: list[Scene] = field(default_factory=list)
    layouts: list[Layout | None] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.scenes)

    def picture(self, row: int) -> np.ndarray:
        """uint8 (size, size, 4), premultiplied."""
        scene = self.scenes[row]
        picture = compose(scene, self.drawings[scene.style], self.layouts[row])
        if picture is None:
            raise ValueError(f"{key(scene)} in {scene.style} has no hue to turn")
        return picture


def concept_weight(concept: Concept, recipe: PackRecipe) -> float:
    weight = GROUP_WEIGHTS[concept.group] * (0.3 if concept.subgroup in DULL else 1.0)
    return weight * (recipe.everyday if concept.slug in EVERYDAY else 1.0)


def style_weight(art: Art, recipe: PackRecipe) -> Callable[[str, Concept], float]:
    """How much oftener one style's drawing of a concept is shown than another's."""
    weights = dict(recipe.styles)
    drawn: dict[str, float] = {}
    for style, concept in zip(art.styles, art.concepts, strict=True):
        drawn[concept.slug] = drawn.get(concept.slug, 0) + weights.get(style, 0)

    def weight(style: str, concept: Concept) -> float:
        return weights.get(style, 0) / (drawn[concept.slug] if recipe.even and drawn[concept.slug] else 1)

    return weight


class Hues:
    """Which drawings a hue can be turned of; looked at once each."""

    def __init__(self, drawings: dict[str, Drawings], seen: float) -> None:
        self.drawings, self.seen = drawings, seen
        self.known: dict[tuple[str, str], bool] = {}

    def turn(self, scene: Scene) -> bool:
        name = scene.style, scene.subject.slug
        if name not in self.known:
            seen = colour_seen(self.drawings[scene.style][scene.subject.slug][1])
            self.known[name] = seen is not None and seen >= self.seen
        return self.known[name]


class Planner:
    """What the kinds of scenes share: the recipe, its random numbers, the singles, and what is left out."""

    def __init__(self, art: Art, recipe: PackRecipe) -> None:
        self.recipe = recipe
        self.rng = np.random.default_rng(recipe.seed)
        present = set(art.styles)
        self.styles = {style: part for style, part in recipe.styles if style in present}
        self.plan = Plan({style: of_style(art, style) for style in self.styles})
        self.hues = Hues(self.plan.drawings, recipe.seen)
        self.held_out = held_out_keys()
        self.concepts = held_out_concepts() if recipe.whole else frozenset()
        weight_of = style_weight(art, recipe)
        for style, concept in zip(art.styles, art.concepts, strict=True):
            weight = weight_of(style, concept) * concept_weight(concept, recipe)
            if weight > 0:
                self.add("single", weight, Scene(style, concept))
        self.singles = list(self.plan.scenes)
        self.single_weights = np.array(self.plan.weights) / np.sum(self.plan.weights)
        together = {style: part for style, part in self.styles.items() if style not in recipe.alone}
        self.style_names = list(together)
        self.style_parts = np.array(list(together.values())) / sum(together.values())
        self.everyday: dict[str, list[Scene]] = {style: [] for style in together}
        for scene in self.singles:
            if scene.subject.slug in EVERYDAY and scene.style in together:
                self.everyday[scene.style].append(scene)

    def allowed(self, scene: Scene) -> bool:
        if self.recipe.whole and shows_held_out(scene, self.concepts):
            return False
        return key(scene) not in self.held_out

    def add(self, kind: str, weight: float, scene: Scene, layout: Layout | None = None) -> bool:
        """Whether the scene is one that may be shown."""
        if not self.allowed(scene):
            return False
        self.plan.scenes.append(scene)
        self.plan.layouts.append(layout)
        self.plan.kinds.append(kind)
        self.plan.weights.append(weight)
        return True

    def layout(self, part: float = 1.0) -> Layout | None:
        """Random places for `part` of the scenes; none, and no random number taken, where the recipe wants none."""
        if not self.recipe.layouts:
            return None
        layout = Layout(int(self.rng.integers(2**31)))
        return layout if self.rng.random() < part else None

    def single(self) -> Scene:
        """As often as they are drawn."""
        return self.singles[int(self.rng.choice(len(self.singles), p=self.single_weights))]

    def style(self) -> str:
        return str(self.rng.choice(self.style_names, p=self.style_parts))

    def two(self) -> tuple[Scene, Scene]:
        """Two everyday things of one style."""
        of = self.everyday[self.style()]
        i, j = self.rng.choice(len(of), 2, replace=False)
        return of[i], of[j]


def recoloured(planner: Planner) -> None:
    made = 0
    while made < planner.recipe.recoloured:
        scene = planner.single()
        colour = str(planner.rng.choice(list(COLOURS)))
        if scene.subject.group in ("people-body", "flags", "symbols") or not planner.hues.turn(scene):
            continue
        planner.add("recoloured", 1, replace(scene, colour=colour), planner.layout(0.5))
        made += 1


def pairs(planner: Planner) -> None:
    recipe, rng = planner.recipe, planner.rng
    for _ in range(recipe.pairs):
        first, second = planner.two()
        relation = str(rng.choice(RELATIONS, p=[0.5, 0.2, 0.2, 0.1]))
        scene = replace(first, other=second.subject, relation=relation)
        if rng.random() < recipe.coloured_pairs:
            colour = str(rng.choice(list(COLOURS)))
            if planner.hues.turn(first):
                scene = replace(scene, colour=colour)
        planner.add("pair", 1, scene, planner.layout())


def several(planner: Planner) -> None:
    for _ in range(planner.recipe.several):
        of = planner.everyday[planner.style()]
        scene = of[int(planner.rng.choice(len(of)))]
        count = int(planner.rng.integers(2, 5))
        planner.add("several", 1, replace(scene, count=count), planner.layout())


def dressed(planner: Planner) -> None:
    for style in filter(planner.styles.__contains__, ANCHORED):
        of = planner.plan.drawings[style]
        for face, item in itertools.product(FACES, ITEMS):
            if face in of and item in of:
                scene = Scene(style, of[face][0], other=of[item][0], relation="wearing")
                planner.add("dressed", planner.styles[style], scene, planner.layout())


def placed(planner: Planner) -> None:
    recipe, rng = planner.recipe, planner.rng
    for paired in [False] * recipe.placed + [True] * recipe.big_and_small:
        first, second = planner.two()
        scene = replace(first, placement=str(rng.choice(["big", "small"] if paired else PLACEMENTS)))
        if paired:
            relation = str(rng.choice(["and", "next to"], p=[0.7, 0.3]))
            scene = replace(scene, other=second.subject, relation=relation)
        elif scene.subject.slug in NO_MIRROR or (recipe.layouts and not mirrors(scene.subject)):
            continue
        elif recipe.layouts and scene.placement == "mirrored":
            if not lopsided(planner.plan.drawings[scene.style][scene.subject.slug][1]):
                continue
        planner.add("placed", 1, scene, planner.layout())


PLAIN = (recoloured, pairs, several, dressed, placed)


def weighed(plan: Plan, mix: dict[str, float]) -> np.ndarray:
    """Weights of which each kind's sum to its part of the mix, and all to 1."""
    out = np.array(plan.weights)
    kinds = np.array(plan.kinds)
    for kind, part in mix.items():
        of_kind = kinds == kind
        if of_kind.any():
            out[of_kind] *= part / out[of_kind].sum()
    return out / out.sum()


def pictures(plan: Plan) -> Iterator[np.ndarray]:
    return (plan.picture(row) for row in range(len(plan)))
