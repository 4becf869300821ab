import torch

from training.export.tiny import tiny_modules
from training.nets.autoencoder import TINY_AUTOENCODER, Autoencoder
from training.nets.model import TINY, DiT, rope_table


def lively(model: torch.nn.Module) -> torch.nn.Module:
    torch.manual_seed(0)
    for p in model.parameters():
        if p.ndim > 1:
            torch.nn.init.normal_(p, std=0.1)
    return model


def test_velocity_has_the_latent_s_shape_at_every_size() -> None:
    model = lively(DiT(TINY))
    for h, w in ((8, 8), (12, 12), (16, 8)):
        latent = torch.randn(2, 8, h, w)
        assert (
            model(latent, torch.tensor([1000.0, 10.0]), torch.randn(2, 5, 32), torch.ones(2, 5)).shape == latent.shape
        )


def test_padding_of_the_text_changes_nothing() -> None:
    model = lively(DiT(TINY))
    latent, timestep = torch.randn(1, 8, 8, 8), torch.tensor([500.0])
    text = torch.randn(1, 5, 32)
    short = model(latent, timestep, text, torch.ones(1, 5))
    padded_text = torch.cat([text, torch.full((1, 7, 32), 3.0)], 1)
    padded = model(latent, timestep, padded_text, torch.cat([torch.ones(1, 5), torch.zeros(1, 7)], 1))
    torch.testing.assert_close(padded, short, atol=1e-5, rtol=1e-4)


def test_every_input_matters() -> None:
    model = lively(DiT(TINY))
    latent, text, mask = torch.randn(1, 8, 8, 8), torch.randn(1, 5, 32), torch.ones(1, 5)
    base = model(latent, torch.tensor([500.0]), text, mask)
    assert not torch.allclose(base, model(latent, torch.tensor([900.0]), text, mask))
    assert not torch.allclose(base, model(latent, torch.tensor([500.0]), text.flip(1) * 2 + 1, mask))


def test_positions_mean_the_same_at_every_size() -> None:
    # The centre of a 2x2 grid's first cell is the centre of the first 2x2 cells of a 4x4 grid.
    coarse, _ = rope_table(1, 1, 16, torch.device("cpu"))
    assert torch.allclose(coarse, torch.ones_like(coarse))  # one cell sits at the centre: angle 0
    fine, _ = rope_table(3, 3, 16, torch.device("cpu"))
    assert torch.allclose(fine[4], coarse[0])


def test_normalised_latents_have_unit_variance_and_decode_alike() -> None:
    model = lively(Autoencoder(TINY_AUTOENCODER)).eval()
    pictures = torch.rand(4, 4, 32, 32)
    with torch.no_grad():
        before = model.decode(model.encode(pictures))
        model.normalise(pictures)
        latent = model.encode(pictures)
        after = model.decode(latent)
    torch.testing.assert_close(latent.std((0, 2, 3)), torch.ones(8), atol=1e-3, rtol=0)
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)


def test_tiny_weights_are_the_same_every_time() -> None:
    for a, b in zip(tiny_modules(), tiny_modules(), strict=True):
        for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True):
            assert torch.equal(x, y)
