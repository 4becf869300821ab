from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from training.config import runs
from training.data.art import Concept
from training.data.pack import Pack
from training.data.scenes import Scene
from training.method import batches as batches_module
from training.method.batches import Batch, Batches, from_step
from training.method.first_step import TeachersAnswer
from training.method.rollout import Batch as Pairs
from training.method.sample import model_velocity, sample_euler
from training.nets.model import TINY, DiT
from training.tests.test_model import lively


def lengths(captions: list[str]) -> tuple[Tensor, Tensor]:
    ids = torch.tensor([[len(caption)] for caption in captions])
    return ids, torch.ones_like(ids)


def made(seed: int = 0) -> Batches:
    names = ["cat", "horse", "elephant"]
    scenes = [Scene("twemoji", Concept(name, name, "animals-nature", "animal", [name], [])) for name in names]
    pack = Pack({}, scenes, np.array([0.5, 0.3, 0.2]), set())
    return Batches(pack, {8: 6, 16: 4}, (0.5, 0.5), 0.1, lengths, seed)


def same(one: Batch, other: Batch) -> bool:
    return one[0] == other[0] and all(torch.equal(a, b) for a, b in zip(one[1:], other[1:], strict=True))


def taken(source: Batches, first: int, count: int) -> list[Batch]:
    batches = from_step(first, source)
    return [next(batches) for _ in range(count)]


def test_a_batch_is_a_function_of_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = taken(made(), 0, 12)
    assert {size for size, *_ in plain} == {8, 16}
    assert all(len(rows) == len(ids) == len(mask) == {8: 6, 16: 4}[size] for size, rows, ids, mask in plain)
    # A run that resumes goes on where the last one stopped, and other steps are other batches.
    assert all(map(same, plain[5:], taken(made(), 5, 7)))
    assert not any(map(same, plain[:-1], plain[1:]))
    assert not all(map(same, plain, taken(made(1), 0, 12)))
    monkeypatch.setattr(batches_module, "loaders", lambda: 2)
    assert all(map(same, plain, taken(made(), 0, 12)))


def test_a_cpu_prepares_its_batches_itself() -> None:
    assert runs.loaders() == 0 or torch.cuda.is_available()


@pytest.fixture
def answer() -> Callable[[float], TeachersAnswer]:
    torch.manual_seed(0)
    teacher = lively(DiT(TINY)).requires_grad_(False)
    empty = torch.zeros(1, 4, TINY.text_width), torch.ones(1, 4)
    return lambda guidance: TeachersAnswer(teacher, empty, guidance, steps=3)


def test_the_first_step_follows_the_guided_teacher_from_the_same_noise(
    answer: Callable[[float], TeachersAnswer],
) -> None:
    noise, text = torch.randn(2, 8, 8, 8), (torch.randn(2, 4, TINY.text_width), torch.ones(2, 4))
    batch = Pairs(noise, torch.zeros_like(noise), text, own=False)
    two, one = answer(2)(batch), answer(1)(batch)
    assert torch.equal(two.noisy, noise)
    subject = answer(2)
    velocity = model_velocity(subject.teacher, text, 2, subject.empty)
    expected = sample_euler(velocity, 3, 8, [], noisy=(noise, 1.0))
    torch.testing.assert_close(two.target, expected, atol=0.02, rtol=0.02)  # autocast to bf16 where there is any
    assert (two.target - one.target).abs().max() > 0.01
    assert not torch.allclose(two.target[0], two.target[1], atol=0.1)
