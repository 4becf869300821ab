"""Everybody who draws for the evaluation: the student that ships, students to compare with, and the teacher."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from training.loop import RUNS, device, load
from training.model import NANO, DiT
from training.sample import TextStates, model_velocity, sample, sample_euler
from training.schedules import DEFAULT, FULL, LADDERS, ScaleStep, Schedule, tokens
from training.student import load_student


@dataclass(frozen=True)
class Sampler:
    """draw: token states and seeds to clean latents (B, C, 16, 16). runs: denoiser calls a picture, tokens: in all.
    training: of a student to compare with, what it was distilled with and for how long."""

    name: str
    draw: Callable[[TextStates, list[int]], Tensor]
    runs: int
    tokens: int
    training: dict[str, Any] | None = None


def scale_wise(name: str, model: DiT, schedule: Schedule, training: dict[str, Any] | None = None) -> Sampler:
    def draw(text: TextStates, seeds: list[int]) -> Tensor:
        return sample(model_velocity(model, text), schedule, seeds)[-1]

    return Sampler(name, draw, len(schedule), tokens(schedule), training)


def compared() -> list[Sampler]:
    """Students distilled to compare with, training/runs/student-*.pt. Only those that say how they were made."""
    found = []
    for path in sorted(RUNS.glob("student-*.pt")):
        state = load(path)
        if "losses" not in state:
            continue
        training = {name: state[name] for name in ("schedule", "losses", "minutes", "step")}
        model = load_student(path.stem).to(device())
        found.append(scale_wise(path.stem, model, LADDERS[state["schedule"]], training))
    return found


def samplers(empty: TextStates) -> list[Sampler]:
    student, teacher = load_student().to(device()), DiT(NANO).to(device()).eval().requires_grad_(False)
    teacher.load_state_dict(load(RUNS / "teacher.pt")["ema"])

    def euler(steps: int, guidance: float, size: int = 16) -> Sampler:
        runs = steps * (2 if guidance != 1 else 1)

        def draw(text: TextStates, seeds: list[int]) -> Tensor:
            return sample_euler(model_velocity(teacher, text, guidance, empty, below=0.9), steps, size, seeds)

        small = "" if size == 16 else f", at {size} cells"
        name = f"teacher, {steps} Euler steps, guidance {guidance:g}{small}"
        return Sampler(name, draw, runs, runs * tokens((ScaleStep(size, 1.0),)))

    return [
        scale_wise("student, 4 steps, growing sizes (`default`)", student, DEFAULT),
        scale_wise("student, 4 steps, full size (`full-4`)", student, FULL),
        scale_wise("teacher in the student's place (untrained sampler)", teacher, DEFAULT),
        euler(2, 1),
        euler(4, 1),
        euler(16, 1),
        euler(16, 3),
        scale_wise("student, its estimate at 8 cells", student, DEFAULT[:1]),
        euler(16, 3, 8),
        scale_wise("student, its estimate at 12 cells", student, DEFAULT[:2]),
        euler(16, 3, 12),
        *compared(),
    ]
