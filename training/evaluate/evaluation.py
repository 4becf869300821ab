"""How well each sampler follows its prompts, by the scorer, on combinations that no training picture shows."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from training.config.editions import EDITION
from training.config.runs import autocast, device
from training.config.whole_file import write_whole
from training.data.art import load_art
from training.data.captions import STYLE_WORDS
from training.data.compose import Drawings, compose, of_style
from training.data.heldout import load_held_out, plain_caption, single_scenes
from training.data.scenes import Scene
from training.evaluate.metrics import kid
from training.evaluate.samplers import Sampler
from training.evaluate.scores import BATCH, Embedder, Seen, enlarged, score, score_singles, together
from training.nets.inception import load_inception
from training.nets.trained import load_autoencoder

STYLE = "fluent-3d"
"""That of the real renders."""
Report = dict[str, Any]
"""What is measured of one sampler, as docs/results.json has it."""


def held_out_scenes(prompts: int = 300) -> tuple[list[Scene], Drawings]:
    """Scenes that no training picture shows, and the drawings that they are made of."""
    drawings = of_style(load_art(EDITION.pixels), STYLE)
    every = load_held_out({slug: concept for slug, (concept, _) in drawings.items()})
    # Evenly from the list, which is in order of kind.
    return [every[i] for i in np.linspace(0, len(every) - 1, min(prompts, len(every))).round().astype(int)], drawings


def render(scenes: list[Scene], drawings: Drawings) -> Tensor:
    """The scenes of the real drawings, (N, 4, pixels, pixels) premultiplied in [0, 1]."""
    renders = np.stack([compose(scene, drawings) for scene in scenes])
    return torch.from_numpy(renders).permute(0, 3, 1, 2).to(device()) / 255


def prompt_of(scene: Scene) -> str:
    """In the style of the real renders, which pictures are compared with."""
    return f"{plain_caption(scene)}, {STYLE_WORDS[STYLE]}"


class Evaluation:
    """Held-out scenes and single things, their real renders, and what scores pictures of them."""

    def __init__(self, scenes: list[Scene], drawings: Drawings, embedder: Embedder) -> None:
        self.scenes, self.embedder = scenes, embedder
        self.singles = single_scenes({slug: concept for slug, (concept, _) in drawings.items()})
        self.autoencoder = load_autoencoder().to(device())
        self.inception = load_inception()
        rendered = render(scenes, drawings)
        self.pixels = rendered.shape[-1]
        self.real = embedder.see(rendered)
        self.real_singles = embedder.images(render(self.singles, drawings))
        self.real_inception = torch.cat([self.inception_features(part) for part in rendered.split(BATCH)])

    def draw(self, sampler: Sampler, scenes: list[Scene], seed: int) -> Iterator[Tensor]:
        """Pictures (B, 4, pixels, pixels), a batch at a time; no two share their noise."""
        for start in tqdm(range(0, len(scenes), BATCH), desc=f"{sampler.name}, seed {seed}", mininterval=20):
            part = scenes[start : start + BATCH]
            prompts = [prompt_of(scene) for scene in part]
            seeds = [1000 * seed + start + i for i in range(len(part))]
            if sampler.pictures:
                yield enlarged(sampler.pictures(prompts, seeds).to(device()), self.pixels)
                continue
            with autocast():
                latents = sampler.draw(self.embedder.encode(prompts), seeds)
            # In float32: rounding to bfloat16 is not what ships.
            pictures = self.autoencoder.decode(latents.float().to(device())).clamp(0, 1)
            yield enlarged(pictures, self.pixels)

    def inception_features(self, pictures: Tensor) -> Tensor:
        """Its features are slow to take: every other prompt will do."""
        with autocast():
            return self.inception(pictures[::2]).float().cpu()

    def of_real(self) -> Report:
        return {
            "runs": 0,
            "tokens": 0,
            "inceptionKid": kid(self.real_inception, self.real_inception),
            "single": score_singles([self.real_singles], self.singles, self.embedder),
            **score([self.real], self.scenes, self.embedder, self.real),
        }

    def singles_of(self, sampler: Sampler, seeds: int) -> Report:
        drawn = [
            torch.cat([*map(self.embedder.images, self.draw(sampler, self.singles, seed))]) for seed in range(seeds)
        ]
        return score_singles(drawn, self.singles, self.embedder)

    def of(self, sampler: Sampler, seeds: int) -> Report:
        """Of the held-out scenes alone."""
        draws: list[Seen] = []
        features: list[Tensor] = []
        for seed in range(seeds):
            parts = []
            for pictures in self.draw(sampler, self.scenes, seed):
                parts.append(self.embedder.see(pictures))
                if seed == 0:
                    features.append(self.inception_features(pictures))
            draws.append(together(parts))
        return {
            "runs": sampler.runs,
            "tokens": sampler.tokens,
            **({"training": sampler.training} if sampler.training else {}),
            "inceptionKid": kid(torch.cat(features), self.real_inception),
            **score(draws, self.scenes, self.embedder, self.real),
        }

    def whole(self, sampler: Sampler, seeds: int) -> Report:
        """Of the held-out scenes and the single things."""
        return {**self.of(sampler, seeds), "single": self.singles_of(sampler, seeds)}


class Kept:
    """Reports that are already there. Those of other prompts or weights are not taken: `of` says what they hold for,
    and a student to compare with says itself how it was trained."""

    def __init__(self, path: Path, of: dict[str, Any]) -> None:
        self.path, self.of = path, of
        state = json.loads(path.read_text()) if path.exists() else {}
        self.reports: dict[str, Report] = state["samplers"] if state.get("of") == of else {}

    def get(self, name: str, make: Callable[[], Report], training: dict[str, Any] | None = None) -> Report:
        if name not in self.reports or self.reports[name].get("training") != training:
            # Through JSON at once, so that a report read back is the same as one just made.
            self.reports[name] = json.loads(json.dumps(make()))
            write_whole(self.path, json.dumps({"of": self.of, "samplers": self.reports}))
        return self.reports[name]
