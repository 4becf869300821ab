"""What draws for the evaluation: the student that ships, students to compare with, and the teacher."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from training.config.runs import RUNS, device, load
from training.config.schedules import DEFAULT, LADDERS, SCHEDULES, SIZES, ScaleStep, Schedule, tokens
from training.evaluate.shipped import ShippedModel
from training.evaluate.targets import STUDENT as SHIPPED
from training.method.sample import model_velocity, sample, sample_euler
from training.nets.caption_encoder import TextStates
from training.nets.model import DiT
from training.nets.trained import load_student, load_teacher

MODEL = Path("models/emoji")


@dataclass(frozen=True)
class Sampler:
    """draw: token states and seeds to clean latents (B, C, H, W). runs: denoiser calls per picture, tokens: in all.
    training: of a student to compare with, what it was distilled with and for how long. pictures: of what ships,
    prompts and seeds to premultiplied pictures (B, 4, H, W), in place of `draw` and the autoencoder."""

    name: str
    draw: Callable[[TextStates, list[int]], Tensor]
    runs: int
    tokens: int
    training: dict[str, Any] | None = None
    pictures: Callable[[list[str], list[int]], Tensor] | None = None


def as_it_ships(name: str, model: ShippedModel, schedule: str) -> Sampler:
    """By its ONNX files, in float32."""
    steps = SCHEDULES[schedule]

    def draw(text: TextStates, seeds: list[int]) -> Tensor:
        raise NotImplementedError("What ships draws from prompts.")

    def pictures(prompts: list[str], seeds: list[int]) -> Tensor:
        return model.decode(model.latents(prompts, seeds, schedule))

    return Sampler(name, draw, len(steps), tokens(steps), pictures=pictures)


def scale_wise(name: str, model: DiT, schedule: Schedule, training: dict[str, Any] | None = None) -> Sampler:
    def draw(text: TextStates, seeds: list[int]) -> Tensor:
        return sample(model_velocity(model, text), schedule, seeds)[-1]

    return Sampler(name, draw, len(schedule), tokens(schedule), training)


TRAINING = (
    "schedule",
    "losses",
    "guidance",
    "minutes",
    "step",
    "batch",
    "fake_updates",
    "pictures",
    "seed",
    "consistency",
)
"""What a student's checkpoint says of how it was made."""


def compared() -> list[Sampler]:
    """Students distilled to compare with, training/runs/student-*.pt. Only those that say how they were made."""
    found = []
    for path in sorted(RUNS.glob("student-*.pt")):
        state = load(path)
        if not state.keys() >= set(TRAINING):
            continue
        training = {name: state[name] for name in TRAINING}
        model = load_student(path.stem).to(device())
        found.append(scale_wise(path.stem, model, LADDERS[state["schedule"]], training))
    return found


SHIFT = 1.5
"""How far the teacher's Euler steps are moved towards noise, as in training."""


def euler(
    teacher: DiT, empty: TextStates, steps: int, guidance: float, size: int = SIZES[-1], shift: float = SHIFT
) -> Sampler:
    """The teacher by Euler steps at one size, guided under sigma 0.9."""
    runs = steps * (2 if guidance != 1 else 1)

    def draw(text: TextStates, seeds: list[int]) -> Tensor:
        velocity = model_velocity(teacher, text, guidance, empty, below=0.9)
        return sample_euler(velocity, steps, size, seeds, shift=shift)

    unusual = (f", at {size} cells" if size != SIZES[-1] else "") + (f", shift {shift:g}" if shift != SHIFT else "")
    name = f"teacher, {steps} Euler steps, guidance {guidance:g}{unusual}"
    return Sampler(name, draw, runs, runs * tokens((ScaleStep(size, 1.0),)))


def estimate(student: DiT, size: int) -> Sampler:
    """The student's last estimate at one of the smaller sizes."""
    steps = tuple(step for step in DEFAULT if step.size <= size)
    return scale_wise(f"student, its estimate at {size} cells", student, steps)


def samplers(empty: TextStates) -> list[Sampler]:
    student, shipped = load_student().to(device()), ShippedModel(MODEL)
    teacher = load_teacher().eval().requires_grad_(False)
    guided = functools.partial(euler, teacher, empty)
    return [
        as_it_ships(SHIPPED, shipped, "default"),
        as_it_ships("student, 2 steps, growing sizes (`quick`)", shipped, "quick"),
        as_it_ships("student, 6 steps, growing sizes (`thorough`)", shipped, "thorough"),
        as_it_ships("student, 4 steps, full size (`full-4`)", shipped, "full-4"),
        scale_wise("teacher in the student's place (untrained sampler)", teacher, DEFAULT),
        guided(2, 1),
        guided(4, 1),
        guided(16, 1),
        guided(16, 2),
        guided(16, 3),
        *(sampler for size in SIZES[:-1] for sampler in (estimate(student, size), guided(16, 3, size))),
    ]


def samplers_of_studies(empty: TextStates) -> list[Sampler]:
    """The students to compare with, after what ships and the guided teacher that DMD follows."""
    teacher = load_teacher().eval().requires_grad_(False)
    return [scale_wise(SHIPPED, load_student().to(device()), DEFAULT), euler(teacher, empty, 16, 3), *compared()]
