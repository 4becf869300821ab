"""The latent pack: every scene's clean latents at every scale and its pictures, composed and encoded once by
`python -m training.stages.pack`, kept for all later stages."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.config.editions import EDITION
from training.config.runs import DATA
from training.config.schedules import SIZES
from training.data.art import Concept
from training.data.captions import caption, generic_keywords
from training.data.scenes import Scene

PATH = DATA / f"latents-{EDITION.name}.npz"


@dataclass
class Pack:
    """latents: size → float16 (count, C, size, size). scenes and weights name and weigh each row. recipe: how it was
    made, where it says."""

    latents: dict[int, np.ndarray]
    scenes: list[Scene]
    weights: np.ndarray
    generic: set[str]
    recipe: dict[str, Any] | None = None


def scene_record(scene: Scene) -> dict[str, object]:
    record = asdict(scene)
    record["subject"] = scene.subject.slug
    record["other"] = scene.other.slug if scene.other else None
    return record


def pictures_of(path: Path) -> Path:
    """Beside a pack: every scene of it as it was encoded."""
    return path.with_suffix(".pictures.npy")


def scene_pictures(pack: Pack, path: Path = PATH) -> np.ndarray:
    """What the rows of the pack at `path` show: uint8 (count, pixels, pixels, 4), memory-mapped."""
    pictures = np.load(pictures_of(path), mmap_mode="r")
    if len(pictures) != len(pack.scenes):
        raise ValueError(f"{pictures_of(path)} is of another pack: run `python -m training.stages.pack` again")
    return pictures


def load_pack(path: Path = PATH) -> Pack:
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: run `python -m training.stages.pack` first")
    index = json.loads((DATA / f"art-{EDITION.pixels}.json").read_text())["concepts"]
    concepts = {slug: Concept(slug=slug, **entry) for slug, entry in index.items()}
    data = np.load(path)
    scenes = [
        Scene(**{**record, "subject": concepts[record["subject"]], "other": concepts.get(record["other"] or "")})
        for record in json.loads(str(data["scenes"]))
    ]
    latents = {size: data[f"latents{size}"] for size in SIZES}
    recipe = json.loads(str(data["recipe"])) if "recipe" in data else None
    return Pack(latents, scenes, data["weights"], generic_keywords(concepts), recipe)


def captions_of(pack: Pack, rows: Sequence[int] | np.ndarray, drop: float, rng: np.random.Generator) -> list[str]:
    """A caption per row; `drop` of them are empty."""
    return ["" if rng.random() < drop else caption(pack.scenes[row], pack.generic, rng) for row in rows]


def latents_of(pack: Pack, rows: np.ndarray, size: int) -> Tensor:
    """Clean latents (rows, C, size, size)."""
    return torch.from_numpy(pack.latents[size][rows]).float()
