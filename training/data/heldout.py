"""Combinations that no training picture shows, of concepts that all are shown: what the evaluation asks for.

    python -m training.data.heldout        # writes held_out.json anew, from what the current pack lacks

The list is committed and `latents.py` leaves these combinations out of every pack.
"""

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from training.data.art import Concept
from training.data.canvas import PLACEMENTS
from training.data.captions import EVERYDAY, RELATIONS, Scene, numbered, of_two, strip_colour, with_article
from training.data.compose import COLOURS
from training.data.dress import FACES, ITEMS
from training.config.editions import EDITION

PATH = Path(__file__).parent / "held_out.json"
KINDS = {"coloured": 120, "pair": 100, "coloured pair": 50, "several": 30, "dressed": 40, "placed": 40}
"""How many of each kind."""

Key = tuple[str, str | None, str | None, str | None, int, str | None]


def key(scene: Scene) -> Key:
    """What a scene shows, whatever its style."""
    other = scene.other.slug if scene.other else None
    return scene.subject.slug, scene.colour, other, scene.relation, scene.count, scene.placement


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


def plain_name(concept: Concept) -> str:
    return (EVERYDAY.get(concept.slug) or concept.names)[0].lower()


def plain_caption(scene: Scene) -> str:
    """The one caption that the evaluation gives a scene: plain words, no style."""
    name = plain_name(scene.subject)
    if scene.colour:
        name = f"{scene.colour} {strip_colour(name)}"
    if scene.count > 1:
        return numbered(scene.count, name)
    if scene.other:
        return of_two(scene, name, plain_name(scene.other), scene.relation)
    if scene.placement:
        return with_article(f"{scene.placement} {name}")
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


def main() -> None:
    # Imported here: latents.py itself reads the list.
    from training.data.art import load_art
    from training.data.compose import compose, of_style
    from training.data.pack import load_pack

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--also-seen", type=Path, help="JSON list of keys that an earlier pack showed")
    args = parser.parse_args()
    art = of_style(load_art(EDITION.pixels), "fluent-3d")
    concepts = {slug: concept for slug, (concept, _) in art.items()}
    seen = {key(scene) for scene in load_pack().scenes}
    if args.also_seen:
        seen |= {tuple(record) for record in json.loads(args.also_seen.read_text())}
    chosen = choose(seen, lambda scene: compose(scene, art) is not None, concepts, args.seed)
    PATH.write_text("[\n" + ",\n".join(json.dumps(record) for record in chosen) + "\n]\n")
    print(f"{len(chosen)} combinations of {len(seen)} seen ones' concepts → {PATH}")


if __name__ == "__main__":
    main()
