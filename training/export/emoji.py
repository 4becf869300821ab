"""The student that ships: its card, and how it was trained."""

from pathlib import Path
from typing import Any

import numpy as np

from training.config.editions import EDITION
from training.config.recipes import SHIPPED
from training.config.runs import RUNS, load
from training.config.schedules import SIZES
from training.data.art import load_art
from training.data.captions import STYLE_WORDS
from training.data.crops import split
from training.data.pack import Pack, latents_of, load_pack
from training.export.manifest import ModelCard, export_model
from training.method.losses.autoencoder import psnr
from training.nets.text import load_text_encoder
from training.nets.trained import load_rounded_autoencoder, load_student

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
STAGES = ("autoencoder", "teacher", "student", "decoder")


def recipes_of(pack: Pack) -> dict[str, Any]:
    """By stage: the recipe's name and its fields as run. Checkpoints from before recipes were kept say nothing."""
    checkpoints = {stage: RUNS / f"{stage}.pt" for stage in STAGES}
    kept = {stage: load(path).get("recipe") for stage, path in checkpoints.items() if path.exists()}
    return {stage: recipe for stage, recipe in {**kept, "pack": pack.recipe}.items() if recipe}


def export_emoji(folder: Path) -> None:
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
        for style, _ in SHIPPED.pack.styles
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
            "recipes": recipes_of(pack),
        },
    )
    latents = latents_of(pack, np.arange(min(256, len(pack.weights))), SIZES[-1])
    export_model(folder, card, load_text_encoder(), load_student(), autoencoder, latents)
