"""English for a picture: names, keywords, colours and relations put into the sentences that people type."""

import json
from pathlib import Path

import inflect
import numpy as np

from training.data.art import Concept
from training.data.dress import ITEMS
from training.data.scenes import Scene

EVERYDAY: dict[str, list[str]] = json.loads((Path(__file__).parent / "everyday.json").read_text())
"""Things that people ask for first, with the plain names that Unicode's do not give ("car" for automobile)."""

STYLE_WORDS = {
    "fluent-3d": "3d glossy",
    "fluent": "soft 3d gradient",
    "fluent-flat": "flat",
    "noto": "detailed shaded",
    "noto-v1": "classic cartoon",
    "twemoji": "simple flat",
    "emojione": "rounded flat",
    "fxemoji": "pastel flat",
    "streamline": "outlined cartoon sticker",
}

PLACEMENT_WORDS = {
    "tiny": ["tiny", "small", "little"],
    "tilted": ["tilted"],
    "upside-down": ["upside-down"],
    "mirrored": ["mirrored"],
}

NUMBERS = ("two", "three", "four")
ENGLISH = inflect.engine()


def generic_keywords(concepts: dict[str, Concept], most: int = 5) -> set[str]:
    """Keywords that more than `most` concepts share: they name no picture ("face", "nature")."""
    counts: dict[str, int] = {}
    for concept in concepts.values():
        for word in concept.keywords:
            counts[word] = counts.get(word, 0) + 1
    return {word for word, count in counts.items() if count > most}


def is_plural(noun: str) -> bool:
    """As "glasses", not "dress", "bus" or "tennis"."""
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is"))


def numbered(count: int, noun: str) -> str:
    """ "two foxes"; what is plural already stays."""
    return f"{NUMBERS[count - 2]} {noun if is_plural(noun) else ENGLISH.plural_noun(noun)}"


def with_article(noun: str) -> str:
    return noun if is_plural(noun) else f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def name_of(concept: Concept, rng: np.random.Generator) -> str:
    plain = EVERYDAY.get(concept.slug, [])
    names = [*concept.names, *plain, *plain]  # the plain word is what people type
    return str(rng.choice(names)).lower()


def of_two(scene: Scene, name: str, other: str, relation: str | None) -> str:
    """A phrase of two objects, or of a face and what it wears. name, other: what they are called."""
    if scene.other and scene.relation == "wearing":
        other = ITEMS[scene.other.slug].name
    if scene.placement:
        first, second = ("big", "small") if scene.placement == "big" else ("small", "big")
        name, other = f"{first} {name}", f"{second} {other}"
    return f"{with_article(name)} {relation} {with_article(other)}"


def noun_phrase(scene: Scene, generic: set[str], rng: np.random.Generator) -> str:
    name = name_of(scene.subject, rng)
    if scene.count > 1:
        return numbered(scene.count, f"{scene.colour} {name}" if scene.colour else name)
    if scene.colour:
        name = f"{scene.colour} {strip_colour(name)}"
    if scene.other:
        verb = "with" if scene.relation == "wearing" and rng.random() < 0.25 else scene.relation
        return of_two(scene, name, name_of(scene.other, rng), verb)
    if scene.placement:
        return with_article(f"{rng.choice(PLACEMENT_WORDS[scene.placement])} {name}")
    if scene.colour:
        return with_article(name)
    specific = [word for word in scene.subject.keywords if word not in generic]
    chance = rng.random()
    if specific and chance < 0.1:
        return str(rng.choice(specific)).lower()
    if specific and chance < 0.25:
        words = rng.choice(specific, min(len(specific), int(rng.integers(1, 3))), replace=False)
        return f"{name}, {', '.join(words).lower()}"
    return with_article(name) if rng.random() < 0.6 else name


COLOUR_WORDS = {"red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "golden"}


def strip_colour(name: str) -> str:
    """A recoloured "red apple" is "a blue apple", not "a blue red apple"."""
    words = [word for word in name.split() if word not in COLOUR_WORDS]
    return " ".join(words) or name


def caption(scene: Scene, generic: set[str], rng: np.random.Generator) -> str:
    """One caption of many for a scene. The default look (3d) goes unnamed half of the time, the others rarely."""
    phrase = noun_phrase(scene, generic, rng)
    style = STYLE_WORDS[scene.style]
    if rng.random() < (0.5 if scene.style == "fluent-3d" else 0.1):
        return phrase if rng.random() < 0.8 else f"a sticker of {phrase}"
    return f"{phrase}, {style}" if rng.random() < 0.8 else f"{style} emoji of {phrase}"
