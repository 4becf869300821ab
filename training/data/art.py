"""The rendered emoji pictures: a memory-mapped binary and the index that names its rows (made by render/render.mjs)."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.config.runs import DATA


@dataclass(frozen=True)
class Concept:
    slug: str
    name: str
    group: str
    subgroup: str
    names: list[str]
    keywords: list[str]
    emoji: str = ""  # the character; none of things that Unicode lacks


@dataclass(frozen=True)
class Art:
    """pixels: uint8 (count, size, size, 4), premultiplied RGBA. styles and concepts name each row."""

    pixels: np.ndarray
    styles: list[str]
    concepts: list[Concept]
    identity: str = ""  # of the index, which names the pictures' own hash

    def __len__(self) -> int:
        return len(self.styles)

    def rows(self, styles: tuple[str, ...]) -> np.ndarray:
        """Indices of the pictures drawn in one of the given styles."""
        return np.array([i for i, style in enumerate(self.styles) if style in styles])


def load_art(size: int, folder: Path = DATA) -> Art:
    """Open the pack of pictures of `size` px. Raises FileNotFoundError that names the command which makes it."""
    index_path, bin_path = folder / f"art-{size}.json", folder / f"art-{size}.bin"
    if not index_path.exists() or not bin_path.exists():
        raise FileNotFoundError(
            f"{bin_path} is missing: run `npm ci && npm run render -- --size {size}` in training/data/render first"
        )
    text = index_path.read_text()
    index = json.loads(text)
    concepts = {slug: Concept(slug=slug, **entry) for slug, entry in index["concepts"].items()}
    images = index["images"]
    return Art(
        pixels=np.memmap(bin_path, np.uint8, "r", shape=(len(images), size, size, 4)),
        styles=[image["style"] for image in images],
        concepts=[concepts[image["concept"]] for image in images],
        identity=hashlib.sha256(text.encode()).hexdigest(),
    )
