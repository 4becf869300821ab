"""English for a picture: names, keywords, colours and relations put into the sentences that people type."""

import json
import re
from pathlib import Path

import numpy as np

from training.data.art import Concept
from training.data.dress import ITEMS
from training.data.english import NUMBERS, is_counted, numbered, with_article
from training.data.scenes import ANY_COLOUR, Scene

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
    "fluent-color": "smooth gradient",
    "flat-color": "flat geometric",
    "streamline-color": "outlined pastel",
}
UNNAMED = {"fluent-3d": 0.5}
"""Part of a style's captions that do not name it: half for the default look."""
OTHERS_UNNAMED = 0.18
"""Of the other styles: so that one caption has several drawings. Emoji 0.7.0 had 0.1."""

PLACEMENT_WORDS = {
    "tiny": ["tiny", "small", "little"],
    "tilted": ["tilted"],
    "upside-down": ["upside-down"],
    "mirrored": ["mirrored"],
}

WORDINGS = {
    "wearing": ["wearing", "wearing", "wearing", "with"],
    "next to": ["next to", "next to", "beside"],
    "on top of": ["on top of"],
    "under": ["under", "under", "underneath", "below"],
    "on": ["on", "on", "on top of"],
    "in front of": ["in front of"],
    "behind": ["behind"],
    "riding": ["riding", "riding", "riding on", "on"],
    "in the rain": ["in the rain", "in the rain", "under a rain cloud", "on a rainy day"],
    "on the moon": ["on the moon"],
    "at night": ["at night", "at night", "under the moon and stars", "in the moonlight"],
}
"""How people say a relation, as often as it stands there."""
LIVE_WORDINGS = {
    "on": ["sitting on", "standing on"],
    "in front of": ["standing in front of"],
    "behind": ["hiding behind"],
    "in the rain": ["standing in the rain"],
    "on the moon": ["standing on the moon"],
    "at night": ["out at night"],
}
"""Besides, of animals, faces and people."""

FIXED_WORDS = "a an big small and sticker emoji of"
"""What the sentences below add."""


def generic_keywords(concepts: dict[str, Concept], most: int = 5) -> set[str]:
    """Keywords that name no picture: those that more than `most` concepts share ("face", "nature"), and those that are
    the name of something else ("banana" of a monkey)."""
    counts: dict[str, int] = {}
    for concept in concepts.values():
        for word in concept.keywords:
            counts[word] = counts.get(word, 0) + 1
    named = {
        name.lower() for concept in concepts.values() for name in (*concept.names, *EVERYDAY.get(concept.slug, []))
    }
    return {word for word, count in counts.items() if count > most or word.lower() in named}


def spelt(name: str) -> str:
    """As people type it: some lists write "man s shoe"."""
    return re.sub(r" s(?= |$)", "'s", name.lower().replace("’", "'"))


def name_of(concept: Concept, rng: np.random.Generator, counted: bool = False) -> str:
    """counted: a name that takes an article or a number, where there is one."""
    plain = EVERYDAY.get(concept.slug, [])
    names = [spelt(name) for name in (*concept.names, *plain, *plain)]  # the plain word is what people type
    if counted:
        names = [name for name in names if is_counted(name)] or names
    return str(rng.choice(names))


def alive(concept: Concept) -> bool:
    """Whether it can sit, stand and hide."""
    return concept.group in ("smileys-emotion", "people-body") or concept.subgroup.startswith("animal")


def worded(relation: str, subject: Concept, rng: np.random.Generator) -> str:
    """One of the ways to say a relation."""
    ways = WORDINGS.get(relation, [relation])
    return str(rng.choice([*ways, *LIVE_WORDINGS.get(relation, [])] if alive(subject) else ways))


def of_two(scene: Scene, name: str, other: str, relation: str | None) -> str:
    """A phrase of two objects, or of a face and what it wears. name, other: what they are called."""
    if scene.other and scene.relation == "wearing":
        other = ITEMS[scene.other.slug].name
    if scene.placement:
        first, second = ("big", "small") if scene.placement == "big" else ("small", "big")
        name, other = f"{first} {name}", f"{second} {other}"
    return f"{with_article(name)} {relation} {with_article(other)}"


def noun_phrase(scene: Scene, generic: set[str], rng: np.random.Generator, whole: bool = False) -> str:
    """whole: a phrase that can follow "of": no bare name and no list of keywords."""
    alone = not whole and not (scene.other or scene.relation or scene.placement or scene.colour or scene.count > 1)
    name = name_of(scene.subject, rng, counted=not alone)
    if scene.colour == ANY_COLOUR:
        name = strip_colour(name)
    elif scene.colour:
        name = coloured(scene.colour, name)
    if scene.count > 1:
        return numbered(scene.count, name)
    if scene.other:
        other = name_of(scene.other, rng, counted=True)
        return of_two(scene, name, other, worded(scene.relation or "and", scene.subject, rng))
    if scene.relation:
        return f"{with_article(name)} {worded(scene.relation, scene.subject, rng)}"
    if scene.placement:
        return with_article(f"{rng.choice(PLACEMENT_WORDS[scene.placement])} {name}")
    if scene.colour or whole:
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


def coloured(colour: str, name: str) -> str:
    """The word stands after a number: "two green hearts"."""
    first, _, rest = strip_colour(name).partition(" ")
    return f"{first} {colour} {rest}" if first in NUMBERS and rest else f"{colour} {strip_colour(name)}"


def caption(scene: Scene, generic: set[str], rng: np.random.Generator) -> str:
    """One caption of many for a scene. The default look (3d) goes unnamed half of the time, the others rarely."""
    style = STYLE_WORDS[scene.style]
    named = rng.random() >= UNNAMED.get(scene.style, OTHERS_UNNAMED)
    of = rng.random() < 0.2
    phrase = noun_phrase(scene, generic, rng, whole=of)
    if of:
        return f"{style} emoji of {phrase}" if named else f"a sticker of {phrase}"
    return f"{phrase}, {style}" if named else phrase
