"""The student that ships: its card, and how it was trained."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from training.config.editions import EDITION, NATIVE
from training.config.recipes import SHIPPED
from training.config.runs import RUNS, load
from training.config.schedules import SIZES
from training.data.art import load_art
from training.data.captions import STYLE_WORDS
from training.data.crops import split
from training.data.pack import Pack, latents_of, load_pack
from training.export.manifest import (
    ModelCard,
    export_model,
    file_entry,
    write_int8_denoiser,
    write_manifest,
    write_wasm_text_encoder,
)
from training.export.onnx_decoder import write_decoder
from training.method.losses.autoencoder import psnr
from training.nets.text import load_text_encoder
from training.nets.trained import AUTOENCODER, load_rounded_autoencoder, load_student

VERSION = "0.13.1"
"""The minor number says which student: others draw other pictures for a seed."""
STYLES = {
    "fluent-3d": ("3d", "3D glossy"),
    "fluent": ("soft", "Soft gradient"),
    "fluent-flat": ("flat", "Flat"),
    "noto": ("shaded", "Shaded"),
    "twemoji": ("simple", "Simple"),
    "streamline": ("outlined", "Outlined sticker"),
}
"""Of the sets that it was trained on, those that a user can ask for: the manifest's id and label."""
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
DECODERS = ("decoder", "native_decoder")
"""The stages that train a decoder alone."""
STAGES = (AUTOENCODER, "teacher", "student", *DECODERS)


def kept_recipes(stages: tuple[str, ...]) -> dict[str, Any]:
    """By stage: the recipe's name and its fields as run. Checkpoints from before recipes were kept say nothing."""
    checkpoints = {stage: RUNS / f"{stage}.pt" for stage in stages}
    kept = {stage: load(path).get("recipe") for stage, path in checkpoints.items() if path.exists()}
    return {stage: recipe for stage, recipe in kept.items() if recipe}


def recipes_of(pack: Pack) -> dict[str, Any]:
    return kept_recipes(STAGES) | ({"pack": pack.recipe} if pack.recipe else {})


def budgets_of(ladders: Path = Path(__file__).parents[2] / "docs" / "ladders.json") -> dict[str, Any]:
    """What the engine keeps within a budget by: the `quality` of schedules, 1 minus their Inception KID, and the
    latents' `spectrum`, from which it makes those "by rule" (training/evaluate/ladders.py). The student that was
    evaluated may be an earlier one; the order of schedules is what counts."""
    if not ladders.exists():
        return {"quality": {}, "spectrum": {}}
    found = json.loads(ladders.read_text())
    quality = {name: round(1 - row["inceptionKid"], 4) for name, row in found["schedules"].items()}
    return {"quality": quality, "spectrum": found["masked"]}


def export_decoder(folder: Path) -> None:
    """Only the decoder of a model folder, and what the manifest says of it: the other graphs stay as they are, to the
    byte. Nothing is replaced before all of it is there."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    _, held_out = split(load_art(EDITION.pixels))
    autoencoder = load_rounded_autoencoder()
    training = manifest.setdefault("training", {})
    training |= {"autoencoderHeldOutPsnr": round(psnr(autoencoder, held_out), 2), "recipe": SHIPPED.name}
    training["recipes"] = training.get("recipes", {}) | kept_recipes(DECODERS)
    with TemporaryDirectory(dir=folder.parent) as beside:
        write_decoder(autoencoder, Path(beside) / "decoder.onnx")
        dtype = next(file["dtype"] for file in manifest["files"] if file["path"] == "decoder.onnx")
        entry = file_entry(Path(beside), "decoder.onnx", dtype)
        manifest["files"] = [entry if file["path"] == entry["path"] else file for file in manifest["files"]]
        manifest["version"] = VERSION
        (Path(beside) / "decoder.onnx").replace(folder / "decoder.onnx")
    write_manifest(path, manifest)


def export_wasm(folder: Path) -> None:
    """Only the graphs of a model folder that none but WASM runs, and what the manifest says of them: the text encoder,
    and the denoiser with activations in 8 bits."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    write_wasm_text_encoder(folder, load_text_encoder(), manifest)
    write_int8_denoiser(folder, load_student(), manifest)
    manifest["version"] = VERSION
    write_manifest(path, manifest)


def export_budgets(folder: Path) -> None:
    """Only what the manifest of a model folder says for budgets."""
    path = folder / "manifest.json"
    write_manifest(path, json.loads(path.read_text()) | budgets_of() | {"version": VERSION})


def export_emoji(folder: Path) -> None:
    student = load(RUNS / "student.pt")
    teacher = load(RUNS / "teacher.pt")
    pack = load_pack()
    art = load_art(EDITION.pixels)
    autoencoder = load_rounded_autoencoder()
    _, held_out = split(art)
    styles = [
        {"id": name, "label": label, "template": f"{{prompt}}, {STYLE_WORDS[style]}"}
        for style, (name, label) in STYLES.items()
        if style in dict(SHIPPED.pack.styles)
    ]
    card = ModelCard(
        id="emoji-nano" if EDITION is NATIVE else f"emoji-{EDITION.name}",
        name="Emoji nano" if EDITION is NATIVE else f"Emoji {EDITION.name}",
        version=VERSION,
        description=f"Draws emoji-like stickers of everyday things, {EDITION.pixels} px with transparency. The"
        " project's own student, distilled scale by scale from a teacher trained on permissively licensed emoji sets.",
        licence="MIT AND Apache-2.0",
        styles=styles,
        examples=EXAMPLES,
        training={
            "scenes": len(pack.scenes),
            "teacherSamples": int(teacher["samples"]),
            "teacherSteps": int(teacher["step"]),
            "studentSteps": int(student["step"]),
            "autoencoderHeldOutPsnr": round(psnr(autoencoder, held_out), 2),
            "recipe": SHIPPED.name,
            "recipes": recipes_of(pack),
        },
        **budgets_of(),
    )
    latents = latents_of(pack, np.arange(min(256, len(pack.weights))), SIZES[-1])
    export_model(folder, card, load_text_encoder(), load_student(), autoencoder, latents, int8=True)
