"""The scale schedules that SwD's models were distilled for, by name (the SwD paper, arXiv 2503.16397, section 4 and the
authors' model cards; docs/METHOD.md)."""

from typing import Literal

Family = Literal["sd35-medium", "sd35-large", "sdxl"]

FULL = 128  # latent cells along one side of the pictures that the models were distilled for

# Entries 0, 4, 7, 12, 14 and 18 of diffusers' 28 sigmas with shift 3; four steps take 0, 7, 14 and 18.
SIX = [(32, 1.0), (48, 0.9454), (64, 0.8959), (80, 0.7904), (96, 0.7371), (128, 0.6022)]
FOUR = [(64, 1.0), (80, 0.8959), (96, 0.7371), (128, 0.6022)]
FOUR_OF_2025 = [(32, 1.0), (64, 0.9454), (96, 0.7904), (128, 0.6022)]  # the card's first revision

Steps = list[tuple[int, float]]
Schedules = dict[str, Steps]

OF_SD35: Schedules = {"6-steps": SIX, "4-steps": FOUR, "4-steps-2025": FOUR_OF_2025}
DEFAULT: dict[Family, str] = {"sd35-medium": "6-steps", "sd35-large": "4-steps", "sdxl": "4-steps"}

SDXL_SIZES = 64, 80, 96, 128
SDXL_TIMESTEPS = 999, 800, 600, 400  # of 1000; their sigmas follow from the checkpoint's own noise table


def scaled(steps: Steps, sample: int) -> Steps:
    """For a model whose full size is `sample` cells: a small test model has small sizes."""
    return [(size * sample // FULL, sigma) for size, sigma in steps]


def sdxl_schedules(sigmas: list[float]) -> Schedules:
    """sigmas: one for each of the 1000 timesteps. The first step starts from pure noise."""
    steps = [1.0, *(round(sigmas[t], 7) for t in SDXL_TIMESTEPS[1:])]
    return {"4-steps": list(zip(SDXL_SIZES, steps, strict=True))}


def default_schedule(family: Family, schedules: Schedules, lora_name: str | None) -> str:
    """The one that a LoRA's name tells ("swd-medium-6-steps"), else the family's."""
    told = [name for name in schedules if lora_name and name in lora_name.lower()]
    return max(told, key=len) if told else DEFAULT[family]
