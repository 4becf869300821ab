"""Converted models against diffusers' own pipelines, on random checkpoints of the same architectures."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.convert.compare.converted import Converted, Step
from training.convert.compare.distances import Distance, part_distances, relative, whole_distances
from training.convert.plan import Request
from training.convert.tiny.models import taesd
from training.tests.convert_models import FAMILIES, PROMPT, SEED, converted, tiny


def assert_below(rows: list[Distance], limit: float) -> None:
    assert len(rows) > 3
    for row in rows:
        assert row.value <= limit, f"{row.part} {row.note}: {row.value:.1e}"


def wide(model: Converted) -> list[Step]:
    """Three sizes that are not square, with sigmas of the model's own."""
    sigmas = [sigma for _, sigma in model.schedule("4-steps")]
    return [((side, side * 3 // 2), sigma) for side, sigma in zip((8, 16, 24), sigmas, strict=False)]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("fused", [False, True])
def test_float32_is_diffusers_to_rounding(family: str, fused: bool):
    source = tiny(family)
    model = Converted(source.convert("f32"), fused=fused)
    schedule = model.schedule()
    reference = source.record(schedule)
    assert_below(part_distances(model, reference, schedule), 1e-5)
    whole = whole_distances(model, reference, PROMPT, SEED, schedule)
    assert_below([row for row in whole if row.part != "picture"], 1e-5)
    picture = whole[-1]
    assert picture.part == "picture"
    assert picture.value <= 1e-3
    assert "by 1 at most" in picture.note or "by 0 at most" in picture.note


@pytest.mark.parametrize("family", FAMILIES)
def test_other_sizes_and_shapes(family: str):
    source = tiny(family)
    model = Converted(source.convert("f32"))
    schedule = wide(model)
    reference = source.record(schedule)
    assert reference.picture.shape[-2:] == (192, 288)
    assert_below(part_distances(model, reference, schedule), 1e-5)
    assert_below(whole_distances(model, reference, PROMPT, SEED, schedule), 1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_float16_is_near(family: str):
    source = tiny(family)
    folder = source.convert("f16")
    schedule = Converted(folder).schedule()
    reference = source.record(schedule)
    for model in (Converted(folder), Converted(folder, variant=0), Converted(folder, variant=0, fused=True)):
        assert_below(part_distances(model, reference, schedule), 3e-3)
    assert_below(whole_distances(model, reference, PROMPT, SEED, schedule), 3e-3)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_batch_draws_what_its_members_draw_alone(family: str):
    model = Converted(tiny(family).convert("f32"))
    conditioning, schedule = model.encode(PROMPT), model.schedule()[:3]
    together = model.draw(conditioning, [7, 8], schedule)
    for i, seed in enumerate((7, 8)):
        alone = model.draw(conditioning, [seed], schedule)
        assert relative(together.picture[i], alone.picture[0]) <= 1e-6
    assert relative(together.picture[0], together.picture[1]) > 1e-2


def test_the_prompt_matters_to_every_part_of_the_conditioning():
    model = Converted(tiny("sd35").convert("f32"))
    one, other = model.encode(PROMPT), model.encode("a small bowl of ramen")
    latent = model.noise([1], (8, 8), 0)
    before = model.velocity(latent, 1.0, one)
    for name in one:
        assert relative(model.velocity(latent, 1.0, one | {name: other[name]}), before) > 1e-4, name


def test_a_taesd_decoder_in_place_of_the_vae(tmp_path: Path):
    small = taesd(16)
    small.save_pretrained(tmp_path / "taesd")
    out = tmp_path / "model"
    converted(Request(tiny("sd35").checkpoint, out, "f32", decoder=tmp_path / "taesd"))
    latent = np.random.default_rng(0).normal(size=(1, 16, 9, 12)).astype(np.float32) * 2
    with torch.no_grad():
        wanted = small.decode(torch.from_numpy(latent)).sample.numpy() / 2 + 0.5
    found = Converted(out).decode(latent)
    assert found.shape == (1, 3, 72, 96)
    assert relative(found, wanted) <= 1e-5
