"""A sheet of pictures from the current checkpoint, drawn by PyTorch: to look at, every scale a row.

python -m training.evaluate.sheet --out sheet.png [--teacher]
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from training.config.editions import EDITION
from training.config.schedules import DEFAULT, SIZES
from training.data.compositing import shown
from training.method.sample import model_velocity, sample, sample_euler
from training.nets.caption_encoder import CaptionEncoder
from training.nets.trained import load_autoencoder, load_student, load_teacher
from training.programs import run_program

PROMPTS = [
    "a red apple",
    "a smiling face",
    "a cat face",
    "a panda wearing a top hat",
    "a red car",
    "a slice of pizza",
    "a purple fox",
    "a dog and a pizza",
    "a red heart",
    "a strawberry",
    "a rocket",
    "a house",
    "a robot",
    "a sunflower",
    "a fish",
    "a star",
]


def row_of(pictures: Tensor, size: int = EDITION.pixels) -> np.ndarray:
    """Pictures side by side, smaller ones enlarged without smoothing."""
    row = [np.asarray(Image.fromarray(p).resize((size, size), Image.Resampling.NEAREST)) for p in shown(pictures)]
    return np.concatenate(row, 1)


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--teacher", action="store_true", help="the teacher by 16 Euler steps, guidance 3 and 1")
    args = parser.parse_args()
    autoencoder = load_autoencoder().cpu()
    encode = CaptionEncoder()
    text, empty = ((states.cpu(), mask.cpu()) for states, mask in (encode(PROMPTS), encode([""])))
    seeds = list(range(len(PROMPTS)))
    rows: list[np.ndarray] = []
    if args.teacher:
        model = load_teacher().cpu().eval()
        for guidance in (1.0, 3.0):
            velocity = model_velocity(model, text, guidance, empty, below=0.9)
            rows.append(row_of(autoencoder.decode(sample_euler(velocity, 16, SIZES[-1], seeds))))
        untrained = model_velocity(model, text)
        rows.append(row_of(autoencoder.decode(sample(untrained, DEFAULT, seeds)[-1])))
    else:
        model = load_student()
        for x0 in sample(model_velocity(model, text), DEFAULT, seeds):
            rows.append(row_of(autoencoder.decode(x0)))
        rows.append(
            row_of(autoencoder.decode(sample(model_velocity(model, text), DEFAULT, [s + 100 for s in seeds])[-1]))
        )
    Image.fromarray(np.concatenate(rows)).save(args.out)


if __name__ == "__main__":
    run_program(main)
