"""The model that bench/shards.ts measures with draws as models/tiny does: its weights add zero."""

import json
from pathlib import Path

import numpy as np
import onnxruntime

from training.convert.tiny.shards import TINY, entry, write


def test_velocity_is_that_of_tiny(tmp_path: Path) -> None:
    write(tmp_path, megabytes=32, shard=16)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert len(manifest["denoiser"]["data"]) == 2
    for file in manifest["files"]:
        assert entry(tmp_path / file["path"], file["dtype"])["sha256"] == file["sha256"]
    rng = np.random.default_rng(1)
    feeds = {
        "latent": rng.standard_normal((1, 8, 8, 8), dtype=np.float32),
        "timestep": np.array([500], dtype=np.float32),
        "text": rng.standard_normal((1, 8, 32), dtype=np.float32),
        "text_mask": np.ones((1, 8), dtype=np.float32),
    }
    one, other = (
        onnxruntime.InferenceSession(folder / "denoiser.onnx").run(None, feeds)[0] for folder in (TINY, tmp_path)
    )
    assert np.abs(one).max() > 0.1
    np.testing.assert_array_equal(one, other)
