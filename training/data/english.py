"""Articles, plurals and numbers for the names that Unicode and people give to things."""

import json
from functools import cache
from pathlib import Path

import inflect

NUMBERS = ("two", "three", "four")
ENGLISH = inflect.engine()
LISTS: dict[str, list[str]] = json.loads((Path(__file__).parent / "english.json").read_text())
IRREGULAR = frozenset(LISTS["irregular"])
MASS = frozenset(LISTS["mass"])
"""Said without an article."""
BARE = frozenset(LISTS["bare"])
"""No names of things: people type them alone."""
AFTER = frozenset(LISTS["after"])
"""What follows says more of the noun before it."""


def head(noun: str) -> str:
    """The word that a phrase is about: "face" of "smiling face with sunglasses"."""
    words = noun.split()
    end = next((i for i, word in enumerate(words) if i and word in AFTER), len(words))
    return words[end - 1]


def is_plural(noun: str) -> bool:
    """As "glasses", not "dress", "bus" or "tennis"."""
    word = head(noun)
    return word in IRREGULAR or (word.endswith("s") and not word.endswith(("ss", "us", "is", "’s", "'s")))


def is_mass(noun: str) -> bool:
    return head(noun) in MASS


def is_counted(noun: str) -> bool:
    """Whether it reads well after an article or a number."""
    return not is_mass(noun) and noun not in BARE


@cache
def with_article(noun: str) -> str:
    return noun if is_plural(noun) or is_mass(noun) else str(ENGLISH.a(noun))


@cache
def numbered(count: int, noun: str) -> str:
    """ "two foxes"; what is plural already stays."""
    if is_mass(noun):
        return f"{NUMBERS[count - 2]} pieces of {noun}"
    return f"{NUMBERS[count - 2]} {noun if is_plural(noun) else ENGLISH.plural_noun(noun)}"
