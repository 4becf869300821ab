"""The browser's engine, in Node on WASM, against diffusers' own pipelines: real text encoders and tokenizers,
the real loop and kernels. Needs `npm ci`."""

import base64
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from training.convert.compare.converted import Converted, Step
from training.convert.compare.distances import relative
from training.tests.convert_models import FAMILIES, PROMPT, SEED, tiny

ROOT = Path(__file__).parents[2]


@dataclass
class Recording:
    conditioning: dict[str, np.ndarray]
    velocities: list[np.ndarray]
    estimates: list[np.ndarray]
    picture: np.ndarray
    live: int


def numbers(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.float32)


def drawn(model: Path, folder: Path, schedule: list[Step], seeds: list[int], prompt: str = PROMPT) -> Recording:
    steps = [{"size": list(size), "sigma": sigma} for size, sigma in schedule]
    (folder / "request.json").write_text(json.dumps({"prompt": prompt, "seeds": seeds, "schedule": steps}))
    command = [
        "npx",
        "tsx",
        "scripts/record-drawing.ts",
        str(model),
        *(str(folder / f"{n}.json") for n in ("request", "recording")),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads((folder / "recording.json").read_text())
    return Recording(
        {name: numbers(text) for name, text in found["conditioning"].items()},
        [numbers(text) for text in found["velocities"]],
        [numbers(text) for text in found["estimates"]],
        numbers(found["pixels"]),
        found["live"],
    )


def eight_bits(picture: np.ndarray) -> np.ndarray:
    return np.rint(picture.clip(0, 1) * 255)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", ["square", "wide"])
def test_the_engine_draws_what_diffusers_draws(family: str, shape: str, tmp_path: Path):
    source = tiny(family)
    folder = source.convert("f32")
    schedule = Converted(folder).schedule()
    if shape == "wide":
        schedule = [((side, side * 3 // 2), sigma) for side, (_, sigma) in zip((8, 16, 24), schedule, strict=False)]
    reference = source.record(schedule)
    recording = drawn(folder, tmp_path, schedule, [SEED])
    assert recording.live == 0
    assert recording.conditioning.keys() == reference.conditioning.keys()
    for name, states in reference.conditioning.items():
        assert relative(recording.conditioning[name], states.ravel()) <= 1e-5, name
    for part in ("velocities", "estimates"):
        for i, (ours, theirs) in enumerate(zip(getattr(recording, part), getattr(reference, part), strict=True)):
            assert relative(ours, theirs.ravel()) <= 1e-5, f"{part} {i}"
    picture = reference.picture.ravel()
    assert relative(recording.picture, picture.clip(0, 1)) <= 1e-3 or relative(recording.picture, picture) <= 1e-3
    assert np.abs(eight_bits(recording.picture) - eight_bits(picture)).max() <= 1


@pytest.mark.parametrize("family", FAMILIES)
def test_a_batch_is_what_its_members_are_alone(family: str, tmp_path: Path):
    folder = tiny(family).convert("f32")
    schedule = Converted(folder).schedule()[:2]
    both = drawn(folder, tmp_path, schedule, [7, 8]).picture.reshape(2, -1)
    alone = drawn(folder, tmp_path, schedule, [8]).picture
    assert relative(both[1], alone) <= 1e-6
    assert relative(both[0], alone) > 1e-2


@pytest.mark.parametrize("form", ["f16", "q4"])
def test_stored_in_fewer_bits_the_engine_draws_what_onnxruntime_does(form: str, tmp_path: Path):
    """q4's own distance to PyTorch with the same stored numbers is test_convert_quantise.py's."""
    source = tiny("sd35")
    folder = source.convert(form)
    model = Converted(folder)
    schedule = model.schedule()
    recording = drawn(folder, tmp_path, schedule, [SEED])
    expected = model.draw(model.encode(PROMPT), [SEED], schedule)
    assert relative(recording.picture, expected.picture.ravel()) <= 1e-3
    if form == "f16":
        reference = source.record(schedule)
        for ours, theirs in zip(recording.velocities, reference.velocities, strict=True):
            assert relative(ours, theirs.ravel()) <= 3e-3


def test_the_lora_changes_the_picture(tmp_path: Path):
    source = tiny("sd35")
    pictures = []
    for lora in (True, False):
        folder = source.convert("f32", lora=lora)
        pictures.append(drawn(folder, tmp_path, Converted(folder).schedule()[:2], [SEED]).picture)
    assert relative(pictures[1], pictures[0]) > 1e-2
