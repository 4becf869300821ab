"""How well each sampler follows its prompts, told by the judge on combinations that nobody trained on.

    python -m training.nets.scorer --minutes 12
    (cd training/witness && npm ci && npm run unpack)
    python -m training.evaluate.evaluation               # → docs/results.json and docs/RESULTS.md
    python -m training.evaluate.evaluation --students    # → docs/students.json: those of training.studies.students

What is measured of a sampler is kept in training/runs at once: a run that was cut short goes on where it was.
"""

import argparse
import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from training.data.art import load_art
from training.nets.autoencoder import load_autoencoder
from training.data.captions import Scene
from training.data.compose import Drawings, compose, of_style
from training.config.editions import EDITION
from training.data.heldout import load_held_out, plain_caption, single_scenes
from training.nets.inception import load_inception
from training.nets.scorer import load_judge
from training.method.loop import RUNS, autocast, device, load
from training.evaluate.metrics import kernel_distance
from training.evaluate.page import RESULTS, STUDENTS, write_page
from training.evaluate.samplers import Sampler, samplers, samplers_of_studies
from training.evaluate.scores import BATCH, CHOICES, Scorer, Seen, enlarged, score, score_singles, together
from training.stages.teacher import Captioner

Report = dict[str, Any]
"""What is measured of one sampler, as docs/results.json has it."""


def held_out_scenes(prompts: int = 300) -> tuple[list[Scene], Drawings]:
    """Scenes that no training picture shows, and the drawings that they are made of."""
    drawings = of_style(load_art(EDITION.pixels), "fluent-3d")
    every = load_held_out({slug: concept for slug, (concept, _) in drawings.items()})
    # Evenly from the list, which is in order of kind.
    return [every[i] for i in np.linspace(0, len(every) - 1, min(prompts, len(every))).round().astype(int)], drawings


class Evaluation:
    """Held-out scenes and single things, their real renders, and who scores pictures of them."""

    def __init__(self, scenes: list[Scene], drawings: Drawings, scorer: Scorer) -> None:
        self.scenes, self.scorer = scenes, scorer
        self.singles = single_scenes({slug: concept for slug, (concept, _) in drawings.items()})
        self.autoencoder = load_autoencoder().to(device())
        self.witness = load_inception()
        rendered = self.render(scenes, drawings)
        self.pixels = rendered.shape[-1]
        self.real = scorer.see(rendered)
        self.real_singles = scorer.images(self.render(self.singles, drawings))
        self.real_witnessed = torch.cat([self.witnessed(part) for part in rendered.split(BATCH)])

    def render(self, scenes: list[Scene], drawings: Drawings) -> Tensor:
        renders = np.stack([compose(scene, drawings) for scene in scenes])
        return torch.from_numpy(renders).permute(0, 3, 1, 2).to(device()) / 255

    def draw(self, sampler: Sampler, scenes: list[Scene], seed: int) -> Iterator[Tensor]:
        """Pictures (B, 4, pixels, pixels), a batch at a time; no two share their noise."""
        for start in tqdm(range(0, len(scenes), BATCH), desc=f"{sampler.name}, seed {seed}", mininterval=20):
            part = scenes[start : start + BATCH]
            text = self.scorer.captioner([plain_caption(scene) for scene in part])
            with autocast():
                latents = sampler.draw(text, [1000 * seed + start + i for i in range(len(part))])
                pictures = self.autoencoder.decode(latents.float().to(device())).float().clamp(0, 1)
            yield enlarged(pictures, self.pixels)

    def witnessed(self, pictures: Tensor) -> Tensor:
        """Its features are slow to take: every other prompt will do."""
        with autocast():
            return self.witness(pictures[::2]).float().cpu()

    def of_real(self) -> Report:
        return {
            "runs": 0,
            "tokens": 0,
            "witnessDistance": kernel_distance(self.real_witnessed, self.real_witnessed),
            "single": score_singles([self.real_singles], self.singles, self.scorer),
            **score([self.real], self.scenes, self.scorer, self.real),
        }

    def singles_of(self, sampler: Sampler, seeds: int) -> Report:
        drawn = [torch.cat([*map(self.scorer.images, self.draw(sampler, self.singles, seed))]) for seed in range(seeds)]
        return score_singles(drawn, self.singles, self.scorer)

    def of(self, sampler: Sampler, seeds: int) -> Report:
        """Of the held-out scenes alone."""
        draws: list[Seen] = []
        features: list[Tensor] = []
        for seed in range(seeds):
            parts = []
            for pictures in self.draw(sampler, self.scenes, seed):
                parts.append(self.scorer.see(pictures))
                if seed == 0:
                    features.append(self.witnessed(pictures))
            draws.append(together(parts))
        return {
            "runs": sampler.runs,
            "tokens": sampler.tokens,
            **({"training": sampler.training} if sampler.training else {}),
            "witnessDistance": kernel_distance(torch.cat(features), self.real_witnessed),
            **score(draws, self.scenes, self.scorer, self.real),
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
            partial = self.path.with_suffix(".partial")
            partial.write_text(json.dumps({"of": self.of, "samplers": self.reports}))
            partial.replace(self.path)
        return self.reports[name]


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prompts", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", type=re.compile, default="", help="samplers whose names this expression finds")
    parser.add_argument("--students", action="store_true", help="those to compare with, not what ships")
    args = parser.parse_args()
    scenes, drawings = held_out_scenes(args.prompts)
    captioner = Captioner()
    evaluation = Evaluation(scenes, drawings, Scorer(*load_judge(), captioner))
    setting = {
        "prompts": len(scenes),
        "singles": len(evaluation.singles),
        "seeds": args.seeds,
        "choices": CHOICES,
        "pixels": EDITION.pixels,
        "teacherSamples": int(load(RUNS / "teacher.pt")["samples"]),
        "studentSteps": int(load(RUNS / "student.pt")["step"]),
        "judgeSteps": int(load(RUNS / "judge.pt")["step"]),
    }
    paths = [RUNS / f"{name}.pt" for name in ("teacher", "student", "autoencoder", "decoder", "judge")]
    weights = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.exists()}
    kept = Kept(RUNS / "evaluation.json", setting | weights)
    reports = {"real renders": kept.get("real renders", evaluation.of_real)}
    make_samplers = samplers_of_studies if args.students else samplers
    for sampler in make_samplers(captioner([""])):
        if re.search(args.only, sampler.name):
            make = functools.partial(evaluation.whole, sampler, args.seeds)
            reports[sampler.name] = kept.get(sampler.name, make, sampler.training)
    path = STUDENTS if args.students else RESULTS
    path.write_text(json.dumps({"setting": setting, "samplers": reports}, indent=1) + "\n")
    write_page()


if __name__ == "__main__":
    main()
