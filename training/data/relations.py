"""The kinds of scenes that emoji 1.0 adds: singles in varied layouts and hues, overlapping pairs, riders, weather."""

from dataclasses import replace

from training.data.arrange import RIDES
from training.data.art import Art
from training.data.dress import ANCHORED, FACES
from training.data.layouts import THINGS, tilts
from training.data.mix import PLAIN, PackRecipe, Plan, Planner
from training.data.scenes import ANY_COLOUR, OVERLAPPING, SETTINGS, Scene
from training.data.weather import NEEDED

# Made in any colour, so that none of the words below says one.
HUELESS = frozenset(THINGS["hueless"])

LARGE = frozenset(THINGS["large"])
"""Large or flat things: what others are put on, before and behind."""


def varied(planner: Planner) -> None:
    """Singles as often as they are drawn. Signs keep their place."""
    made = 0
    while made < planner.recipe.varied:
        scene = planner.single()
        if tilts(scene.subject):
            planner.add("varied", 1, scene, planner.layout())
            made += 1


def free_hues(planner: Planner) -> None:
    """Evenly over the drawings whose hue can be turned."""
    if not planner.recipe.free_hues:
        return
    of = [scene for scene in planner.singles if scene.subject.slug in HUELESS and planner.hues.turn(scene)]
    for i in planner.rng.integers(0, max(1, len(of)), planner.recipe.free_hues if of else 0):
        scene = replace(of[i], colour=ANY_COLOUR)
        planner.add("free hue", planner.styles[scene.style], scene, planner.layout())


def partners(planner: Planner, relation: str) -> tuple[Scene, Scene]:
    """Two everyday things; mostly the one that is stood on or before is a large one."""
    first, second = planner.two()
    large = [scene for scene in planner.everyday[first.style] if scene.subject.slug in LARGE]
    if planner.rng.random() < 0.7 and large:
        second = large[int(planner.rng.integers(len(large)))]
    return (second, first) if relation == "behind" and planner.rng.random() < 0.5 else (first, second)


def overlapping(planner: Planner) -> None:
    for _ in range(planner.recipe.overlapping):
        relation = str(planner.rng.choice(OVERLAPPING, p=[0.4, 0.35, 0.25]))
        first, second = partners(planner, relation)
        if first.subject is not second.subject:
            planner.add("overlapping", 1, replace(first, other=second.subject, relation=relation), planner.layout())


def riding(planner: Planner) -> None:
    """Everyday animals and faces on what has a seat; the sets whose seats were looked at."""
    styles = [style for style in ANCHORED if style in planner.everyday]
    for _ in range(planner.recipe.riding if styles else 0):
        style = str(planner.rng.choice(styles))
        drawings = planner.plan.drawings[style]
        rides = [slug for slug in RIDES if slug in drawings]
        riders = [s for s in planner.everyday[style] if s.subject.slug in FACES or s.subject.slug in RIDERS]
        if not rides or not riders:
            continue
        ride = drawings[rides[int(planner.rng.integers(len(rides)))]][0]
        rider = riders[int(planner.rng.integers(len(riders)))]
        if rider.subject is not ride:
            planner.add("riding", 1, replace(rider, other=ride, relation="riding"), planner.layout())


RIDERS = frozenset(["cat", "dog", "bird", "duck", "chicken", "dragon", "snowman-without-snow", "clown-face", "unicorn"])


def settings(planner: Planner) -> None:
    """Everyday things that are no part of the sky."""
    sky = {slug for needed in NEEDED.values() for slug in needed} | {"sun", "sun-with-face", "rainbow", "glowing-star"}
    for _ in range(planner.recipe.settings):
        relation = str(planner.rng.choice(SETTINGS))
        style = planner.style()
        of = [scene for scene in planner.everyday[style] if scene.subject.slug not in sky]
        scene = of[int(planner.rng.integers(len(of)))]
        if all(slug in planner.plan.drawings[style] for slug in NEEDED[relation]):
            planner.add("setting", 1, replace(scene, relation=relation), planner.layout())


def plan_scenes(art: Art, recipe: PackRecipe) -> Plan:
    """All of a pack's scenes, in an order and with random numbers that only the recipe decides."""
    planner = Planner(art, recipe)
    for kind in (*PLAIN, varied, free_hues, overlapping, riding, settings):
        kind(planner)
    return planner.plan
