"""Where the error sits: how far from a thing's drawing the pictures are at each stage of the way to a user.

    (cd training/nets/inception_weights && npm ci && npm run unpack)
    python -m training.evaluate.where                              # → docs/where.json
    python -m training.evaluate.where --before models/emoji-0.7.1  # and an earlier model folder beside it

A prompt has several right pictures, at several places and sizes. So what is compared is the visible thing, cut out and
enlarged to one size, mirrored where that is nearer; the median over seeds counts. The first rows say what the figures
are for pictures that are right, other drawings of the same things, and for drawings of other things.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.config.schedules import SIZES
from training.config.whole_file import write_whole
from training.data.art import load_art
from training.data.captions import STYLE_WORDS
from training.data.heldout import plain_name
from training.evaluate.page import WHERE
from training.evaluate.ruler import STYLE, Ruler, cut_out, pictures_of, things_of
from training.evaluate.shipped import ShippedModel
from training.method.sample import model_velocity, sample_euler
from training.nets.caption_encoder import CaptionEncoder
from training.nets.inception import load_inception
from training.nets.trained import load_autoencoder, load_teacher
from training.programs import run_program

SEEDS = 3


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Path("models/emoji"))
    parser.add_argument("--before", type=Path, help="an earlier model folder, to compare with")
    args = parser.parse_args()
    art = load_art(256)
    slugs = things_of(art)
    of_concept = {concept.slug: concept for concept in art.concepts}
    drawings = [pictures_of(art, slug, (STYLE,)) for slug in slugs]
    ruler = Ruler([torch.stack([*map(cut_out, of)]) for of in drawings], load_inception())
    prompts = [f"a {plain_name(of_concept[slug])}, {STYLE_WORDS[STYLE]}" for slug in slugs]
    autoencoder, teacher, encode = load_autoencoder().cpu(), load_teacher().cpu().eval(), CaptionEncoder()
    empty = encode([""])

    def guided(guidance: float) -> Callable[[int], Tensor]:
        def draw(thing: int) -> Tensor:
            text = encode([prompts[thing]] * SEEDS)
            velocity = model_velocity(teacher, text, guidance, empty)
            seeds = [SEEDS * thing + i for i in range(SEEDS)]
            return autoencoder.decode(sample_euler(velocity, 16, SIZES[-1], seeds)).clamp(0, 1)

        return draw

    def shipped(model: ShippedModel) -> Callable[[int], Tensor]:
        seeds = {thing: [SEEDS * thing + i for i in range(SEEDS)] for thing in range(len(slugs))}
        return lambda thing: model.decode(model.latents([prompts[thing]] * SEEDS, seeds[thing]))

    models = [ShippedModel(folder) for folder in (args.before, args.model) if folder]
    stages: dict[str, Callable[[int], Tensor]] = {
        "drawings of another thing": lambda thing: drawings[(thing + 1) % len(slugs)],
        "other sets' drawings of it": lambda thing: pictures_of(art, slugs[thing], ("noto", "twemoji", "emojione")),
        "its drawing, at 128 px": lambda thing: F.interpolate(F.avg_pool2d(drawings[thing], 2), 256, mode="bicubic"),
        "autoencoder": lambda thing: autoencoder.decode(autoencoder.encode(drawings[thing])).clamp(0, 1),
        "teacher, guidance 1": guided(1),
        "teacher, guidance 2": guided(2),
        **{f"{model.name}, as it ships": shipped(model) for model in models},
    }
    table = {}
    for name, draw in stages.items():
        rows = [ruler.distance(thing, draw(thing)) for thing in range(len(slugs))]
        table[name] = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
        print(name, {key: round(value, 3) for key, value in table[name].items()}, flush=True)
    write_whole(
        WHERE, json.dumps({"things": len(slugs), "seeds": SEEDS, "style": STYLE, "table": table}, indent=1) + "\n"
    )


if __name__ == "__main__":
    run_program(main)
