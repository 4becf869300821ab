"""The student that ships: its averaged weights rounded to 8 bits, its manifest, and sheets to look at.

python -m training.export.emoji --sheet sheet.png [--teacher]     # pictures of a checkpoint, drawn by PyTorch
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from training.data.art import load_art
from training.nets.autoencoder import Autoencoder, load_autoencoder, psnr, split
from training.data.captions import STYLE_WORDS
from training.config.editions import EDITION
from training.export.manifest import ModelCard, export_model
from training.data.pack import PackConfig, load_pack
from training.method.loop import RUNS, load
from training.nets.model import DiT
from training.method.sample import model_velocity, sample, sample_euler
from training.config.schedules import DEFAULT, SIZES
from training.nets.text import load_text_encoder, round_weights
from training.stages.teacher import Captioner

STYLE_LABELS = {"fluent-3d": "3D glossy", "fluent": "Soft gradient", "fluent-flat": "Flat"}
EXAMPLES = [
    "a red apple",
    "a smiling face",
    "a cat face",
    "a panda wearing a top hat",
    "a red car",
    "a slice of pizza",
    "a purple fox",
    "a dog and a pizza",
]
PROMPTS = [
    *EXAMPLES,
    "a red heart",
    "a strawberry",
    "a rocket",
    "a house",
    "a robot",
    "a sunflower",
    "a fish",
    "a star",
]


def load_student(name: str = "student") -> DiT:
    """The averaged student as it ships: matrices rounded to 8 bits."""
    model = DiT(EDITION.dit)
    model.load_state_dict({k: v.cpu() for k, v in load(RUNS / f"{name}.pt")["ema"].items()})
    round_weights(model)
    return model.eval().requires_grad_(False)


def load_rounded_autoencoder() -> Autoencoder:
    model = load_autoencoder().cpu()
    round_weights(model.decoder)
    return model


def export_student(folder: Path) -> None:
    student = load(RUNS / "student.pt")
    teacher = load(RUNS / "teacher.pt")
    pack = load_pack()
    art = load_art(EDITION.pixels)
    autoencoder = load_rounded_autoencoder()
    _, held_out = split(art)
    styles = [
        {
            "id": style.removeprefix("fluent-"),
            "label": STYLE_LABELS[style],
            "template": f"{{prompt}}, {STYLE_WORDS[style]}",
        }
        for style, _ in PackConfig().styles
    ]
    styles[1]["id"] = "soft"
    card = ModelCard(
        id=f"emoji-{EDITION.name}",
        name=f"Emoji {EDITION.name}",
        version="0.7.0",  # the minor number says which weights: others draw other pictures for a seed
        description=f"Draws emoji-like stickers of everyday things, {EDITION.pixels} px with transparency. The"
        " project's own student, distilled scale by scale from a teacher trained on Fluent Emoji.",
        licence="MIT AND Apache-2.0",
        styles=styles,
        examples=EXAMPLES,
        training={
            "scenes": len(pack.scenes),
            "teacherSamples": int(teacher["samples"]),
            "teacherSteps": int(teacher["step"]),
            "studentSteps": int(student["step"]),
            "autoencoderHeldOutPsnr": round(psnr(autoencoder, held_out), 2),
        },
    )
    latents = torch.from_numpy(pack.latents[SIZES[-1]][:256]).float()
    export_model(folder, card, load_text_encoder(), load_student(), autoencoder, latents)


def over_white(pictures: Tensor) -> np.ndarray:
    """(B, 4, H, W) premultiplied in [0, 1] → uint8 (B, H, W, 3)."""
    shown = (pictures[:, :3] + 1 - pictures[:, 3:]).clamp(0, 1)
    return (shown * 255).round().byte().permute(0, 2, 3, 1).numpy()


def row_of(pictures: Tensor, size: int = EDITION.pixels) -> np.ndarray:
    """Pictures side by side, smaller ones enlarged without smoothing."""
    shown = [
        np.asarray(Image.fromarray(p).resize((size, size), Image.Resampling.NEAREST)) for p in over_white(pictures)
    ]
    return np.concatenate(shown, 1)


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description="A sheet of pictures from the current checkpoint.")
    parser.add_argument("--sheet", type=Path, required=True)
    parser.add_argument("--teacher", action="store_true", help="the teacher by 16 Euler steps, guidance 3 and 1")
    args = parser.parse_args()
    autoencoder = load_autoencoder().cpu()
    captioner = Captioner()
    text, empty = ((states.cpu(), mask.cpu()) for states, mask in (captioner(PROMPTS), captioner([""])))
    seeds = list(range(len(PROMPTS)))
    rows: list[np.ndarray] = []
    if args.teacher:
        model = DiT(EDITION.dit).eval()
        model.load_state_dict({k: v.cpu() for k, v in load(RUNS / "teacher.pt")["ema"].items()})
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
    Image.fromarray(np.concatenate(rows)).save(args.sheet)


if __name__ == "__main__":
    main()
