"""A small art pack of drawn shapes, so that every stage can run without the emoji packages."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

NAMES = ["red-apple", "banana", "cat-face", "house", "rocket", "star"]
STYLES = ["fluent-3d", "fluent", "fluent-flat"]


@pytest.fixture(scope="session")
def art_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    images, pixels = [], []
    for style in STYLES:
        for name in NAMES:
            picture = Image.new("RGBA", (128, 128))
            colour = (*(int(v) for v in rng.integers(0, 256, 3)), 255)
            ImageDraw.Draw(picture).ellipse([20, 20, 70 + rng.integers(0, 50), 100], fill=colour)
            pixels.append(np.asarray(picture))
            images.append({"style": style, "concept": name})
    entry = {"group": "objects", "subgroup": "tool", "keywords": ["thing"]}
    concepts = {n: {"name": n.replace("-", " "), "names": [n.replace("-", " ")], **entry} for n in NAMES}
    index = {"size": 128, "styles": STYLES, "images": images, "concepts": concepts}
    (folder / "art-128.json").write_text(json.dumps(index))
    np.stack(pixels).tofile(folder / "art-128.bin")
    return folder
