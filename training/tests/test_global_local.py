import pytest
import torch

from training.nets.global_local import GlobalToLocalDiT
from training.nets.model import TINY
from training.tests.test_model import lively

TEXT = torch.randn(1, 5, 32, generator=torch.Generator().manual_seed(1)), torch.ones(1, 5)
TIMESTEP = torch.tensor([500.0])


def test_velocity_has_the_latent_s_shape_at_every_size() -> None:
    model = lively(GlobalToLocalDiT(TINY))
    for h, w in ((8, 8), (12, 12), (16, 8)):
        latent = torch.randn(1, 8, h, w)
        assert model(latent, TIMESTEP, *TEXT).shape == latent.shape


def test_what_coarse_blocks_saw_comes_back_to_its_place() -> None:
    model = lively(GlobalToLocalDiT(TINY))
    for block in model.blocks:  # closed gates: tokens do not see each other
        torch.nn.init.zeros_(block.modulation.weight)
    torch.nn.init.zeros_(model.patchify.weight)  # only the coarse way is open
    latent = torch.randn(1, 8, 12, 8)
    other = latent.clone()
    other[:, :, 8:12, 0:4] += 1  # one coarse token's cells
    changed = (model(other, TIMESTEP, *TEXT) - model(latent, TIMESTEP, *TEXT)).abs().amax((0, 1)) > 1e-4
    assert changed[8:12, 0:4].all()
    assert int(changed.sum()) == 16


def test_coarse_tokens_see_each_other() -> None:
    model = lively(GlobalToLocalDiT(TINY))
    torch.nn.init.zeros_(model.blocks[1].modulation.weight)  # the block of fine tokens, closed
    latent = torch.randn(1, 8, 8, 8)
    other = latent.clone()
    other[:, :, 0, 0] += 1
    assert not torch.allclose(model(other, TIMESTEP, *TEXT)[:, :, 4:], model(latent, TIMESTEP, *TEXT)[:, :, 4:])


def test_features_are_refused() -> None:
    with pytest.raises(ValueError, match="distil a DiT of one patch size"):
        GlobalToLocalDiT(TINY)(torch.zeros(1, 8, 8, 8), TIMESTEP, *TEXT, feature_block=0)
