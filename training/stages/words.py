"""Writes what captions could say: vocabulary.json, and per language a file with its names of the same things.

    (cd training/data/render && npm ci) && python -m training.stages.words --out models/emoji      # after stages.pack

A pack that was not made here is planned again from its recipe, which takes the rendered art: `--recipe emoji-0.7.0`.
"""

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

from training.config.editions import EDITION
from training.config.recipes import RECIPES
from training.config.whole_file import write_whole
from training.data.art import load_art
from training.data.captions import generic_keywords
from training.data.composed import identity_of
from training.data.mix import weighed
from training.data.pack import Pack, load_scenes
from training.data.relations import plan_scenes
from training.data.words import LANGUAGES, cldr, names_in, shown_concepts, vocabulary
from training.programs import run_program


def write(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    write_whole(path, text)
    print(f"{path}: {len(text.encode()) / 1000:.0f} kB, {len(gzip.compress(text.encode())) / 1000:.0f} kB gzip")


def planned(name: str) -> Pack:
    """The scenes of a release's pack, without their pictures."""
    recipe = RECIPES[name].pack
    art = load_art(EDITION.pixels)
    plan = plan_scenes(art, recipe)
    concepts = {concept.slug: concept for concept in art.concepts}
    weights = weighed(plan, recipe.mix)
    return Pack({}, plan.scenes, weights, generic_keywords(concepts), identity=identity_of(recipe, art))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder")
    parser.add_argument("--recipe", choices=RECIPES, help="plan its pack; else the pack that is there")
    parser.add_argument("--captions", type=int, default=200_000)
    args = parser.parse_args()
    pack = planned(args.recipe) if args.recipe else load_scenes()
    args.out.mkdir(parents=True, exist_ok=True)
    write(args.out / "vocabulary.json", vocabulary(pack, args.captions))
    concepts = shown_concepts(pack).values()
    for language in LANGUAGES:
        names = names_in(cldr(language), concepts)
        write(args.out / f"vocabulary.{language}.json", {"format": 1, "language": language, "concepts": names})


if __name__ == "__main__":
    run_program(main)
