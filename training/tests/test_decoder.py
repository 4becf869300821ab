"""A decoder finer than what is encoded, and what it learns on."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from training.config.editions import AutoencoderConfig
from training.config.schedules import DEFAULT, LADDERS
from training.data.art import load_art
from training.data.pack import Pack
from training.data.scenes import Scene
from training.method.redrawing import drawn_again, weights_to_train_on
from training.method.rollout import choose
from training.nets.autoencoder import Autoencoder
from training.nets.model import TINY, DiT

FINER = AutoencoderConfig(
    encoder_widths=(8, 8), encoder_blocks=(1, 1), decoder_widths=(16, 8, 8, 4), decoder_blocks=(1, 0, 1, 1)
)


def test_a_cell_becomes_twice_as_many_pixels_as_are_encoded() -> None:
    assert (FINER.cell, FINER.finer) == (16, 2)
    model = Autoencoder(FINER)
    picture = torch.rand(2, 4, 64, 32)
    latent = model.encode(picture)
    assert latent.shape == (2, 8, 4, 2)
    assert model.decode(latent).shape == picture.shape
    coarse = F.interpolate(F.avg_pool2d(picture, 2), scale_factor=2.0, mode="nearest")
    torch.testing.assert_close(model.encode(coarse), latent)


def test_the_decoder_learns_nothing_of_what_it_is_tested_with(art_folder: Path) -> None:
    art = load_art(256, art_folder)
    tested, other = art.concepts[0], art.concepts[1]  # the first of forty is held out
    scenes = [
        Scene(art.styles[0], tested),
        Scene(art.styles[0], other),
        Scene(art.styles[0], other, other=tested, relation="and"),
        Scene("another style", tested),
    ]
    weights = weights_to_train_on(Pack({}, scenes, np.array([0.4, 0.3, 0.2, 0.1]), set()), art)
    np.testing.assert_allclose(weights, [0, 0.75, 0, 0.25])


def test_a_student_that_knows_the_picture_draws_the_same_latents_again() -> None:
    clean = torch.randn(3, 8, 16, 16)
    text = torch.zeros(3, 1, TINY.text_width), torch.ones(3, 1)

    class Knows(DiT):
        def forward(self, noisy: torch.Tensor, timestep: torch.Tensor, *text: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
            assert timestep.tolist() == [1000 * torch.tensor(DEFAULT[-1].sigma)] * 3
            return (noisy - clean) * 1000 / timestep.view(-1, 1, 1, 1)

    drawn = drawn_again(Knows(TINY), clean, text, torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn, clean, atol=1e-4, rtol=0)


def test_updates_are_shared_out_over_the_schedules() -> None:
    rng = np.random.default_rng(0)
    steps = [len(schedule) for schedule in (DEFAULT, LADDERS["2"], LADDERS["6"])]
    chosen = [choose(3, steps, rng) for _ in range(3000)]
    parts = [np.mean([schedule == i for schedule, _ in chosen]) for i in range(3)]
    np.testing.assert_allclose(parts, [2 / 3, 1 / 6, 1 / 6], atol=0.03)
    assert {step for schedule, step in chosen if schedule == 1} == {0, 1}
    assert {choose(1, steps, rng)[0] for _ in range(20)} == {0}
