"""Chooses what the evaluation asks for and no pack shows: writes data/held_out.json again, or held_out_concepts.json.

python -m training.stages.held_out               # combinations, from what the current pack lacks
python -m training.stages.held_out --concepts    # 60 whole concepts
"""

import argparse
import json
from pathlib import Path

from training.config.editions import EDITION
from training.config.whole_file import write_whole
from training.data.arrange import RIDES
from training.data.art import load_art
from training.data.captions import EVERYDAY
from training.data.compose import compose, of_style
from training.data.dress import FACES, ITEMS
from training.data.heldout import PATH, choose, held_out_keys
from training.data.pack import load_pack
from training.data.relations import HUELESS
from training.data.scenes import key
from training.data.unseen import CONCEPTS, choose_concepts
from training.data.weather import NEEDED
from training.programs import run_program


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--also-seen", type=Path, help="JSON list of keys that an earlier pack showed")
    parser.add_argument("--concepts", action="store_true", help="whole concepts instead")
    args = parser.parse_args()
    art = of_style(load_art(EDITION.pixels), "fluent-3d")
    concepts = {slug: concept for slug, (concept, _) in art.items()}
    if args.concepts:
        sky = {slug for needed in NEEDED.values() for slug in needed}
        combined = {slug for subject, _, other, *_ in held_out_keys() for slug in (subject, other) if slug}
        kept = {*EVERYDAY, *FACES, *ITEMS, *RIDES, *HUELESS, *sky, *combined}
        slugs = choose_concepts(concepts, kept, args.seed)
        write_whole(CONCEPTS, json.dumps(slugs, indent=1, ensure_ascii=False) + "\n")
        print(f"{len(slugs)} of {len(concepts)} concepts → {CONCEPTS}")
        return
    seen = {key(scene) for scene in load_pack().scenes}
    if args.also_seen:
        seen |= {tuple(record) for record in json.loads(args.also_seen.read_text())}
    chosen = choose(seen, lambda scene: compose(scene, art) is not None, concepts, args.seed)
    write_whole(PATH, "[\n" + ",\n".join(json.dumps(record) for record in chosen) + "\n]\n")
    print(f"{len(chosen)} combinations of {len(seen)} seen ones' concepts → {PATH}")


if __name__ == "__main__":
    run_program(main)
