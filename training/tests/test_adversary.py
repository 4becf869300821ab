from typing import NoReturn

import torch

from training.config.recipes import FakeNetRecipe
from training.method.adversary import Adversary, Head
from training.method.flow import uniform_sigmas
from training.method.losses.student import Dmd, Gan, StudentInputs
from training.nets.model import TINY, DiT
from training.tests.test_model import lively


def unused() -> NoReturn:
    raise AssertionError("a loss asked for what it does not need")


def adversary() -> Adversary:
    torch.manual_seed(0)
    teacher = lively(DiT(TINY)).requires_grad_(False)
    empty = torch.zeros(1, 4, TINY.text_width), torch.ones(1, 4)
    recipe = FakeNetRecipe(lr=1e-3)
    return Adversary(teacher, empty, recipe, torch.Generator().manual_seed(0), feature_block=0)


def test_the_fake_net_follows_the_student_and_its_head_learns_to_tell_them_apart() -> None:
    subject = adversary()
    text = torch.randn(8, 4, TINY.text_width), torch.ones(8, 4)
    drawn, real = torch.randn(2, 8, 8, 8, 8).unbind(0)
    drawn = drawn * 0.1 + 1
    before = {name: value.clone() for name, value in subject.teacher.state_dict().items()}
    figures = [subject.update(drawn, real, text) for _ in range(60)]
    assert figures[-1]["denoising"] < 0.5 * figures[0]["denoising"]
    assert figures[-1]["discriminator"] < figures[0]["discriminator"]
    for name, value in subject.teacher.state_dict().items():
        assert torch.equal(value, before[name])


def test_losses_reach_the_student_alone() -> None:
    subject = adversary()
    text = torch.randn(2, 4, TINY.text_width), torch.ones(2, 4)
    drawn = torch.randn(2, 8, 8, 8, requires_grad=True)
    inputs = StudentInputs(drawn, drawn, False, features=unused, critique=lambda: subject.critique(drawn, text))
    for loss in (Dmd(), Gan()):
        drawn.grad = None
        loss(inputs).backward(retain_graph=True)
        assert drawn.grad is not None
        assert drawn.grad.abs().max() > 0
    assert all(p.grad is None for p in subject.fake.parameters())
    assert all(p.requires_grad for p in subject.fake.parameters())


def test_the_head_reads_the_mean_token_of_each_picture() -> None:
    head = Head(64)
    features = torch.randn(3, 16, 64)
    assert head(features).shape == (3,)
    torch.testing.assert_close(head(features), head(features[:, torch.randperm(16)]))


def test_noise_levels_fill_their_range() -> None:
    sigma = uniform_sigmas(10_000, 0.7, 1.5, torch.Generator().manual_seed(0))
    assert 0 < sigma.min() < 0.01
    assert 0.77 < sigma.max() < 0.778  # 1.5·0.7/(1 + 0.5·0.7)
