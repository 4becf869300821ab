"""The studies' measures, on latents whose answer is known."""

import math
from pathlib import Path

import pytest
import torch

from training.config.schedules import SIZES
from training.evaluate.studies_page import sections, spectra_figure
from training.method.flow import add_noise, upscale
from training.method.sample import sample_euler
from training.method.spectrum import masking_sigma, power_at, radial_power
from training.studies.teachers import SIGMAS, TRIALS, checkpoint, velocity_loss
from training.studies.upscaling import corruptions


def test_white_noise_has_power_one_at_every_radius():
    noise = torch.randn(400, 8, 16, 16, generator=torch.Generator().manual_seed(0))
    assert radial_power(noise).tolist() == pytest.approx([1] * 9, abs=0.1)


def test_a_wave_has_its_power_at_its_frequency():
    x = torch.arange(16) * (2 * math.pi * 3 / 16)
    power = radial_power(x.cos().expand(1, 1, 16, 16))
    assert power.argmax() == 3
    assert float(power[[0, 1, 2, 4, 5, 6, 7, 8]].max()) < 1e-12


def test_a_frequency_is_masked_where_noise_has_its_power():
    for power in (0.01, 1.0, 7.0):
        sigma = masking_sigma(power)
        assert (1 - sigma) ** 2 * power == pytest.approx(sigma**2)


def test_power_is_read_at_the_small_grids_highest_frequency():
    power = torch.tensor([9.0, 8, 7, 6, 5, 4, 3, 2, 1], dtype=torch.float64)
    assert power_at(power, 8) == 5  # 8 cells hold 4 waves
    assert power_at(power, 12) == 3


def test_noise_comes_after_the_upscaling_or_before_it():
    generator = torch.Generator().manual_seed(0)
    clean = {size: torch.randn(2, 3, size, size, generator=generator) for size in SIZES}
    noise = {size: torch.randn(2, 3, size, size, generator=generator) for size in SIZES}
    sigma = torch.full((2,), 0.6)
    ways = corruptions()
    assert torch.equal(ways["full"](clean, sigma, noise), add_noise(clean[16], noise[16], sigma))
    assert torch.equal(ways["before, from 8"](clean, sigma, noise), add_noise(upscale(clean[8], 16), noise[16], sigma))
    assert torch.equal(ways["after, from 8"](clean, sigma, noise), upscale(add_noise(clean[8], noise[8], sigma), 16))


def test_euler_continues_from_a_noisy_latent():
    """Along a straight flow any number of steps ends at the clean latent."""
    x0, noise = torch.randn(2, 8, 16, 16), torch.randn(2, 8, 16, 16)
    noisy = add_noise(x0, noise, torch.full((2,), 0.6))
    drawn = sample_euler(lambda latent, sigma: noise - x0, 5, 16, [], noisy=(noisy, 0.6))
    assert torch.allclose(drawn, x0, atol=1e-5)


def test_the_page_says_which_step_has_too_little_noise(tmp_path: Path):
    study = {
        "latents": 10,
        "power": {"8": [3, 2, 1, 0.5, 0.2], "16": [9, 8, 7, 6, 5, 4, 3, 2, 1]},
        "steps": [
            {"size": 8, "sigma": 1.0, "masked": 0.691},
            {"size": 12, "sigma": 0.5, "masked": 0.6},
            {"size": 16, "sigma": 0.3, "masked": None},
        ],
    }
    text = sections({"spectra": study})
    assert "Below it: 12 cells at 0.5." in text
    assert "| 8 | 1 | 0.69 |" in text
    assert "| 16 | 0.3 | – |" in text
    spectra_figure(study, tmp_path / "one.svg")
    spectra_figure(study, tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_the_velocity_loss_is_zero_for_a_model_that_knows_the_picture():
    clean = torch.randn(3, 8, 8, 8)

    class Knows(torch.nn.Module):
        def forward(self, noisy: torch.Tensor, timestep: torch.Tensor, off: torch.Tensor) -> torch.Tensor:
            return (noisy - clean) * 1000 / timestep.view(-1, 1, 1, 1) + off

    def loss(off: float) -> torch.Tensor:
        return velocity_loss(Knows(), clean, (torch.tensor(off),), torch.Generator().manual_seed(0))  # type: ignore[arg-type]

    assert loss(0.0).tolist() == pytest.approx([0] * 3, abs=1e-4)
    assert loss(0.5).tolist() == pytest.approx([0.25] * 3, rel=0.02)


def test_trials_of_a_teacher_have_files_and_arguments_of_their_own():
    assert len({checkpoint(name) for name in TRIALS}) == len({tuple(t.arguments(3)) for t in TRIALS.values()}) == 5
    words = TRIALS["muon, constant rate"].arguments(3)
    assert words[words.index("--cooldown-minutes") + 1] == "0"


def test_the_page_shows_guidance_and_optimisers():
    share = {"mean": 0.9, "low": 0.8, "high": 0.95}
    report = {"runs": 32, "rPrecision1": share, "rPrecision5": share, "edges": share}
    report |= {"kid": [-67.84], "fid": [91.26], "patchKid": [-4.7], "inceptionKid": 0.38}
    loss = {"mean": 1.0321, "low": 1.0, "high": 1.1}
    text = sections(
        {
            "guidance": {"prompts": 150, "table": {"teacher, 16 Euler steps, guidance 3": report}},
            "teachers": {
                "minutes": 3.0,
                "prompts": 300,
                "sigmas": SIGMAS,
                "table": {"muon": {"steps": 220, "samples": 21000, "last": loss, "ema": loss}},
            },
        }
    )
    assert (
        "| 16 Euler steps, guidance 3 | 32 | 90.0 (80.0–95.0) | 90.0 (80.0–95.0) | -67.8 | 91.3 | -4.7 | 0.38 |" in text
    )
    assert "| muon | 220 | 21,000 | 1.032 (1.000–1.100) |" in text
