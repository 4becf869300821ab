"""manifest.json of a converted model: the only place that knows its format (src/manifest.ts reads it)."""

import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

from training.convert.attention_check import LIMIT
from training.convert.components import Written
from training.convert.licence import MAX_TEXT, SWD
from training.convert.model import Component, TextEncoder
from training.convert.plan import Plan
from training.convert.preview import Map
from training.convert.stored_graph import Style

FORMAT = 2
MAX_NAME = 256
TITLES = {"sd35-medium": "Stable Diffusion 3.5 Medium", "sd35-large": "Stable Diffusion 3.5 Large", "sdxl": "SDXL"}
PLAIN, HALF = Style(fused=False), Style(half=True, fused=False)
DTYPES = {"f32": "float32", "f16": "float16", "q8": "8-bit blocks of 32", "q4": "4-bit blocks of 32"}

Json = dict[str, Any]


class Graphs:
    """The entries of a manifest that name graph files, for one style."""

    def __init__(self, plan: Plan, style: Style, tokenizers: dict[str, Json]) -> None:
        self.model, self.style, self.tokenizers = plan.model, style, tokenizers
        self.written = {part.component.stem: part for part in plan.written}

    def graph(self, component: Component) -> Json:
        part = self.written[component.stem]
        style = component.style(self.style, part.form)
        graph: Json = {"file": component.graph_file(style), "data": list(part.shards)}
        fused = replace(style, fused=True)
        if not style.fused and fused in component.styles(part.form):
            check = "attention-check.f16.onnx" if style.half else "attention-check.onnx"
            graph["fused"] = {"file": component.graph_file(fused), "check": check, "limit": LIMIT}
        return graph

    def text_encoder(self, encoder: TextEncoder) -> Json:
        return {
            **self.graph(encoder.component),
            "tokenizer": self.tokenizers[encoder.component.stem],
            "ids": "ids",
            "outputs": encoder.outputs,
            "backend": "any",
        }

    def text_encoders(self) -> list[Json]:
        return [self.text_encoder(encoder) for encoder in self.model.encoders]

    def denoiser(self) -> Json:
        model = self.model
        return {
            **self.graph(model.denoiser),
            "latent": "latent",
            "timestep": model.timestep,
            "conditioning": [name for encoder in model.encoders for name in encoder.outputs.values()],
            "output": "velocity",
            "latentChannels": model.channels,
            "patch": model.patch,
            **({"maxSize": model.most} if model.most else {}),
            "timestepScale": model.timestep_scale,
        }

    def decoder(self) -> Json:
        graph = self.graph(self.model.decoder)
        return {**graph, "input": "latent", "output": "picture", "pixelsPerCell": self.model.cell}


def manifest(plan: Plan, files: list[Json], tokenizers: dict[str, Json], preview: Map) -> Json:
    """files: path, bytes, sha256 and dtype of each. tokenizers: by the encoder's stem."""
    model, terms = plan.model, plan.terms
    base = Graphs(plan, PLAIN, tokenizers)
    name = (plan.request.name or "")[:MAX_NAME] or TITLES[model.family] + (" SwD" if plan.request.lora else "")
    return {
        "format": FORMAT,
        "id": identifier_of(plan.request.out.name),
        "version": "1.0.0",
        "name": name,
        "description": f"{name}, converted for the browser; weights as {DTYPES[plan.request.form]}.",
        "licence": terms.name,
        "attribution": attribution(plan),
        **({} if terms.free else {"notice": notice(plan)}),
        "files": files,
        "textEncoders": base.text_encoders(),
        "denoiser": base.denoiser(),
        "decoder": base.decoder(),
        "variants": variants(plan, tokenizers),
        "residency": "in turn",
        "picture": {"channels": 3},
        "preview": preview,
        "schedules": {
            name: [{"size": size, "sigma": sigma} for size, sigma in steps] for name, steps in model.schedules.items()
        },
        "defaultSchedule": plan.schedule,
        "styles": [],
        "requires": {"features": [], "limits": limits(plan.written)},
        "memoryBytes": plan.phases(PLAIN),
        "examples": ["A cute winter dragon baby", "A bowl of ramen, seen from above, steam rising"],
        "training": provenance(plan),
    }


def identifier_of(folder: str) -> str:
    """The folder's name in the letters that an id may have; what is stored in a browser lies under it."""
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode()
    return re.sub(r"[^\w.-]+", "-", plain, flags=re.ASCII).lstrip(".-")[:MAX_NAME].rstrip("-") or "model"


def variants(plan: Plan, tokenizers: dict[str, Json]) -> list[Json]:
    """In float16 the same shards serve; only the graphs differ."""
    if plan.request.form == "f32":
        return []
    half = Graphs(plan, HALF, tokenizers)
    return [
        {
            "requires": {"features": ["shader-f16"], "limits": limits(plan.written)},
            "textEncoders": half.text_encoders(),
            "denoiser": half.denoiser(),
            "decoder": half.decoder(),
        }
    ]


def limits(written: list[Written]) -> dict[str, int]:
    """The largest weight that has to lie in one buffer, in float32 where it may be unfolded."""
    largest = max(part.largest * (1 if part.form == "f32" else 2) for part in written)
    return {"maxBufferSize": largest, "maxStorageBufferBindingSize": largest}


def notice(plan: Plan) -> Json:
    terms = plan.terms
    return {"title": terms.name, "text": terms.text[:MAX_TEXT], "url": terms.licence.url, "accept": True}


def attribution(plan: Plan) -> list[Json]:
    terms = plan.terms
    entries: list[Json] = []
    if not terms.free:
        licence = {"licence": terms.name, "url": terms.licence.url}
        entries.append({"name": TITLES[plan.model.family], "by": terms.licence.by, **licence})
    if plan.request.lora:
        swd = {"name": f"SwD, scale-wise distillation ({plan.request.lora.name})"[:MAX_NAME], "by": "Yandex Research"}
        entries.append({**swd, "licence": "see the LoRA's model card", "url": SWD})
    return entries


def provenance(plan: Plan) -> Json:
    request, model = plan.request, plan.model
    return {
        "converter": "training/convert",
        "family": model.family,
        "checkpoint": request.checkpoint.resolve().name,
        "lora": request.lora.resolve().name if request.lora else None,
        "decoder": request.decoder.resolve().name if request.decoder else "vae",
        "weights": request.form,
        "textWeights": request.text_form or request.form,
    }


def dtype_of(path: str, written: list[Written]) -> str:
    part = next((part for part in written if path in part.shards), None)
    if part:
        return DTYPES[part.form]
    return "graph" if Path(path).suffix == ".onnx" else "json"
