"""How well each sampler follows its prompts, told by the judge on combinations that nobody trained on.

python -m training.judge --minutes 12
(cd training/witness && npm ci && npm run unpack)
python -m training.evaluate           # → docs/results.json and docs/RESULTS.md
"""

import argparse
import json
import re
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from training.art import load_art
from training.autoencoder import load_autoencoder
from training.captions import RELATIONS, Scene
from training.compose import COLOURS, Drawings, compose, of_style
from training.heldout import kind_of, load_held_out, plain_caption
from training.inception import load_inception
from training.judge import Judge, JudgeConfig, load_judge, on_background, shrink
from training.loop import RUNS, autocast, device, load
from training.metrics import chosen_right, edge_strength, interval, kernel_distance, ranks
from training.results import write_results
from training.samplers import samplers
from training.train import Captioner

CHOICES = 100
BATCH = 50


@dataclass(frozen=True)
class Seen:
    """What is measured of N pictures. images: the judge's embeddings (N, D); patches: those of each picture's quarters
    (4·N, D); edges: how strong the edges are (N,)."""

    images: Tensor
    patches: Tensor
    edges: Tensor


def together(parts: list[Seen]) -> Seen:
    return Seen(*(torch.cat([getattr(part, f.name) for part in parts]) for f in fields(Seen)))


class Scorer:
    """Embeds pictures and captions with the judge; captions are remembered."""

    def __init__(self, judge: Judge, config: JudgeConfig, captioner: Captioner) -> None:
        self.judge, self.config, self.captioner = judge, config, captioner
        self.known: dict[str, Tensor] = {}

    @torch.no_grad()
    def images(self, pictures: Tensor) -> Tensor:
        """(B, 4, H, W) premultiplied → (B, D)."""
        return self.judge.embed_images(shrink(pictures.float(), self.config)).cpu()

    @torch.no_grad()
    def see(self, pictures: Tensor) -> Seen:
        """(B, 4, H, W) premultiplied, twice the judge's size: a quarter of it is as large as what the judge sees."""
        side = self.config.pixels
        patches = F.unfold(pictures, side, stride=side).unflatten(1, (4, side, side)).movedim(-1, 1).flatten(0, 1)
        white = torch.ones(len(pictures), 3, device=pictures.device)
        return Seen(self.images(pictures), self.images(patches), edge_strength(on_background(pictures, white)).cpu())

    @torch.no_grad()
    def texts(self, captions: list[str]) -> Tensor:
        new = sorted({caption for caption in captions if caption not in self.known})
        for start in range(0, len(new), BATCH):
            part = new[start : start + BATCH]
            self.known.update(zip(part, self.judge.embed_texts(*self.captioner(part)).cpu(), strict=True))
        return torch.stack([self.known[caption] for caption in captions])


def alternatives(scene: Scene, others: list[Scene]) -> dict[str, list[str]]:
    """Questions about a scene: name → captions of which the first is right and the others differ in one thing."""
    questions: dict[str, list[str]] = {}

    def ask(name: str, wrong: list[Scene]) -> None:
        right = plain_caption(scene)
        captions = [caption for caption in map(plain_caption, wrong) if caption != right]
        if captions:
            questions[name] = [right, *captions]

    if scene.colour:
        ask("colour", [replace(scene, colour=colour) for colour in COLOURS if colour != scene.colour])
    if scene.count > 1:
        ask("count", [replace(scene, count=count) for count in (1, 2, 3, 4) if count != scene.count])
    if scene.other:
        ask("second object", [replace(scene, other=other.subject) for other in others if other.subject != scene.other])
        if scene.relation in ("on top of", "under"):
            ask("above or below", [replace(scene, relation=r) for r in RELATIONS if r in ("on top of", "under")])
        if scene.colour:
            ask("whose colour", [replace(scene, subject=scene.other, other=scene.subject)])
    return questions


def score(draws: list[Seen], scenes: list[Scene], scorer: Scorer, real: Seen, seed: int = 0) -> dict[str, object]:
    """draws: a list of several, each of one picture a scene."""
    images = [seen.images for seen in draws]
    captions = [plain_caption(scene) for scene in scenes]
    texts = scorer.texts(captions)
    found = torch.stack([ranks(drawn, texts, CHOICES, seed) for drawn in images]).numpy()
    rng = np.random.default_rng(seed)
    right: dict[str, list[float]] = {}
    for i, scene in enumerate(scenes):
        others = [scenes[int(j)] for j in rng.choice(len(scenes), 10, replace=False)]
        for name, captions_ in alternatives(scene, others).items():
            vectors = scorer.texts(captions_)
            right.setdefault(name, []).append(np.mean([chosen_right(drawn[i], vectors) for drawn in images]))
    kinds = {kind: np.array([kind_of(scene) == kind for scene in scenes]) for kind in map(kind_of, scenes)}
    report: dict[str, object] = {
        "top1": interval((found == 0).mean(0)),
        "top5": interval((found < 5).mean(0)),
        "top1ByKind": {kind: interval((found == 0).mean(0)[rows]) for kind, rows in kinds.items()},
        "questions": {name: {**interval(np.array(values)), "prompts": len(values)} for name, values in right.items()},
        "kernelDistance": float(np.mean([kernel_distance(drawn, real.images) for drawn in images])),
        "patchDistance": float(np.mean([kernel_distance(seen.patches, real.patches) for seen in draws])),
        "edges": interval(torch.stack([seen.edges for seen in draws]).mean(0).numpy() / float(real.edges.mean())),
    }
    if len(images) > 1:
        report["likenessOfSeeds"] = interval((images[0] * images[1]).sum(1).numpy())
    return report


def held_out_scenes(prompts: int = 300) -> tuple[list[Scene], Drawings]:
    """Scenes that no training picture shows, and the drawings that they are made of."""
    drawings = of_style(load_art(128), "fluent-3d")
    every = load_held_out({slug: concept for slug, (concept, _) in drawings.items()})
    # Evenly from the list, which is in order of kind.
    return [every[i] for i in np.linspace(0, len(every) - 1, min(prompts, len(every))).round().astype(int)], drawings


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prompts", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", type=re.compile, default="", help="samplers whose names this expression finds")
    parser.add_argument("--out", type=Path, default=Path("docs/results.json"))
    args = parser.parse_args()
    scenes, drawings = held_out_scenes(args.prompts)
    captioner = Captioner()
    scorer = Scorer(*load_judge(), captioner)
    autoencoder = load_autoencoder().to(device())
    renders = np.stack([compose(scene, drawings) for scene in scenes])
    witness = load_inception()

    def witnessed(pictures: Tensor) -> Tensor:
        with autocast():
            return witness(pictures).float().cpu()

    rendered = torch.from_numpy(renders).permute(0, 3, 1, 2).to(device()) / 255
    real = scorer.see(rendered)
    real_witnessed = torch.cat([witnessed(part[::2]) for part in rendered.split(BATCH)])
    reports: dict[str, dict[str, object]] = {
        "real renders": {"runs": 0, "tokens": 0, **score([real], scenes, scorer, real)}
    }
    reports["real renders"]["witnessDistance"] = kernel_distance(real_witnessed, real_witnessed)
    for sampler in samplers(captioner([""])):
        if not re.search(args.only, sampler.name):
            continue
        draws: list[Seen] = []
        features: list[Tensor] = []
        for seed in range(args.seeds):
            parts = []
            for start in tqdm(range(0, len(scenes), BATCH), desc=f"{sampler.name}, seed {seed}", mininterval=20):
                part = scenes[start : start + BATCH]
                text = captioner([plain_caption(scene) for scene in part])
                with autocast():
                    latents = sampler.draw(text, [1000 * seed + start + i for i in range(len(part))])
                    pictures = autoencoder.decode(latents.float().to(device())).float().clamp(0, 1)
                parts.append(scorer.see(pictures))
                if seed == 0:  # it is large: one draw of every other prompt will do
                    features.append(witnessed(pictures[::2]))
            draws.append(together(parts))
        reports[sampler.name] = {
            "runs": sampler.runs,
            "tokens": sampler.tokens,
            **({"training": sampler.training} if sampler.training else {}),
            "witnessDistance": kernel_distance(torch.cat(features), real_witnessed),
            **score(draws, scenes, scorer, real),
        }
    setting = {"prompts": len(scenes), "seeds": args.seeds, "choices": CHOICES}
    setting["teacherSamples"] = int(load(RUNS / "teacher.pt")["samples"])
    setting["studentSteps"] = int(load(RUNS / "student.pt")["step"])
    setting["judgeSteps"] = int(load(RUNS / "judge.pt")["step"])
    write_results(json.loads(json.dumps({"setting": setting, "samplers": reports})), args.out)


if __name__ == "__main__":
    main()
