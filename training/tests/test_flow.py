import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from training.config.editions import EDITION
from training.config.schedules import DEFAULT, SCHEDULES, ScaleStep, tokens
from training.method.flow import add_noise, guided, random_sigmas, shifted, upscale, x0_from_velocity
from training.method.philox import normal
from training.method.sample import sample


def test_x0_undoes_add_noise_given_the_true_velocity() -> None:
    x0, noise = torch.randn(3, 8, 4, 6), torch.randn(3, 8, 4, 6)
    sigma = torch.tensor([1.0, 0.5, 0.01])
    torch.testing.assert_close(x0_from_velocity(add_noise(x0, noise, sigma), noise - x0, sigma), x0, atol=1e-6, rtol=0)


def test_upscale_is_bicubic_and_leaves_an_equal_size_alone() -> None:
    x = torch.randn(1, 2, 4, 6)
    assert upscale(x, (4, 6)) is x
    torch.testing.assert_close(upscale(x, 8), F.interpolate(x, (8, 8), mode="bicubic", antialias=False))


def test_sigmas_stay_in_range_and_lean_towards_noise() -> None:
    sigma = random_sigmas(20_000, torch.Generator().manual_seed(0))
    assert sigma.min() > 0
    assert sigma.max() < 1
    assert 0.57 < sigma.median() < 0.63  # shift 1.5 moves the median of 0.5 to 0.6


def test_the_time_shift_keeps_the_ends_and_is_undone_by_its_inverse() -> None:
    sigma = torch.linspace(0, 1, 11)
    moved = shifted(sigma, 3.0)
    assert moved[[0, -1]].tolist() == [0, 1]
    assert (moved[1:-1] > sigma[1:-1]).all()
    torch.testing.assert_close(shifted(moved, 1 / 3), sigma)


def test_guidance_one_is_the_conditional() -> None:
    a, b = torch.randn(2), torch.randn(2)
    torch.testing.assert_close(guided(a, b, 1.0), a)


def test_schedules_rise_in_size_and_fall_in_sigma() -> None:
    for schedule in SCHEDULES.values():
        sizes, sigmas = [s.size for s in schedule], [s.sigma for s in schedule]
        assert sizes == sorted(sizes)
        assert sigmas[0] == 1.0
        assert all(a > b for a, b in itertools.pairwise(sigmas))
    assert tokens(DEFAULT) < tokens(SCHEDULES["full-4"])


def test_noise_is_torch_cuda_s_for_seed_zero() -> None:
    # torch.manual_seed(0); torch.randn(4, device="cuda")
    np.testing.assert_allclose(
        normal((1, 2, 2), 0, 0).ravel(), [-0.92466259, -0.42534415, -2.6438457, 0.14518388], atol=2e-6
    )


def test_loop_returns_the_data_when_velocity_is_exact() -> None:
    """With velocity = (latent − target)/sigma, every x0 is the target at that size."""
    target = torch.randn(2, EDITION.dit.channels, 16, 16)
    at = {16: target, 8: F.avg_pool2d(target, 2)}

    def velocity(latent: torch.Tensor, sigma: float) -> torch.Tensor:
        return (latent - at[latent.shape[-1]]) / sigma

    estimates = sample(velocity, (ScaleStep(8, 1.0), ScaleStep(16, 0.6)), [1, 2])
    torch.testing.assert_close(estimates[0], at[8], atol=1e-5, rtol=0)
    torch.testing.assert_close(estimates[1], target, atol=1e-5, rtol=0)


def test_loop_continues_from_a_recorded_x0_to_the_same_bits() -> None:
    seen: list[torch.Tensor] = []

    def velocity(latent: torch.Tensor, sigma: float) -> torch.Tensor:
        seen.append(latent)
        return torch.sin(3 * latent) - sigma

    whole = sample(velocity, DEFAULT, [1, 2])
    latents = seen.copy()
    for first in range(1, len(DEFAULT)):
        seen.clear()
        rest = sample(velocity, DEFAULT, [1, 2], start=(whole[first - 1], DEFAULT[first].sigma))
        assert len(rest) == len(DEFAULT) - first
        for ours, theirs in zip([*seen, *rest], [*latents[first:], *whole[first:]], strict=True):
            assert torch.equal(ours, theirs)


def test_loop_starts_with_no_more_noise_than_was_asked_for() -> None:
    x0 = torch.randn(1, EDITION.dit.channels, 8, 8)
    sigmas: list[float] = []

    def velocity(latent: torch.Tensor, sigma: float) -> torch.Tensor:
        sigmas.append(sigma)
        return torch.zeros_like(latent)

    schedule = (ScaleStep(8, 1.0), ScaleStep(12, 0.9), ScaleStep(16, 0.5))
    for asked, expected in ((1.0, [1.0, 0.9, 0.5]), (0.95, [0.9, 0.5]), (0.89, [0.5]), (0.5, [0.5])):
        sigmas.clear()
        sample(velocity, schedule, [1], start=(x0, asked))
        assert sigmas == expected
    for wrong in (0.49, 0.0, 1.5, float("nan")):
        with pytest.raises(ValueError, match="no step"):
            sample(velocity, schedule, [1], start=(x0, wrong))
    with pytest.raises(ValueError, match="shrunk"):
        sample(velocity, schedule, [1], start=(torch.randn(1, EDITION.dit.channels, 16, 16), 0.9))
    with pytest.raises(ValueError, match="one clean latent per seed"):
        sample(velocity, schedule, [1, 2], start=(torch.randn(1, EDITION.dit.channels, 8, 8), 0.9))
