"""A model folder as users have it: its ONNX files, run in float32 by onnxruntime."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnxruntime as ort
import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.config.schedules import ScaleStep, Schedule
from training.method.flow import timestep
from training.method.sample import sample


class ShippedModel:
    """folder: with manifest.json, one text encoder, denoiser and decoder, each in one file."""

    def __init__(self, folder: Path) -> None:
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        text, self.denoiser, self.decoder = (
            ort.InferenceSession(folder / f"{graph}.onnx") for graph in ("text-encoder", "denoiser", "decoder")
        )
        self.text = text
        self.channels: int = self.manifest["denoiser"]["latentChannels"]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(self.manifest["textEncoders"][0]["tokenizer"]["maxTokens"])
        self.tokenizer.enable_padding()

    @property
    def name(self) -> str:
        return f"{self.manifest['id']} {self.manifest['version']}"

    def velocity(self, prompts: list[str]) -> Callable[[Tensor, float], Tensor]:
        encoded = self.tokenizer.encode_batch(prompts)
        ids = torch.tensor([e.ids for e in encoded])
        mask = torch.tensor([e.attention_mask for e in encoded])
        states = self.text.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
        given = {"text": states, "text_mask": mask.float().numpy()}

        def velocity(latent: Tensor, sigma: float) -> Tensor:
            time = torch.full((len(latent),), timestep(sigma))
            return torch.from_numpy(
                self.denoiser.run(None, {"latent": latent.numpy(), "timestep": time.numpy(), **given})[0]
            )

        return velocity

    def latents(self, prompts: list[str], seeds: list[int], schedule: str | None = None) -> Tensor:
        """(B, C, H, W), by one of its own schedules; its default where none is named."""
        steps = self.manifest["schedules"][schedule or self.manifest["defaultSchedule"]]
        return self.draw(prompts, seeds, tuple(ScaleStep(step["size"], step["sigma"]) for step in steps))

    def draw(self, prompts: list[str], seeds: list[int], schedule: Schedule) -> Tensor:
        """(B, C, H, W), by any schedule."""
        return sample(self.velocity(prompts), schedule, seeds, self.channels)[-1]

    def decode(self, latents: Tensor) -> Tensor:
        """(B, 4, pixels, pixels) premultiplied, in [0, 1]."""
        return torch.from_numpy(self.decoder.run(None, {"latent": latents.numpy()})[0]).clamp(0, 1)
