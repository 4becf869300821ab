"""Makes the latent pack: scenes composed in pixels, area-downscaled to every scale, encoded once for all later stages.

    python -m training.stages.pack --recipe emoji-1.0.0
    python -m training.stages.pack --recipe emoji-1.0.0 --compose-only

Each scale is encoded on its own: downscaling pixels beats downscaling latents by far (SwD, arXiv 2503.16397). Pictures
that are there already are not composed again: another autoencoder only encodes them.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from training.config.editions import EDITION
from training.config.packs import PackRecipe
from training.config.recipes import RECIPES, SHIPPED, override, record, stage_recipe
from training.config.runs import device, ranks
from training.config.schedules import SIZES
from training.config.whole_file import replacing
from training.data.art import load_art
from training.data.composed import identity_of, is_composed, write_composed
from training.data.pack import PATH, load_scenes, scene_pictures
from training.data.relations import plan_scenes
from training.nets.autoencoders import encode_at
from training.nets.trained import load_autoencoder
from training.programs import run_program

COMPOSED = (
    "recoloured",
    "pairs",
    "several",
    "placed",
    "big_and_small",
    "varied",
    "free_hues",
    "overlapping",
    "riding",
    "settings",
)


def compose(path: Path, recipe: PackRecipe, made_by: dict[str, object], jobs: int = 1) -> None:
    art = load_art(EDITION.pixels)
    identity = identity_of(recipe, art)
    if is_composed(path, identity):
        print(f"the pictures of {identity} are there already")
        return
    plan = plan_scenes(art, recipe)
    with tqdm(total=len(plan), desc="composing", mininterval=5) as bar:
        write_composed(path, plan, recipe, identity, made_by, lambda _: bar.update(), jobs)


def encode(path: Path) -> None:
    """Writes the latents whole or not at all."""
    model = load_autoencoder()
    pack = load_scenes(path)
    pictures = scene_pictures(pack, path)
    latents: dict[int, list[np.ndarray]] = {size: [] for size in SIZES}
    for start in tqdm(range(0, len(pictures), 64), desc="encoding", mininterval=5):
        batch = torch.tensor(pictures[start : start + 64]).to(device()).permute(0, 3, 1, 2).float() / 255
        for size in SIZES:
            latents[size].append(encode_at(model, batch, size).cpu().numpy().astype(np.float16))
    arrays = {f"latents{size}": np.concatenate(parts) for size, parts in latents.items()}
    with replacing(path, ".partial.npz") as partial:
        np.savez(partial, identity=np.array(pack.identity), **arrays)
    deviations = {size: arrays[f"latents{size}"].astype(np.float32).std() for size in SIZES}
    print(f"{len(pictures)} scenes → {path}; latent deviation by size {deviations}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", choices=RECIPES, default=SHIPPED.name)
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="another recipe, for a study")
    parser.add_argument("--out", type=Path, default=PATH)
    parser.add_argument("--share", type=float, default=1.0, help="part of the composed scenes to make")
    parser.add_argument("--compose-only", action="store_true", help="encode nothing yet")
    parser.add_argument("--jobs", type=int, default=1, help="processes that compose")
    args = parser.parse_args()
    recipe = stage_recipe(PackRecipe, args.recipe)
    for assignment in args.set:
        recipe = override(recipe, assignment)
    recipe = replace(recipe, **{name: round(getattr(recipe, name) * args.share) for name in COMPOSED})
    compose(args.out, recipe, record(args.recipe, recipe, args.set), args.jobs)
    if not args.compose_only:
        encode(args.out)


if __name__ == "__main__":
    with ranks(PackRecipe.stage):
        run_program(main)
