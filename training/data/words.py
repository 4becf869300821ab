"""What the captions of a pack can say, so that an app can tell before drawing which words a model never met.

vocabulary.json:
    format      1
    pack        the identity of the pack
    captions    how many captions were drawn to count
    words       word → how often per 100,000 captions; 0 where captions can use it but those drawn did not
    concepts    slug → {names: what captions call it, the plainest first, emoji: its character or ""}
    languages   codes for which there is a vocabulary.<code>.json
vocabulary.<code>.json: format, language, concepts: slug → names in that language, the Unicode name first.

A word is a run of letters and digits in lower case: "T-shirt" is two. What is held out is in neither file: the model
does not know it.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from training.data.art import Concept
from training.data.captions import (
    EVERYDAY,
    FIXED_WORDS,
    LIVE_WORDINGS,
    PLACEMENT_WORDS,
    STYLE_WORDS,
    WORDINGS,
    caption,
    spelt,
)
from training.data.colour import COLOURS
from training.data.dress import ITEMS
from training.data.english import NUMBERS, numbered, with_article
from training.data.pack import Pack

CLDR = Path(__file__).parent / "render" / "node_modules"
LANGUAGES = ("ar", "bn", "de", "es", "fr", "hi", "id", "it", "ja", "ko", "pt", "ru", "tr", "ur", "vi", "zh")
"""The ten most spoken besides English, and those of many users of browsers."""
SHARED = 3
"""A keyword that more concepts of a language share names none of them."""
Names = dict[str, list[str]]


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def names_of(concept: Concept) -> list[str]:
    """What captions call it, the plainest name first, none twice."""
    return list(dict.fromkeys(spelt(name) for name in [*EVERYDAY.get(concept.slug, []), *concept.names]))


def shown_concepts(pack: Pack) -> dict[str, Concept]:
    """By slug, in order: everything that some scene shows."""
    things = [thing for scene in pack.scenes for thing in (scene.subject, scene.other) if thing]
    return {thing.slug: thing for thing in sorted(things, key=lambda thing: thing.slug)}


def possible_words(pack: Pack) -> set[str]:
    """Every word of every caption that the pack's scenes may come with."""
    ways = [*WORDINGS.values(), *LIVE_WORDINGS.values(), *PLACEMENT_WORDS.values()]
    texts = [FIXED_WORDS, *COLOURS, *NUMBERS, *(item.name for item in ITEMS.values())]
    texts += [way for some in ways for way in some] + [STYLE_WORDS[style] for style in {s.style for s in pack.scenes}]
    for concept in shown_concepts(pack).values():
        names = names_of(concept)
        texts += names + [with_article(name) for name in names]
        texts += [word for word in concept.keywords if word not in pack.generic]
    for scene in pack.scenes:
        if scene.count > 1:
            texts += [numbered(scene.count, name) for name in names_of(scene.subject)]
    return {word for text in texts for word in words_of(text)}


def counted_words(pack: Pack, captions: int, seed: int = 0) -> dict[str, int]:
    """Every possible word → times per 100,000 captions, the commonest first."""
    rng = np.random.default_rng(seed)
    found: Counter[str] = Counter()
    for row in rng.choice(len(pack.weights), captions, p=pack.weights):
        found.update(words_of(caption(pack.scenes[row], pack.generic, rng)))
    every = {word: round(found[word] * 100_000 / captions) for word in possible_words(pack) | set(found)}
    return dict(sorted(every.items(), key=lambda item: (-item[1], item[0])))


def vocabulary(pack: Pack, captions: int) -> dict[str, Any]:
    return {
        "format": 1,
        "pack": pack.identity,
        "captions": captions,
        "words": counted_words(pack, captions),
        "concepts": {
            slug: {"names": names_of(concept), "emoji": concept.emoji} for slug, concept in shown_concepts(pack).items()
        },
        "languages": list(LANGUAGES),
    }


def cldr(language: str, folder: Path = CLDR) -> dict[str, dict[str, list[str]]]:
    """Character → {"tts": [name], "default": keywords}. Raises FileNotFoundError that names the command to run."""
    found: dict[str, dict[str, list[str]]] = {}
    for package, name in (("annotations-derived-full", "annotationsDerived"), ("annotations-full", "annotations")):
        path = folder / f"cldr-{package}" / name / language / "annotations.json"
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing: run `npm ci` in training/data/render first")
        found |= json.loads(path.read_text())[name]["annotations"]
    return found


def names_in(annotations: dict[str, dict[str, list[str]]], concepts: Iterable[Concept]) -> Names:
    """slug → names. CLDR's characters have no variation selectors."""
    shared = Counter(word.lower() for entry in annotations.values() for word in entry.get("default", []))
    out: Names = {}
    for concept in concepts:
        entry = annotations.get(concept.emoji.replace("\ufe0f", "")) if concept.emoji else None
        if entry:
            keywords = [word for word in entry.get("default", []) if shared[word.lower()] <= SHARED]
            out[concept.slug] = list(dict.fromkeys([*entry.get("tts", []), *keywords]))
    return out
