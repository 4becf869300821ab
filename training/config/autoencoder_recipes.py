"""Recipes of what turns pictures into latents and back: the autoencoders, and the stages that train a decoder alone."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class AutoencoderRecipe:
    stage: ClassVar[str] = "autoencoder"
    minutes: float = 25
    cooldown_minutes: float = 10  # at the end, while the learning rate falls to 0
    warmup_steps: int = 100
    batch: int = 16
    crop_cells: int = 8  # cells a side of the crops that it learns from
    lr: float = 1e-3
    ema: float = 0.999


@dataclass(frozen=True)
class NativeAutoencoderRecipe:
    stage: ClassVar[str] = "native_autoencoder"
    minutes: float = 120
    cooldown_minutes: float = 0  # runs add up; the last one cools down
    warmup_steps: int = 200
    batch: int = 8
    crop: int = 128  # pixels a side
    lr: float = 5e-4
    ema: float = 0.999
    losses: dict[str, float] = field(
        default_factory=lambda: {"reconstruction": 1.0, "squared": 4.0, "colour": 0.5, "unit": 2e-3}
    )
    equivariance: float = 0.25
    equivariant_parts: tuple[float, ...] = (0.5, 0.75)  # the ratios of sizes in the schedules
    nested_share: float = 0.25  # of the pictures, decoded from the nested channels alone
    noise_from: float = 0.05  # of the latents; full noise from the first step collapses the encoder
    noise_steps: int = 3000  # until it is the config's


@dataclass(frozen=True)
class DecoderRecipe:
    stage: ClassVar[str] = "decoder"
    minutes: float = 26
    cooldown_minutes: float = 12
    warmup_steps: int = 50
    batch: int = 8  # pictures of the last size; more of smaller ones
    largest_part: float = 0.7  # of the steps, at the last size; the others share the rest
    redrawn: float = 0.5  # part of the last size's batches that the student draws
    lr: float = 5e-4
    ema: float = 0.998


@dataclass(frozen=True)
class NativeDecoderRecipe:
    stage: ClassVar[str] = "native_decoder"
    minutes: float = 100
    cooldown_minutes: float = 60
    warmup_steps: int = 100
    batch: int = 8
    crop: int = 128  # pixels a side
    lr: float = 3e-4
    head_lr: float = 2e-4  # of what tells real crops from decoded ones
    ema: float = 0.998
    losses: dict[str, float] = field(
        default_factory=lambda: {
            "reconstruction": 1.0,
            "squared": 4.0,
            "colour": 0.5,
            "features": 0.05,
            "adversary": 1e-3,
        }
    )
    equivariance: float = 0.25
    equivariant_parts: tuple[float, ...] = (0.5, 0.75)
