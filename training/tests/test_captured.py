"""The teacher's step without Python: its optimiser against torch's, its batches against the pack."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from training.config.recipes import TeacherRecipe
from training.method.captured_teacher import CapturedTeacher
from training.method.loop import Progress
from training.method.muon import BatchedMuon
from training.method.resident import ResidentPack, running_sum
from training.nets.model import TINY, DiT


def matrices() -> list[nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    shapes = [(32, 32), (32, 32), (128, 32), (32, 128)]
    return [nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]


def test_batched_muon_steps_as_torchs() -> None:
    ours, theirs = matrices(), matrices()
    batched = BatchedMuon(ours, lr=3e-3)
    muon = torch.optim.Muon(theirs, lr=3e-3, weight_decay=0.0, adjust_lr_fn="match_rms_adamw")
    generator = torch.Generator().manual_seed(1)
    for _ in range(3):
        for a, b in zip(ours, theirs, strict=True):
            a.grad = torch.randn(a.shape, generator=generator)
            b.grad = a.grad.clone()
        batched.step()
        muon.step()
    moved = [(a - start).norm() for a, start in zip(ours, matrices(), strict=True)]
    for a, b, distance in zip(ours, theirs, moved, strict=True):
        assert (a - b).norm() < 0.01 * distance  # bfloat16 products in another order


def tiny_pack(rows: int) -> ResidentPack:
    """Row r's latents are r everywhere; its captions are r + 1, so that 0 is the empty prompt."""
    values = torch.arange(rows, dtype=torch.float16)
    latents = {size: values.view(-1, 1, 1, 1).expand(-1, TINY.channels, size, size) for size in (4, 8)}
    states = torch.arange(rows + 1.0).view(-1, 1, 1).expand(-1, 3, TINY.text_width)
    places = torch.arange(1, rows + 1).view(-1, 1).expand(-1, 2)
    weights = np.arange(1.0, rows + 1)
    return ResidentPack(latents, running_sum(weights), places, states, torch.ones(rows + 1, 3))


def test_rows_come_by_their_weights_with_their_own_captions() -> None:
    torch.manual_seed(0)
    x0, (states, _) = tiny_pack(4).draw(4, 20_000, drop_caption=0.25)
    rows, captions = x0[:, 0, 0, 0], states[:, 0, 0]
    shares = torch.bincount(rows.long()) / len(rows)
    assert shares.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.02)
    empty = captions == 0
    assert empty.float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert torch.equal(captions[~empty], rows[~empty] + 1)


def test_it_learns_and_its_rates_rise_and_fall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.method.loop.RUNS", tmp_path)
    torch.manual_seed(0)
    recipe = TeacherRecipe(warmup_steps=1, cooldown_minutes=1, ema=0.5)
    teacher = CapturedTeacher("teacher", DiT(TINY), recipe, tiny_pack(1), {4: (0.5, 8), 8: (0.5, 4)})
    before = {name: value.clone() for name, value in teacher.run.model.state_dict().items()}
    teacher.capture()
    losses = []
    for i in range(30):
        figures = teacher(Progress(i, i / 30, minutes_left=9))
        losses.append(float(next(value for name, value in figures.items() if name != "samples")))
    assert np.mean(losses[-6:]) < 0.9 * np.mean(losses[:6])
    assert any(not torch.equal(before[name], value) for name, value in teacher.run.ema.shadow.items())

    kept = {name: value.clone() for name, value in teacher.run.model.state_dict().items()}
    teacher(Progress(30, 1, minutes_left=0))
    assert all(torch.equal(kept[name], value) for name, value in teacher.run.model.state_dict().items())
    assert 30 * 4 <= teacher.samples <= 31 * 8
