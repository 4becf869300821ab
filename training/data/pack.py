"""The latent pack: scenes composed in pixels, area-downscaled to every scale, encoded once, kept for all later stages.

    python -m training.data.pack

Each scale is encoded on its own (METHOD, section 2: downscaling pixels beats downscaling latents by far).
"""

import argparse
import itertools
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from training.data.art import DATA, Art, Concept, load_art
from training.nets.autoencoder import Autoencoder, load_autoencoder
from training.data.canvas import PLACEMENTS
from training.data.captions import EVERYDAY, RELATIONS, Scene, generic_keywords
from training.data.compose import COLOURS, compose, of_style, pair, recolour, several
from training.data.dress import FACES, ITEMS
from training.config.editions import EDITION
from training.data.heldout import held_out_keys, key
from training.method.loop import autocast, device
from training.config.schedules import SIZES


@dataclass(frozen=True)
class PackConfig:
    # The three Fluent sets share their drawings, so a small model learns one shape and three looks of it.
    styles: tuple[tuple[str, float], ...] = (("fluent-3d", 0.5), ("fluent", 0.25), ("fluent-flat", 0.25))
    recoloured: int = 6000
    pairs: int = 6000
    coloured_pairs: float = 0.35  # part of the pairs whose first object is recoloured: "a blue cat and a dog"
    several: int = 1500
    placed: int = 2000
    big_and_small: int = 1000
    # Parts of a batch: singles, recoloured, pairs, several, dressed, placed or of two sizes. RECIPE asks for half
    # composed; a nano model must see the plain objects first: its first 176,000 samples were mixed 0.72, 0.16, 0.09,
    # 0.03, its next 150,000 0.58, 0.17, 0.17, 0.08, both without the last two kinds.
    mix: tuple[float, ...] = (0.52, 0.15, 0.15, 0.06, 0.07, 0.05)
    everyday: float = 4.0  # how much oftener an everyday thing is drawn than another of its group


PATH = DATA / f"latents-{EDITION.name}.npz"
COMPOSED = ("recoloured", "pairs", "several", "placed", "big_and_small")
GROUP_WEIGHTS = {
    "smileys-emotion": 1.0,
    "people-body": 0.15,  # a quarter of all concepts; faces in detail are beyond a nano model
    "animals-nature": 1.0,
    "food-drink": 1.0,
    "travel-places": 0.6,
    "activities": 0.7,
    "objects": 0.6,
    "symbols": 0.1,
    "flags": 0.1,
    "component": 0.0,
}
NO_MIRROR = {"alarm-clock", "musical-keyboard", "globe-showing-europe-africa", "books", "open-book"}
"""What looks wrong the other way round."""
DULL = {"time", "keycap", "alphanum", "arrow", "zodiac", "av-symbol", "math", "punctuation", "geometric"}


def concept_weight(concept: Concept, config: PackConfig) -> float:
    weight = GROUP_WEIGHTS[concept.group] * (0.3 if concept.subgroup in DULL else 1.0)
    return weight * (config.everyday if concept.slug in EVERYDAY else 1.0)


@dataclass
class Pack:
    """latents: size → float16 (count, C, size, size). scenes and weights name and weigh each row."""

    latents: dict[int, np.ndarray]
    scenes: list[Scene]
    weights: np.ndarray
    generic: set[str]


def compose_scenes(art: Art, config: PackConfig, seed: int) -> tuple[list[Scene], np.ndarray, list[np.ndarray]]:
    """Scenes, sampling weights (each kind sums to its part of the mix) and pictures."""
    rng = np.random.default_rng(seed)
    style_weights = dict(config.styles)
    scenes: list[Scene] = []
    pictures: list[np.ndarray] = []
    kinds: list[int] = []
    weights: list[float] = []

    held_out = held_out_keys()

    def add(kind: int, weight: float, scene: Scene, picture: np.ndarray | None) -> None:
        if picture is None or key(scene) in held_out:
            return
        scenes.append(scene)
        pictures.append(picture)
        kinds.append(kind)
        weights.append(weight)

    for row, (style, concept) in enumerate(zip(art.styles, art.concepts, strict=True)):
        weight = style_weights.get(style, 0) * concept_weight(concept, config)
        if weight > 0:
            add(0, weight, Scene(style, concept), art.pixels[row])

    single_weights = np.array(weights) / np.sum(weights)
    everyday_by_style: dict[str, list[int]] = {style: [] for style in style_weights}
    for i, scene in enumerate(scenes):
        if scene.subject.slug in EVERYDAY:
            everyday_by_style[scene.style].append(i)
    style_names, style_parts = zip(*config.styles, strict=True)
    recoloured = 0
    while recoloured < config.recoloured:
        i = int(rng.choice(len(single_weights), p=single_weights))
        colour = str(rng.choice(list(COLOURS)))
        if scenes[i].subject.group in ("people-body", "flags", "symbols"):
            continue
        picture = recolour(pictures[i], colour)
        if picture is not None:
            add(1, 1, replace(scenes[i], colour=colour), picture)
            recoloured += 1
    for _ in range(config.pairs):
        style = str(rng.choice(style_names, p=style_parts))
        i, j = rng.choice(everyday_by_style[style], 2, replace=False)
        relation = str(rng.choice(RELATIONS, p=[0.5, 0.2, 0.2, 0.1]))
        scene = replace(scenes[i], other=scenes[j].subject, relation=relation)
        first = pictures[i]
        if rng.random() < config.coloured_pairs:
            colour = str(rng.choice(list(COLOURS)))
            turned = recolour(first, colour)
            if turned is not None:
                first, scene = turned, replace(scene, colour=colour)
        add(2, 1, scene, pair(first, pictures[j], relation))
    for _ in range(config.several):
        style = str(rng.choice(style_names, p=style_parts))
        i = int(rng.choice(everyday_by_style[style]))
        count = int(rng.integers(2, 5))
        add(3, 1, replace(scenes[i], count=count), several(pictures[i], count))
    drawings = {style: of_style(art, style) for style in style_weights}
    for style, of in drawings.items():
        for face, item in itertools.product(FACES, ITEMS):
            if face in of and item in of:
                scene = Scene(style, of[face][0], other=of[item][0], relation="wearing")
                add(4, style_weights[style], scene, compose(scene, of))
    for paired in [False] * config.placed + [True] * config.big_and_small:
        style = str(rng.choice(style_names, p=style_parts))
        i, j = rng.choice(everyday_by_style[style], 2, replace=False)
        scene = replace(scenes[i], placement=str(rng.choice(["big", "small"] if paired else PLACEMENTS)))
        if paired:
            scene = replace(scene, other=scenes[j].subject, relation=str(rng.choice(["and", "next to"], p=[0.7, 0.3])))
        elif scene.subject.slug in NO_MIRROR:
            continue
        add(5, 1, scene, compose(scene, drawings[style]))

    out = np.array(weights)
    for kind, part in enumerate(config.mix):
        of_kind = np.array(kinds) == kind
        if of_kind.any():
            out[of_kind] *= part / out[of_kind].sum()
    return scenes, out / out.sum(), pictures


@torch.no_grad()
def encode_pictures(model: Autoencoder, pictures: Tensor, size: int) -> Tensor:
    """(B, 4, H, W) in [0, 1] → latents at `size` cells, the pixels area-downscaled first."""
    with autocast():
        return model.encode(F.interpolate(pictures, size * model.config.cell, mode="area")).float()


def scene_record(scene: Scene) -> dict[str, object]:
    record = asdict(scene)
    record["subject"] = scene.subject.slug
    record["other"] = scene.other.slug if scene.other else None
    return record


def pictures_of(path: Path) -> Path:
    """Beside a pack: every scene of it as it was encoded."""
    return path.with_suffix(".pictures.npy")


def build(path: Path, config: PackConfig, seed: int) -> None:
    art = load_art(EDITION.pixels)
    model = load_autoencoder()
    scenes, weights, pictures = compose_scenes(art, config, seed)
    shape = (len(pictures), *pictures[0].shape)
    kept = np.lib.format.open_memmap(pictures_of(path), "w+", np.uint8, shape)
    latents: dict[int, list[np.ndarray]] = {size: [] for size in SIZES}
    for start in tqdm(range(0, len(pictures), 64), desc="encoding"):
        stacked = np.stack(pictures[start : start + 64])
        kept[start : start + 64] = stacked
        batch = torch.from_numpy(stacked).to(device())
        batch = batch.permute(0, 3, 1, 2).float() / 255
        for size in SIZES:
            latents[size].append(encode_pictures(model, batch, size).cpu().numpy().astype(np.float16))
    arrays = {f"latents{size}": np.concatenate(parts) for size, parts in latents.items()}
    records = json.dumps([scene_record(scene) for scene in scenes])
    np.savez(path, weights=weights, scenes=np.array(records), **arrays)
    print(
        f"{len(scenes)} scenes → {path}; latent deviation by size "
        + ", ".join(f"{size}: {arrays[f'latents{size}'].astype(np.float32).std():.3f}" for size in SIZES)
    )


def scene_pictures(pack: Pack, path: Path = PATH) -> np.ndarray:
    """What the rows of the pack at `path` show: uint8 (count, pixels, pixels, 4), memory-mapped."""
    pictures = np.load(pictures_of(path), mmap_mode="r")
    if len(pictures) != len(pack.scenes):
        raise ValueError(f"{pictures_of(path)} is of another pack: run `python -m training.data.pack` again")
    return pictures


def load_pack(path: Path = PATH) -> Pack:
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: run `python -m training.data.pack` first")
    index = json.loads((DATA / f"art-{EDITION.pixels}.json").read_text())["concepts"]
    concepts = {slug: Concept(slug=slug, **entry) for slug, entry in index.items()}
    data = np.load(path)
    scenes = [
        Scene(**{**record, "subject": concepts[record["subject"]], "other": concepts.get(record["other"] or "")})
        for record in json.loads(str(data["scenes"]))
    ]
    latents = {size: data[f"latents{size}"] for size in SIZES}
    return Pack(latents, scenes, data["weights"], generic_keywords(concepts))


def main() -> None:
    parser = argparse.ArgumentParser(description="Compose scenes and encode them at every scale.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=PATH)
    parser.add_argument("--composed", type=float, default=1.0, help="part of the composed scenes to make")
    args = parser.parse_args()
    config = PackConfig()
    counts = {name: round(getattr(config, name) * args.composed) for name in COMPOSED}
    build(args.out, replace(config, **counts), args.seed)


if __name__ == "__main__":
    main()
