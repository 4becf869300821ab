"""Consistency distillation's targets, on a teacher whose path is known."""

import itertools

import torch
from torch import Tensor, nn

from training.method.consistency import NextPoint, noise_levels
from training.method.rollout import Batch


class Field(nn.Module):
    """A velocity that is the same at every noise level: its paths are straight lines, so Euler's step is exact."""

    def __init__(self, velocity: Tensor) -> None:
        super().__init__()
        self.velocity = velocity

    def forward(self, noisy: Tensor, time: Tensor, states: Tensor, mask: Tensor) -> Tensor:
        return self.velocity.expand_as(noisy)


def test_levels_fall_from_one_and_lean_towards_noise():
    levels = [step.sigma for step in noise_levels(16, 4)]
    assert levels[0] == 1
    assert all(a > b for a, b in itertools.pairwise(levels))
    assert levels[2] == 1.5 * 0.5 / 1.25
    assert {step.size for step in noise_levels(16, 4)} == {16}


def test_the_target_is_the_students_answer_at_the_teachers_next_point():
    levels = noise_levels(4, 4)
    noisy, teachers, students = torch.randn(2, 3, 4, 4), torch.randn(1, 3, 4, 4), torch.randn(1, 3, 4, 4)
    text = torch.zeros(2, 1, 5), torch.ones(2, 1)
    batch = Batch(noisy, torch.zeros_like(noisy), text, False)
    target = NextPoint(Field(students), Field(teachers), text, 1.0, levels)  # type: ignore[arg-type]
    here, following = levels[1].sigma, levels[2].sigma
    point = noisy + (following - here) * teachers
    torch.testing.assert_close(target(batch, 1).target, point - following * students, atol=1e-5, rtol=1e-5)
    # From the last level the teacher's step ends in a clean latent, which needs no student.
    torch.testing.assert_close(target(batch, 3).target, noisy - levels[3].sigma * teachers, atol=1e-5, rtol=1e-5)


def test_a_student_that_is_the_teacher_of_straight_paths_has_nothing_to_learn():
    levels = noise_levels(4, 8)
    noisy, velocity = torch.randn(2, 3, 4, 4), torch.randn(1, 3, 4, 4)
    text = torch.zeros(2, 1, 5), torch.ones(2, 1)
    field = Field(velocity)
    target = NextPoint(field, field, text, 1.0, levels)  # type: ignore[arg-type]
    for index, step in enumerate(levels):
        batch = target(Batch(noisy, noisy, text, False), index)
        torch.testing.assert_close(batch.target, noisy - step.sigma * velocity, atol=1e-5, rtol=1e-5)
