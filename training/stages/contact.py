"""A contact sheet of a pack: scenes as the teacher will meet them, each with a caption it may come with.

python -m training.stages.contact --out contact.png      # after `python -m training.stages.pack --compose-only`
"""

import argparse
import textwrap
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from training.data.captions import caption
from training.data.composed import read_scenes
from training.data.compositing import shown
from training.data.pack import PATH, Pack, load_scenes, scene_pictures
from training.programs import run_program

SIDE, GAP, LINES = 160, 12, 3
LETTERS = 27  # of Pillow's own font that fit below a picture


def contact_sheet(pack: Pack, pictures: np.ndarray, rows: np.ndarray, columns: int, seed: int) -> Image.Image:
    """The pack's scenes `rows` over white, `columns` a line."""
    rng = np.random.default_rng(seed)
    cell = SIDE + GAP, SIDE + GAP + 12 * LINES
    sheet = Image.new("RGB", (columns * cell[0] + GAP, -(-len(rows) // columns) * cell[1] + GAP), "white")
    pen = ImageDraw.Draw(sheet)
    rgb = shown(torch.from_numpy(pictures[rows]).permute(0, 3, 1, 2).float() / 255)
    for i, (row, picture) in enumerate(zip(rows, rgb, strict=True)):
        x, y = GAP + i % columns * cell[0], GAP + i // columns * cell[1]
        sheet.paste(Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS), (x, y))
        lines = textwrap.wrap(caption(pack.scenes[row], pack.generic, rng), LETTERS)[:LINES]
        pen.text((x, y + SIDE + 2), "\n".join(lines), "#333", spacing=1)
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--kind", help="of the recipe's mix: scenes of that kind alone")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    pack = load_scenes()
    weights = pack.weights
    if args.kind:
        weights = weights * (np.array(read_scenes(PATH)["kinds"]) == args.kind)
    # As often as training draws them.
    rows = np.random.default_rng(args.seed).choice(len(weights), args.count, p=weights / weights.sum())
    contact_sheet(pack, scene_pictures(pack), rows, args.columns, args.seed).save(args.out)


if __name__ == "__main__":
    run_program(main)
