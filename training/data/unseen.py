"""What no training picture shows: whole concepts, and combinations of concepts that are shown.

held_out_concepts.json is committed, chosen once by `choose_concepts` (python -m training.stages.held_out --concepts).
"""

import json
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np

from training.data.art import Concept
from training.data.heldout import held_out_keys
from training.data.scenes import DULL, Scene

CONCEPTS = Path(__file__).parent / "held_out_concepts.json"
QUOTA = {
    "smileys-emotion": 8,
    "people-body": 5,
    "animals-nature": 12,
    "food-drink": 11,
    "travel-places": 8,
    "activities": 5,
    "objects": 8,
    "symbols": 2,
    "flags": 1,
}
"""Held-out concepts of each group, 60 in all."""
OF_SUBGROUP = 3
"""At most, so that no kind of thing is missing altogether."""


@cache
def held_out_concepts() -> frozenset[str]:
    """Slugs."""
    return frozenset(json.loads(CONCEPTS.read_text()))


def choose_concepts(concepts: dict[str, Concept], kept: set[str], seed: int) -> list[str]:
    """At random within each group, by QUOTA. concepts: those that may be chosen, by slug; kept: slugs that training
    must show: everyday things, and what other pictures are composed of."""
    rng = np.random.default_rng(seed)
    chosen: list[str] = []
    for group, wanted in QUOTA.items():
        of = sorted(
            slug
            for slug, concept in concepts.items()
            if concept.group == group and concept.subgroup not in DULL and slug not in kept
        )
        subgroups: Counter[str] = Counter()
        found = 0
        for slug in rng.permutation(of):
            subgroup = concepts[str(slug)].subgroup
            if found == wanted:
                break
            if subgroups[subgroup] < OF_SUBGROUP:
                subgroups[subgroup] += 1
                chosen.append(str(slug))
                found += 1
    return chosen


@cache
def combinations() -> tuple[frozenset[tuple[str, str]], frozenset[frozenset[str]]]:
    """Of the held-out scenes: which thing in which colour, and which two things together."""
    keys = held_out_keys()
    coloured = frozenset((subject, colour) for subject, colour, other, *_ in keys if colour and not other)
    return coloured, frozenset(frozenset((subject, other)) for subject, _, other, *_ in keys if other)


def shows_held_out(scene: Scene, concepts: frozenset[str]) -> bool:
    """Whether any part of a scene is held out: a concept, a thing in a colour even beside another, or two things in any
    relation."""
    coloured, together = combinations()
    slugs = {thing.slug for thing in (scene.subject, scene.other) if thing}
    return bool(
        slugs & concepts
        or (scene.colour and (scene.subject.slug, scene.colour) in coloured)
        or (scene.other and frozenset(slugs) in together)
    )
