"""Chooses the tokens that the shipped text encoder keeps: writes nets/vocabulary.txt again, or another edition's.

(cd training/nets/wordnet && npm ci) && python -m training.stages.vocabulary
"""

from training.config.editions import EDITION
from training.config.whole_file import write_whole
from training.data.art import load_art
from training.nets.text import SPECIAL, VOCABULARY, full_tokenizer
from training.nets.vocabulary import KEPT, captioned, choose, drawable, senses
from training.programs import run_program


def main() -> None:
    tokenizer = full_tokenizer()
    table = tokenizer.get_vocab()
    words = sorted(table, key=lambda word: table[word])
    letters = {word for word in words if len(word.removeprefix("##")) == 1 and ord(word[-1]) < 256}
    concepts = {concept.slug: concept for concept in load_art(EDITION.pixels).concepts}.values()
    first = {*SPECIAL, *letters, *captioned(concepts, tokenizer), *drawable(words, senses())}
    kept = choose(words, first, KEPT)
    if len(kept) > KEPT:
        raise ValueError(f"{len(first)} tokens are needed, {KEPT} have room")
    write_whole(VOCABULARY, "\n".join(kept) + "\n")
    known = set(kept)
    commonest = next(word for word in words[1996:] if word.isascii() and word not in known)
    print(
        f"{len(first)} that are needed or can be drawn, {len(kept)} of {len(words)} kept, all as common as"
        f" {commonest!r} (the {table[commonest] - 1995:,}th) → {VOCABULARY.name}"
    )


if __name__ == "__main__":
    run_program(main)
