"""The engine in Chromium, on WebGPU (a software adapter) and on WASM, against diffusers' pipeline. Needs `npm ci`."""

import base64
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from training.convert.compare.converted import Converted, Step
from training.tests.convert_models import PROMPT, SEED, tiny

ROOT = Path(__file__).parents[2]
SIDES = {"square": (1.0, 1.0), "wide": (1.0, 1.5), "tall": (1.5, 0.5)}
"""Parts of each step's side."""
WORST = {"wasm": 1, "webgpu": 1}
"""Of 255."""


def sized(schedule: list[Step], height: float, width: float) -> list[Step]:
    steps = zip((8, 16, 24), schedule, strict=False)
    return [((int(side * height), int(side * width)), sigma) for side, (_, sigma) in steps]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], np.ndarray]:
    """By backend and shape, (height, width, 4)."""
    folder, scratch = tiny("sd35").convert("f32"), tmp_path_factory.mktemp("browser")
    asked = [(backend, shape) for backend in WORST for shape in SIDES]
    requests = [
        {
            "backend": backend,
            "prompt": PROMPT,
            "seed": SEED,
            "schedule": [
                {"size": list(size), "sigma": sigma}
                for size, sigma in sized(Converted(folder).schedule(), *SIDES[shape])
            ],
        }
        for backend, shape in asked
    ]
    (scratch / "requests.json").write_text(json.dumps(requests))
    files = [str(scratch / f"{name}.json") for name in ("requests", "pictures")]
    command = ["npx", "tsx", "scripts/record-in-browser.ts", str(folder), *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    pictures = json.loads((scratch / "pictures.json").read_text())
    assert [picture["backend"] for picture in pictures] == [backend for backend, _ in asked]
    assert {picture["live"] for picture in pictures} == {0}
    return {
        key: np.frombuffer(base64.b64decode(found["data"]), np.uint8).reshape(found["height"], found["width"], 4)
        for key, found in zip(asked, pictures, strict=True)
    }


@pytest.mark.parametrize("shape", SIDES)
@pytest.mark.parametrize("backend", WORST)
def test_chromium_draws_what_diffusers_draws(
    backend: str, shape: str, drawn: dict[tuple[str, str], np.ndarray]
) -> None:
    source = tiny("sd35")
    reference = source.record(sized(Converted(source.convert("f32")).schedule(), *SIDES[shape])).picture[0]
    expected = np.rint(reference.clip(0, 1) * 255).transpose(1, 2, 0)
    found = drawn[backend, shape].astype(np.float64)
    assert found.shape[:2] == expected.shape[:2]
    assert (found[..., 3] == 255).all()
    worst = np.abs(found[..., :3] - expected).max()
    print(f"{backend}, {shape}: {worst:.0f} of 255 at worst")
    assert worst <= WORST[backend]
    # It has details: moved by five pixels it is another.
    assert np.abs(expected - np.roll(expected, 5, 1)).mean() > 10
