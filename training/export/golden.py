"""Numbers that the TypeScript tests check against, from PyTorch: python -m training.export.golden

Writes src/kernels/golden/*.json. Run it again only when a definition changes; the files are committed. What they feed:
bicubic.json, noise.json   src/kernels/testing/describe-kernels.ts (every kernel, on the CPU and WebGPU), philox.test.ts
loop.json                  src/sample.test.ts; its twins are src/sample.ts and training/method/sample.py
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from training.config.whole_file import write_whole
from training.method import philox
from training.programs import run_program

FOLDER = Path(__file__).parents[2] / "src" / "kernels" / "golden"
Size = tuple[int, int]
SEEDS = [0, 7, 2**32 + 5, 2**64 - 1]


def numbers(values: torch.Tensor | np.ndarray) -> list[float]:
    """Nine significant digits name a float32 exactly."""
    return [float(f"{value:.9g}") for value in np.asarray(values, dtype=np.float32).ravel()]


def bicubic() -> dict[str, Any]:
    """Up, down, equal, odd, rectangular, along one axis, and from a single cell. Two planes each."""
    generator = torch.Generator().manual_seed(0)
    sizes: list[tuple[Size, Size]] = [
        ((4, 4), (8, 8)),
        ((5, 7), (9, 10)),
        ((3, 5), (3, 8)),
        ((6, 6), (6, 6)),
        ((7, 3), (12, 11)),
        ((1, 1), (3, 2)),
        ((8, 6), (5, 5)),
    ]
    cases = []
    for source, target in sizes:
        x = torch.randn(1, 2, *source, generator=generator)
        # F.interpolate(x, size=target, mode="bicubic", align_corners=False)
        y = F.interpolate(x, size=target, mode="bicubic", align_corners=False)
        cases.append({"from": source, "to": target, "input": numbers(x), "output": numbers(y)})
    return {"torch": 'F.interpolate(input, size=to, mode="bicubic", align_corners=False)', "cases": cases}


def noise() -> dict[str, Any]:
    """Philox words of the first elements, the Gaussians of a (2, 3, 5) latent, and torch's own from a GPU."""
    draws = []
    for seed in SEEDS:
        for step in (0, 3):
            words = philox.words(4, seed, step)
            draws.append(
                {
                    "seed": str(seed),
                    "step": step,
                    "words": [[int(word) for word in block] for block in words.T],
                    # philox.normal((2, 3, 5), seed, step)
                    "normal": numbers(philox.normal((2, 3, 5), seed, step)),
                }
            )
    return {
        "draws": draws,
        # torch.manual_seed(0); torch.randn(4, device="cuda")
        "cuda": [-0.92466259, -0.42534415, -2.6438457, 0.14518388],
    }


def loop() -> dict[str, Any]:
    """A whole scale loop over recorded velocities: growing, equal and rectangular sizes, two images."""
    schedule: list[tuple[Size, float]] = [((3, 4), 1.0), ((5, 6), 0.85), ((5, 6), 0.7), ((8, 7), 0.6)]
    seeds, channels = [7, 2**40 + 1], 2
    generator = torch.Generator().manual_seed(1)

    def epsilon(size: Size, step: int) -> torch.Tensor:
        return torch.from_numpy(np.stack([philox.normal((channels, *size), seed, step) for seed in seeds]))

    x = epsilon(schedule[0][0], 0)
    latents, velocities, x0 = [], [], x
    for i, (size, sigma) in enumerate(schedule):
        # Recorded, not computed from x, so that an error made in one step is not amplified by the next.
        velocity = torch.randn(len(seeds), channels, *size, generator=generator)
        latents.append(numbers(x))
        velocities.append(numbers(velocity))
        x0 = x - sigma * velocity
        if i + 1 < len(schedule):
            next_size, next_sigma = schedule[i + 1]
            resized = x0
            if next_size != size:
                # F.interpolate(x0, size=next_size, mode="bicubic", align_corners=False)
                resized = F.interpolate(x0, size=next_size, mode="bicubic", align_corners=False)
            x = (1 - next_sigma) * resized + next_sigma * epsilon(next_size, i + 1)
    return {
        "schedule": [{"size": size, "sigma": sigma} for size, sigma in schedule],
        "channels": channels,
        "seeds": [str(seed) for seed in seeds],
        "latents": latents,
        "velocities": velocities,
        "x0": numbers(x0),
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, golden in {"bicubic": bicubic(), "noise": noise(), "loop": loop()}.items():
        path = FOLDER / f"{name}.json"
        write_whole(path, json.dumps(golden) + "\n")
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    run_program(main)
