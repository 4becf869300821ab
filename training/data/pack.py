"""The latent pack: every scene's clean latents at every scale and its pictures, composed and encoded once by
`python -m training.stages.pack`, kept for all later stages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.config.editions import EDITION
from training.config.runs import DATA, device
from training.config.schedules import SIZES
from training.data.art import Concept
from training.data.captions import caption, generic_keywords
from training.data.composed import REMEDY, open_pictures, read_scenes, scene_of, scenes_of
from training.data.scenes import Scene

PATH = DATA / f"latents-{EDITION.name}.npz"


@dataclass
class Pack:
    """latents: size → float16 (count, C, size, size), none of a pack that is only composed. scenes and weights name and
    weigh each row. recipe: how it was made. identity: of the recipe and the art, which its files share."""

    latents: dict[int, np.ndarray]
    scenes: list[Scene]
    weights: np.ndarray
    generic: set[str]
    recipe: dict[str, Any] | None = None
    identity: str = ""
    on_device: dict[int, Tensor] = field(default_factory=dict)


def scene_pictures(pack: Pack, path: Path = PATH) -> np.ndarray:
    """What the rows of the pack at `path` show: uint8 (count, pixels, pixels, 4), memory-mapped. Raises ValueError
    where the pictures there are another pack's."""
    return open_pictures(path, pack.identity, len(pack.scenes))


def load_scenes(path: Path = PATH) -> Pack:
    """A pack that may not be encoded yet: no latents."""
    index = json.loads((DATA / f"art-{EDITION.pixels}.json").read_text())["concepts"]
    concepts = {slug: Concept(slug=slug, **entry) for slug, entry in index.items()}
    state = read_scenes(path)
    scenes = [scene_of(record, concepts) for record in state["scenes"]]
    return Pack({}, scenes, np.array(state["weights"]), generic_keywords(concepts), state["recipe"], state["identity"])


def load_pack(path: Path = PATH) -> Pack:
    """Raises FileNotFoundError or ValueError, both with the remedy, where it is not encoded, or not all of one pack."""
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: run `python -m training.stages.pack` first")
    pack = load_scenes(path)
    with np.load(path) as data:
        if str(data["identity"]) != pack.identity:
            raise ValueError(f"{path} holds latents of another pack than {scenes_of(path)}: {REMEDY}")
        pack.latents = {size: data[f"latents{size}"] for size in SIZES}
    return pack


def captions_of(pack: Pack, rows: Sequence[int] | np.ndarray, drop: float, rng: np.random.Generator) -> list[str]:
    """A caption per row; `drop` of them are empty."""
    return ["" if rng.random() < drop else caption(pack.scenes[row], pack.generic, rng) for row in rows]


def latents_of(pack: Pack, rows: np.ndarray | Tensor, size: int) -> Tensor:
    """Clean latents (rows, C, size, size), on this device: a GPU keeps all of them, once asked for any."""
    if device().type == "cpu":
        return torch.from_numpy(pack.latents[size][np.asarray(rows)]).float()
    if size not in pack.on_device:
        pack.on_device[size] = torch.from_numpy(pack.latents[size]).to(device())
    return pack.on_device[size][torch.as_tensor(rows, device=device())].float()
