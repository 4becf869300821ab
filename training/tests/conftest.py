"""A small art pack of drawn shapes, so that every stage can run without the emoji packages."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

NAMES = ["red-apple", "banana", "cat-face", "house", "rocket", "star", "crown"]
STYLES = ["fluent-3d", "fluent", "fluent-flat"]


def draw_art(folder: Path, size: int) -> Path:
    rng = np.random.default_rng(0)
    images, pixels = [], []
    for style in STYLES:
        for name in NAMES:
            picture = Image.new("RGBA", (size, size))
            colour = (*(int(v) for v in rng.integers(0, 256, 3)), 255)
            ImageDraw.Draw(picture).ellipse(
                [s * size // 128 for s in (20, 20, 70 + int(rng.integers(0, 50)), 100)], fill=colour
            )
            pixels.append(np.asarray(picture))
            images.append({"style": style, "concept": name})
    entry = {"group": "objects", "subgroup": "tool", "keywords": ["thing"]}
    concepts = {n: {"name": n.replace("-", " "), "names": [n.replace("-", " ")], **entry} for n in NAMES}
    index = {"size": size, "styles": STYLES, "images": images, "concepts": concepts}
    (folder / f"art-{size}.json").write_text(json.dumps(index))
    np.stack(pixels).tofile(folder / f"art-{size}.bin")
    return folder


@pytest.fixture(scope="session")
def art_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_art(tmp_path_factory.mktemp("data"), 256)
