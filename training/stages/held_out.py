"""Chooses the combinations that the evaluation asks for and no pack shows: writes data/held_out.json again.

python -m training.stages.held_out        # from what the current pack lacks
"""

import argparse
import json
from pathlib import Path

from training.config.editions import EDITION
from training.data.art import load_art
from training.data.compose import compose, of_style
from training.data.heldout import PATH, choose
from training.data.pack import load_pack
from training.data.scenes import key


def main() -> None:
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
