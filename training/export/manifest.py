"""Writes what the browser reads: three ONNX graphs, the tokenizer, and manifest.json."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.config.editions import EDITION, NATIVE
from training.config.schedules import SCHEDULES
from training.config.whole_file import write_whole
from training.export.onnx_decoder import write_decoder
from training.export.onnx_denoiser import write_denoiser
from training.export.onnx_encoder import write_encoder
from training.export.onnx_int8 import Int8Graph
from training.export.onnx_text import write_text_encoder
from training.export.onnx_unfolded import UnfoldedGraph
from training.method.flow import TIMESTEP_SCALE
from training.nets.autoencoders import AnyAutoencoder
from training.nets.model import DiT
from training.nets.native_autoencoder import NativeAutoencoder
from training.nets.text import MAX_TOKENS, TextEncoder, kept_tokens, model_folder, tokenizer_json

MODELS = Path(__file__).parents[2] / "models"
EMOJI = MODELS / ("emoji" if EDITION is NATIVE else f"emoji-{EDITION.name}")
VOCABULARY = "vocabulary.json"
STORED = "float32, matrices stored as int8"
AS_WRITTEN = {"graphOptimizationLevel": "disabled"}
"""Of graphs that leave ONNX Runtime nothing to optimise (onnx_unfolded.py)."""

FLUENT = "https://github.com/microsoft/fluentui-emoji"
NOTO = "https://github.com/googlefonts/noto-emoji"
STREAMLINE = "https://github.com/webalys-hq/streamline-vectors"
ATTRIBUTION = [
    {"name": name, "by": by, "licence": licence, "url": url}
    for name, by, licence, url in (
        ("Fluent Emoji", "Microsoft Corporation", "MIT", FLUENT),
        ("Noto Emoji, two generations", "Google", "Apache-2.0", NOTO),
        ("Twemoji", "Twitter, Inc. and contributors", "CC-BY-4.0", "https://github.com/jdecked/twemoji"),
        ("EmojiOne 2.3", "Emoji One", "CC-BY-4.0", "https://github.com/EmojiTwo/emojitwo"),
        ("FxEmojis", "Mozilla", "Apache-2.0", "https://github.com/mozilla/fxemoji"),
        ("Streamline Emojis and Ultimate Color", "Streamline", "CC-BY-4.0", STREAMLINE),
        ("Fluent UI System Color Icons", "Microsoft Corporation", "MIT", f"{FLUENT[:-5]}system-icons"),
        ("Flat Color Icons", "Icons8", "MIT", "https://github.com/icons8/flat-Color-icons"),
        (
            f"all-MiniLM-L6-v2 (converted; weights rounded to 8 bits, {len(kept_tokens()):,} of its words kept)",
            "sentence-transformers",
            "Apache-2.0",
            "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
        ),
    )
]
"""Of the pictures that the shipped model was trained on, and of its text encoder."""


@dataclass
class ModelCard:
    """What the manifest says of a model besides its graphs."""

    id: str
    name: str
    description: str
    licence: str
    attribution: list[dict[str, str]] = field(default_factory=lambda: ATTRIBUTION)
    styles: list[dict[str, str]] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    training: dict[str, Any] = field(default_factory=dict)
    quality: dict[str, float] = field(default_factory=dict)
    spectrum: dict[str, float] = field(default_factory=dict)
    version: str = "0.1.0"


@torch.no_grad()
def preview_map(autoencoder: AnyAutoencoder, latents: Tensor) -> dict[str, Any]:
    """Least squares from a latent's cell to the mean premultiplied RGBA of the pixels that it decodes to."""
    pixels = torch.nn.functional.avg_pool2d(autoencoder.decode(latents), autoencoder.config.cell)
    a = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
    a = torch.cat([a, torch.ones(len(a), 1)], 1).double()
    b = pixels.permute(0, 2, 3, 1).reshape(-1, 4).double()
    solution = torch.linalg.lstsq(a, b).solution.T
    return {
        "matrix": [[round(v, 5) for v in row[:-1]] for row in solution.tolist()],
        "bias": [round(row[-1], 5) for row in solution.tolist()],
    }


def file_entry(folder: Path, name: str, dtype: str) -> dict[str, Any]:
    data = (folder / name).read_bytes()
    return {"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "dtype": dtype}


def write_manifest(path: Path, manifest: dict[str, Any]) -> None:
    write_whole(path, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def write_wasm_text_encoder(folder: Path, encoder: TextEncoder, manifest: dict[str, Any]) -> None:
    """The text encoder, and what the manifest says of it."""
    name = "text-encoder.onnx"
    write_text_encoder(encoder, folder / name, UnfoldedGraph())
    entry = file_entry(folder, name, STORED)
    manifest["files"] = [entry if file["path"] == name else file for file in manifest["files"]]
    for described in manifest["textEncoders"]:
        described |= AS_WRITTEN


def write_int8_denoiser(folder: Path, dit: DiT, manifest: dict[str, Any]) -> None:
    """The denoiser with activations in 8 bits beside the other one, and the variant of the manifest that has WASM draw
    with it."""
    name = "denoiser-int8.onnx"
    write_denoiser(dit, folder / name, Int8Graph())
    others = [file for file in manifest["files"] if file["path"] != name]
    manifest["files"] = [*others, file_entry(folder, name, "int8 activations and matrices")]
    needs = {"features": ["wasm"], "limits": {}}
    manifest["variants"] = [{"requires": needs, "denoiser": manifest["denoiser"] | {"file": name} | AS_WRITTEN}]


def export_model(
    folder: Path,
    card: ModelCard,
    text_encoder: TextEncoder,
    dit: DiT,
    autoencoder: AnyAutoencoder,
    latents: Tensor,
    int8: bool = False,
) -> None:
    """Write a model folder. latents: some clean ones (B, C, H, W), for the preview map. int8: also a denoiser with
    activations in 8 bits, for WASM."""
    folder.mkdir(parents=True, exist_ok=True)
    channels = dit.config.channels
    write_text_encoder(text_encoder, folder / "text-encoder.onnx", UnfoldedGraph())
    write_denoiser(dit, folder / "denoiser.onnx")
    write_decoder(autoencoder, folder / "decoder.onnx")
    write_whole(folder / "tokenizer.json", json.dumps(tokenizer_json(), ensure_ascii=False))
    write_whole(folder / "tokenizer_config.json", (model_folder() / "tokenizer_config.json").read_text())

    graphs = ["text-encoder.onnx", "denoiser.onnx", "decoder.onnx"]
    encoder: dict[str, Any] = {}
    if isinstance(autoencoder, NativeAutoencoder):
        write_encoder(autoencoder, folder / "encoder.onnx")
        graphs.append("encoder.onnx")
        encoder = {"encoder": {"file": "encoder.onnx", "data": [], "input": "picture", "output": "latent"}}
    files = [file_entry(folder, name, STORED) for name in graphs]
    files += [file_entry(folder, name, "json") for name in ("tokenizer.json", "tokenizer_config.json")]
    schedules = {
        name: [{"size": step.size, "sigma": step.sigma} for step in schedule] for name, schedule in SCHEDULES.items()
    }
    # Weights unfold to float32 in memory; the runtime and activations come on top. All graphs stay loaded.
    memory = 4 * sum(p.numel() for m in (text_encoder, dit, autoencoder.decoder) for p in m.parameters()) + 120_000_000
    manifest = {
        "format": 2,
        "id": card.id,
        "version": card.version,
        "name": card.name,
        "description": card.description,
        "licence": card.licence,
        "attribution": card.attribution,
        "files": files,
        "textEncoders": [
            {
                "file": "text-encoder.onnx",
                "data": [],
                "tokenizer": {"file": "tokenizer.json", "config": "tokenizer_config.json", "maxTokens": MAX_TOKENS},
                "ids": "input_ids",
                "mask": "attention_mask",
                "outputs": {"states": "text"},
                "maskAs": "text_mask",
                "backend": "wasm",
                **AS_WRITTEN,
            }
        ],
        "denoiser": {
            "file": "denoiser.onnx",
            "data": [],
            "latent": "latent",
            "timestep": "timestep",
            "conditioning": ["text", "text_mask"],
            "output": "velocity",
            "latentChannels": channels,
            "patch": dit.config.patch,
            "timestepScale": TIMESTEP_SCALE,
        },
        "decoder": {
            "file": "decoder.onnx",
            "data": [],
            "input": "latent",
            "output": "picture",
            "pixelsPerCell": autoencoder.config.cell,
        },
        **encoder,
        "residency": "together",
        "picture": {"channels": 4},
        "preview": preview_map(autoencoder, latents),
        "schedules": schedules,
        "defaultSchedule": "default",
        "quality": card.quality,
        **({"spectrum": card.spectrum} if card.spectrum else {}),
        "styles": card.styles,
        "requires": {"features": [], "limits": {}},
        "memoryBytes": {"text": memory, "draw": memory},
        "examples": card.examples,
        "training": card.training,
        # What stages/words.py wrote; apps that ask for it read it from here.
        **({"vocabulary": VOCABULARY} if (folder / VOCABULARY).exists() else {}),
    }
    if int8:
        write_int8_denoiser(folder, dit, manifest)
    write_manifest(folder / "manifest.json", manifest)
    for entry in manifest["files"]:
        print(f"{entry['bytes'] / 1e6:7.2f} MB  {folder.name}/{entry['path']}")
