"""Makes the latent pack: scenes composed in pixels, area-downscaled to every scale, encoded once for all later stages.

    python -m training.stages.pack --recipe emoji-0.7.0

Each scale is encoded on its own: downscaling pixels beats downscaling latents by far (SwD, arXiv 2503.16397).
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from training.config.editions import EDITION
from training.config.recipes import RECIPES, SHIPPED, PackRecipe, override, record, stage_recipe
from training.config.runs import device, ranks
from training.config.schedules import SIZES
from training.data.art import load_art
from training.data.mix import compose_scenes
from training.data.pack import PATH, pictures_of, scene_record
from training.nets.autoencoder import encode_at
from training.nets.trained import load_autoencoder

COMPOSED = ("recoloured", "pairs", "several", "placed", "big_and_small")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", choices=RECIPES, default=SHIPPED.name)
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="another recipe, for a study")
    parser.add_argument("--out", type=Path, default=PATH)
    parser.add_argument("--share", type=float, default=1.0, help="part of the composed scenes to make")
    args = parser.parse_args()
    recipe = stage_recipe(PackRecipe, args.recipe)
    for assignment in args.set:
        recipe = override(recipe, assignment)
    recipe = replace(recipe, **{name: round(getattr(recipe, name) * args.share) for name in COMPOSED})

    model = load_autoencoder()
    scenes, weights, pictures = compose_scenes(load_art(EDITION.pixels), recipe)
    shape = (len(pictures), *pictures[0].shape)
    kept = np.lib.format.open_memmap(pictures_of(args.out), "w+", np.uint8, shape)
    latents: dict[int, list[np.ndarray]] = {size: [] for size in SIZES}
    for start in tqdm(range(0, len(pictures), 64), desc="encoding"):
        stacked = np.stack(pictures[start : start + 64])
        kept[start : start + 64] = stacked
        batch = torch.from_numpy(stacked).to(device()).permute(0, 3, 1, 2).float() / 255
        for size in SIZES:
            latents[size].append(encode_at(model, batch, size).cpu().numpy().astype(np.float16))
    arrays = {f"latents{size}": np.concatenate(parts) for size, parts in latents.items()}
    records = json.dumps([scene_record(scene) for scene in scenes])
    made_by = json.dumps(record(args.recipe, recipe, args.set))
    np.savez(args.out, weights=weights, scenes=np.array(records), recipe=np.array(made_by), **arrays)
    print(
        f"{len(scenes)} scenes → {args.out}; latent deviation by size "
        + ", ".join(f"{size}: {arrays[f'latents{size}'].astype(np.float32).std():.3f}" for size in SIZES)
    )


if __name__ == "__main__":
    with ranks(PackRecipe.stage):
        main()
