"""The autoencoder at native size begins as the one before it, and its losses see what they are for."""

import pytest
import torch

from training.config.editions import AutoencoderConfig, NativeAutoencoderConfig
from training.method.losses.autoencoder import AutoencoderInputs
from training.method.losses.native_autoencoder import Colour, DecodedEquivariance, SquaredError, UnitVariance
from training.method.picture_error import edges, picture_error, stepping
from training.nets.autoencoder import Autoencoder
from training.nets.native_autoencoder import NativeAutoencoder, start_from

BEFORE = AutoencoderConfig(
    encoder_widths=(12, 16), encoder_blocks=(1, 2), decoder_widths=(16, 12, 8, 8), decoder_blocks=(1, 1, 1, 1)
)
CONFIG = NativeAutoencoderConfig(
    fine=8, widths=(12, 16), blocks=(2, 3), decoder_widths=(16, 12, 8, 8), decoder_blocks=(1, 1, 1, 1), tail=4
)


@pytest.fixture
def before() -> Autoencoder:
    model = Autoencoder(BEFORE)
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.2)
    model.normalise(torch.rand(4, 4, 64, 64))
    return model.eval().requires_grad_(False)


@pytest.fixture
def model(before: Autoencoder) -> NativeAutoencoder:
    made = NativeAutoencoder(CONFIG)
    start_from(made, before.state_dict(), BEFORE.encoder_blocks)
    return made.eval().requires_grad_(False)


def inputs(model: NativeAutoencoder, picture: torch.Tensor, output: torch.Tensor) -> AutoencoderInputs:
    return AutoencoderInputs(model, picture, model.encode(picture), output, torch.full((len(picture), 3), 0.5))


def test_it_begins_as_the_autoencoder_before(before: Autoencoder, model: NativeAutoencoder) -> None:
    before.double()
    model.double()
    picture = torch.rand(2, 4, 64, 96, dtype=torch.float64)
    latent = model.encode(picture)
    assert latent.shape == (2, 16, 4, 6)
    torch.testing.assert_close(latent[:, :8], before.encode(picture))
    # The new channels are not yet decoded, so that decoding the first ones alone is the same.
    torch.testing.assert_close(model.decode(latent), before.decode(before.encode(picture)))
    assert torch.equal(model.decode(latent), model.decode(model.nested(latent)))


def test_statistics_bring_every_channel_to_unit_variance(model: NativeAutoencoder) -> None:
    pictures = torch.rand(8, 4, 64, 64)
    assert model.encode(pictures)[:, 8:].std().item() != pytest.approx(1, abs=0.05)
    for _ in range(2):
        model.follow_statistics(model.encode(pictures), 1.0)
    latent = model.encode(pictures)
    torch.testing.assert_close(latent.std((0, 2, 3)), torch.ones(16), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(latent.mean((0, 2, 3)), torch.zeros(16), rtol=0, atol=1e-3)


def test_colour_sees_washed_colours_and_forgives_lines(model: NativeAutoencoder) -> None:
    picture = torch.full((1, 4, 32, 32), 0.5)
    washed = picture + 0.1
    lines = picture + 0.1 * torch.tensor([1.0, -1.0]).repeat(16)
    assert Colour()(inputs(model, picture, washed)).item() == pytest.approx(0.0625, rel=1e-3)  # colours .05, alpha .1
    assert Colour()(inputs(model, picture, lines)).item() < 1e-6
    assert SquaredError()(inputs(model, picture, lines)).item() > 1e-3


def test_unit_variance_is_zero_at_one_and_symmetric_in_the_factor(model: NativeAutoencoder) -> None:
    picture = torch.rand(4, 4, 32, 32)
    latent = torch.randn(64, 4, 16, 16)
    latent = latent / latent.var((0, 2, 3), keepdim=True).sqrt()

    def of(factor: float) -> float:
        background = torch.full((4, 3), 0.5)
        return UnitVariance()(AutoencoderInputs(model, picture, latent * factor, picture, background)).item()

    assert of(1) < 1e-6
    assert of(2) == pytest.approx(of(0.5), rel=1e-3) == pytest.approx(4 * of(2**0.5), rel=1e-3)


@pytest.mark.parametrize("part", [0.5, 0.75])
def test_equivariance_compares_at_the_smaller_size(model: NativeAutoencoder, part: float) -> None:
    picture = torch.rand(1, 4, 128, 128)
    latent = model.encode(picture)
    right = torch.nn.functional.interpolate(picture, round(128 * part), mode="area")

    class Perfect:
        def decode(self, resized: torch.Tensor) -> torch.Tensor:
            assert resized.shape[-1] == 8 * part
            return right

    background = torch.full((1, 3), 0.5)
    perfect = AutoencoderInputs(Perfect(), picture, latent, picture, background)  # type: ignore[arg-type]
    assert DecodedEquivariance(part)(perfect).item() == 0
    assert DecodedEquivariance(part)(AutoencoderInputs(model, picture, latent, picture, background)).item() > 0.01


def test_stepping_is_less_than_one_where_edges_fall_between_blocks() -> None:
    torch.manual_seed(0)
    free = torch.rand(2, 4, 64, 64)
    blocks = torch.nn.functional.interpolate(torch.rand(2, 4, 32, 32), scale_factor=2)
    assert stepping(free) == pytest.approx(1, abs=0.05)
    assert stepping(blocks) == 0
    assert edges(blocks) < edges(free)


def test_noise_and_fewer_channels_cost_decibels(model: NativeAutoencoder) -> None:
    pictures = torch.rand(4, 4, 64, 64)
    errors = picture_error(model, pictures, batch=3)
    assert errors["dB"] == errors["nested dB"]
    assert errors["noisy dB"] != errors["dB"]
