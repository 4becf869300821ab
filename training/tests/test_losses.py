"""The losses on inputs whose answers are known."""

from typing import NoReturn

import pytest
import torch

from training.config.recipes import RECIPES
from training.method.losses.fake_net import Denoising, Discriminator, FakeNetInputs
from training.method.losses.student import Critique, Dmd, Gan, Huber, Mmd, MmdRbf, NaivePatch, StudentInputs, chosen


def unused() -> NoReturn:
    raise AssertionError("a loss asked for what it does not need")


def of_features(real: torch.Tensor, fake: torch.Tensor) -> StudentInputs:
    return StudentInputs(real, real, False, features=lambda: (real, fake), critique=unused)


def test_mmd_ignores_layout_and_sees_a_shift() -> None:
    features = torch.randn(2, 16, 8)
    shuffled = features[:, torch.randperm(16)]
    assert Mmd()(of_features(features, shuffled)) < 1e-4
    # Pseudo-Huber is linear beyond c.
    assert abs(Mmd()(of_features(features, features + 0.5)).item() - 0.5) < 1e-2


def test_rbf_is_zero_for_the_same_tokens_in_any_order_and_patch_loss_is_not() -> None:
    features = torch.randn(2, 64, 8)
    shuffled = features[:, torch.randperm(64)]
    # Unbiased: the tokens' own pairs are left out.
    assert abs(MmdRbf()(of_features(features, shuffled)).item()) < 0.3
    assert MmdRbf()(of_features(features, features + 2)).item() > 3
    assert NaivePatch()(of_features(features, shuffled)) > 1
    assert NaivePatch()(of_features(features, features)) == 0


def test_huber_weighs_less_where_layouts_differ() -> None:
    x0, target = torch.full((2, 8, 4, 4), 3.0), torch.zeros(2, 8, 4, 4)
    later, first = (StudentInputs(x0, target, at_first, unused, unused) for at_first in (False, True))
    assert Huber()(later).item() == pytest.approx((3**2 + 0.1**2) ** 0.5 - 0.1)
    assert Huber()(first).item() == pytest.approx(0.6 * Huber()(later).item())


def test_dmd_moves_pictures_from_the_fake_to_the_real() -> None:
    drawn = torch.zeros(2, 8, 4, 4, requires_grad=True)
    critique = Critique(torch.full_like(drawn, 2.0), torch.full_like(drawn, -1.0), torch.zeros(2))
    Dmd()(StudentInputs(drawn, drawn, False, unused, lambda: critique)).backward()
    assert drawn.grad is not None
    # (fake - real)/mean|drawn - real| = -3/2 in each of the values that the mean is over.
    torch.testing.assert_close(drawn.grad * drawn.numel(), torch.full_like(drawn, -1.5))


def test_generator_and_discriminator_pull_the_logit_apart() -> None:
    x0 = torch.zeros(1)
    low, high = torch.tensor([-2.0]), torch.tensor([2.0])
    gan = [Gan()(StudentInputs(x0, x0, False, unused, lambda at=at: Critique(x0, x0, at))) for at in (low, high)]
    assert gan[0] > gan[1]
    right, wrong = FakeNetInputs(x0, x0 + 2, low, high), FakeNetInputs(x0, x0, high, low)
    assert Discriminator()(right) < Discriminator()(wrong)
    assert (Denoising()(right).item(), Denoising()(wrong).item()) == (4, 0)


def test_features_and_critique_are_made_once() -> None:
    made: list[str] = []

    def features() -> tuple[torch.Tensor, torch.Tensor]:
        made.append("features")
        return torch.zeros(1, 4, 2), torch.ones(1, 4, 2)

    inputs = StudentInputs(torch.zeros(1), torch.zeros(1), False, features, unused)
    for loss in (Mmd(), MmdRbf(), NaivePatch()):
        loss(inputs)
    assert made == ["features"]


def test_every_recipe_s_losses_exist_and_others_are_named() -> None:
    for recipe in RECIPES.values():
        assert chosen(recipe.student.losses).keys() == recipe.student.losses.keys()
    with pytest.raises(ValueError, match="no loss is called perceptual: there are mmd, rbf"):
        chosen({"perceptual": 1.0})
