"""Which schedule for which budget, and whether it pays to choose it prompt by prompt.

    (cd training/nets/inception_weights && npm ci && npm run unpack)
    python -m training.evaluate.ladders     # → docs/ladders.json

Beside the schedules that ship stand ladders made by rule, of one step to six: noise levels evenly apart, moved towards
noise, each at the smallest size that the latents' spectrum allows there. What is measured of a picture is its distance
to the thing's drawing (evaluate/ruler.py); of a schedule also the Inception KID of what it draws for prompts that no
training picture shows, which sees the defects that the distance of single things does not.

By prompt: each thing gets the schedule that was nearest on half of its seeds, and the other half is measured, both
ways. What that gains over the one schedule that was nearest on all things is what knowing the prompt is worth at most.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.config.runs import autocast
from training.config.schedules import SIZES, ScaleStep, Schedule, ladder, tokens
from training.config.whole_file import write_whole
from training.data.art import Art, load_art
from training.data.captions import STYLE_WORDS
from training.data.heldout import plain_name
from training.evaluate.evaluation import held_out_scenes, prompt_of, render
from training.evaluate.metrics import kid
from training.evaluate.page import LADDERS
from training.evaluate.ruler import STYLE, Ruler, cut_out, pictures_of, things_of
from training.evaluate.scores import BATCH
from training.evaluate.shipped import ShippedModel
from training.method.spectrum import masking_sigma, power_at, radial_power
from training.nets.inception import Inception, load_inception
from training.nets.trained import load_autoencoder
from training.programs import run_program

SHIFT, MARGIN = 3.0, 2.0
"""Of noise levels towards noise, and over the level that masks what a size cannot hold: with these the rule finds the
default schedule, by whose like the student was trained."""
MOST_STEPS = 6
LATENTS = 256


def by_spectrum(steps: int, masked: dict[int, float]) -> Schedule:
    """masked: by size, but the largest, the noise level above which nothing is missing at it."""
    sizes = (*sorted(masked), max(SIZES))
    rungs = []
    for i in range(steps):
        even = 1 - i / steps
        sigma = SHIFT * even / (1 + (SHIFT - 1) * even)
        size = next((size for size in sizes[:-1] if sigma >= min(1, MARGIN * masked[size])), sizes[-1])
        rungs.append((sizes[-1] if i == steps - 1 else size, round(sigma, 3)))
    return ladder(*rungs)


@torch.no_grad()
def masked_by_size(art: Art) -> dict[int, float]:
    rows = np.linspace(0, len(art.pixels) - 1, LATENTS).round().astype(int)
    pictures = torch.from_numpy(np.stack([art.pixels[i] for i in rows])).permute(0, 3, 1, 2).float() / 255
    autoencoder = load_autoencoder().cpu()
    power = radial_power(torch.cat([autoencoder.encode(some) for some in pictures.split(16)]))
    return {size: masking_sigma(power_at(power, size)) for size in SIZES[:-1]}


def gain_by_prompt(distances: npt.NDArray[np.float64], resamples: int = 10_000) -> dict[str, float]:
    """distances: (schedules, things, seeds). How much nearer pictures are where each thing has its own schedule, with
    the 95% bootstrap interval over things. `hindsight`: the same, chosen by the seeds that it is measured on."""

    def gains(known: npt.NDArray[np.float64], measured: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(schedules, things) each → (things,)."""
        own = measured[known.argmin(0), np.arange(known.shape[1])]
        return measured[known.mean(1).argmin()] - own

    halves = [distances[:, :, parity::2].mean(2) for parity in (0, 1)]
    gain = (gains(halves[0], halves[1]) + gains(halves[1], halves[0])) / 2
    rng = np.random.default_rng(0)
    means = gain[rng.integers(0, len(gain), (resamples, len(gain)))].mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    everything = distances.mean(2)
    hindsight = gains(everything, everything).mean()
    return {"gain": float(gain.mean()), "low": float(low), "high": float(high), "hindsight": float(hindsight)}


@torch.no_grad()
def inception_kids(
    model: ShippedModel, candidates: dict[str, Schedule], inception: Inception, count: int
) -> dict[str, float]:
    """By schedule: the KID to the real renders of the same `count` held-out scenes."""
    scenes, drawings = held_out_scenes(count)

    def features(pictures: Tensor) -> Tensor:
        with autocast():
            return torch.cat([inception(part).float() for part in pictures.split(BATCH)])

    def drawn(schedule: Schedule) -> Iterator[Tensor]:
        for start in range(0, len(scenes), BATCH):
            prompts = [prompt_of(scene) for scene in scenes[start : start + BATCH]]
            yield model.decode(model.draw(prompts, list(range(start, start + len(prompts))), schedule))

    real = features(render(scenes, drawings))
    kids = {}
    for name, schedule in candidates.items():
        kids[name] = kid(torch.cat([*map(features, drawn(schedule))]), real)
        print(f"{name}: Inception KID {kids[name]:.3f}", flush=True)
    return kids


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Path("models/emoji"))
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--prompts", type=int, default=150, help="of the KID")
    args = parser.parse_args()
    art, model = load_art(256), ShippedModel(args.model)
    slugs = things_of(art)
    names = {concept.slug: plain_name(concept) for concept in art.concepts}
    inception = load_inception()
    ruler = Ruler([torch.stack([*map(cut_out, pictures_of(art, slug, (STYLE,)))]) for slug in slugs], inception)
    masked = masked_by_size(art)
    print("nothing is missing above sigma", {size: round(sigma, 3) for size, sigma in masked.items()}, flush=True)

    candidates: dict[str, Schedule] = {
        name: tuple(ScaleStep(**step) for step in steps) for name, steps in model.manifest["schedules"].items()
    }
    for steps in range(1, MOST_STEPS + 1):
        rule = by_spectrum(steps, masked)
        if rule not in candidates.values():
            candidates[f"{steps} by rule"] = rule
    kids = inception_kids(model, candidates, inception, args.prompts)
    measured, rows = [], {}
    for name, schedule in candidates.items():
        found = np.zeros((len(slugs), args.seeds))
        for thing, slug in enumerate(slugs):
            prompts = [f"a {names[slug]}, {STYLE_WORDS[STYLE]}"] * args.seeds
            seeds = [args.seeds * thing + i for i in range(args.seeds)]
            pictures = model.decode(model.draw(prompts, seeds, schedule))
            found[thing] = [ruler.distance(thing, picture[None])["features"] for picture in pictures]
        measured.append(found)
        steps = [{"size": step.size, "sigma": step.sigma} for step in schedule]
        rows[name] = {
            "steps": steps,
            "tokens": tokens(schedule),
            "distance": float(found.mean()),
            "inceptionKid": round(kids[name], 4),
        }
        print(f"{name}: {rows[name]['tokens']} tokens, {found.mean():.4f}", flush=True)
    shipped = np.stack(measured)[: len(model.manifest["schedules"])]
    result = {
        "model": model.name,
        "things": len(slugs),
        "seeds": args.seeds,
        "prompts": args.prompts,
        "masked": {str(size): round(sigma, 4) for size, sigma in masked.items()},
        "schedules": rows,
        "byPrompt": gain_by_prompt(shipped),
    }
    print(result["byPrompt"])
    write_whole(LADDERS, json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    run_program(main)
