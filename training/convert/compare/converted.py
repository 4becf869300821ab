"""Runs a converted model in Python as the engine runs it in the browser: from its manifest alone."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from tokenizers import Tokenizer

from training.method.philox import normal

Arrays = dict[str, np.ndarray]
Step = tuple[tuple[int, int], float]
"""Height and width in latent cells, and sigma."""


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@dataclass
class Drawn:
    estimates: list[np.ndarray]  # each step's x0, (B, C, h, w)
    picture: np.ndarray  # (B, 3, H, W), 0 to 1, not clamped


class Converted:
    """variant: None for the graphs that every device runs, else a place in the manifest's `variants`.
    fused: attention as one operator where the model has it so."""

    def __init__(self, folder: Path, variant: int | None = None, fused: bool = False, threads: int = 1) -> None:
        self.folder, self.threads = folder, threads
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self.graphs = self.manifest | (self.manifest["variants"][variant] if variant is not None else {})
        self.fused = fused
        self._denoiser: onnxruntime.InferenceSession | None = None

    def session(self, graph: dict[str, Any]) -> onnxruntime.InferenceSession:
        file = graph["fused"]["file"] if self.fused and "fused" in graph else graph["file"]
        return open_session(self.folder / file, self.threads)

    def ids(self, encoder: dict[str, Any], prompt: str) -> list[int]:
        """Cut to maxTokens, the special tokens kept, and filled up."""
        rule = encoder["tokenizer"]
        tokenizer = Tokenizer.from_file(str(self.folder / rule["file"]))
        tokenizer.enable_truncation(rule["maxTokens"])
        ids = tokenizer.encode(prompt).ids
        return [*ids, *[rule["pad"]] * (rule["maxTokens"] - len(ids))]

    def encode_ids(self, encoder: dict[str, Any], ids: list[int]) -> Arrays:
        """What the denoiser gets from one encoder, by its inputs' names."""
        outputs = encoder["outputs"]
        found = self.session(encoder).run(list(outputs), {encoder["ids"]: np.array([ids], np.int64)})
        return dict(zip(outputs.values(), found, strict=True))

    def encode(self, prompt: str) -> Arrays:
        conditioning: Arrays = {}
        for encoder in self.graphs["textEncoders"]:
            conditioning |= self.encode_ids(encoder, self.ids(encoder, prompt))
        return conditioning

    def velocity(self, latent: np.ndarray, sigma: float, conditioning: Arrays) -> np.ndarray:
        graph = self.graphs["denoiser"]
        self._denoiser = self._denoiser or self.session(graph)
        batch = len(latent)
        timestep = np.full(batch, graph["timestepScale"] * np.float32(sigma), np.float32)
        feeds = {name: np.repeat(value, batch, 0) for name, value in conditioning.items()}
        feeds |= {graph["latent"]: latent, graph["timestep"]: timestep}
        return self._denoiser.run([graph["output"]], feeds)[0]

    def decode(self, latent: np.ndarray) -> np.ndarray:
        graph = self.graphs["decoder"]
        return self.session(graph).run([graph["output"]], {graph["input"]: latent})[0]

    def noise(self, seeds: list[int], size: tuple[int, int], step: int) -> np.ndarray:
        channels = self.graphs["denoiser"]["latentChannels"]
        return np.stack([normal((channels, *size), seed, step) for seed in seeds])

    def draw(self, conditioning: Arrays, seeds: list[int], schedule: list[Step]) -> Drawn:
        """The scale loop of src/sample.ts."""
        latent = self.noise(seeds, schedule[0][0], 0)
        estimates = []
        for i, (size, sigma) in enumerate(schedule):
            x0 = latent - np.float32(sigma) * self.velocity(latent, sigma, conditioning)
            estimates.append(x0)
            if i + 1 < len(schedule):
                following, lower = schedule[i + 1]
                larger = x0 if following == size else upscaled(x0, following)
                noise = self.noise(seeds, following, i + 1)
                latent = np.float32(1 - lower) * larger + np.float32(lower) * noise
        return Drawn(estimates, self.decode(estimates[-1]))

    def schedule(self, name: str | None = None) -> list[Step]:
        steps = self.manifest["schedules"][name or self.manifest["defaultSchedule"]]
        return [((step["size"], step["size"]), step["sigma"]) for step in steps]


def upscaled(x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return torch.nn.functional.interpolate(torch.from_numpy(x), size=size, mode="bicubic").numpy()
