"""Writes what captions could say: vocabulary.json, and per language a file with its names of the same things.

(cd training/data/render && npm ci) && python -m training.stages.words --out folder      # after training.stages.pack
"""

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

from training.data.pack import load_scenes
from training.data.words import LANGUAGES, cldr, names_in, shown_concepts, vocabulary


def write(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text)
    print(f"{path}: {len(text.encode()) / 1000:.0f} kB, {len(gzip.compress(text.encode())) / 1000:.0f} kB gzip")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder")
    parser.add_argument("--captions", type=int, default=200_000)
    args = parser.parse_args()
    pack = load_scenes()
    args.out.mkdir(parents=True, exist_ok=True)
    write(args.out / "vocabulary.json", vocabulary(pack, args.captions))
    concepts = shown_concepts(pack).values()
    for language in LANGUAGES:
        names = names_in(cldr(language), concepts)
        write(args.out / f"vocabulary.{language}.json", {"format": 1, "language": language, "concepts": names})


if __name__ == "__main__":
    main()
