"""Weights stored in other ways give the products they should."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from torch import nn

from training.export.onnx_graph import FLOAT
from training.export.weight_formats import WEIGHT_FORMATS
from training.nets.text import round_weights

# The rounding of weights to float16, and to 15 steps a block of 32; 8 bits and float32 are exact.
TOLERANCE = {"float16": 1e-3, "matmul-8bit-int8": 2e-2, "matmul-4bit": 0.15}


@pytest.mark.parametrize("name", WEIGHT_FORMATS)
def test_a_stored_matrix_multiplies_as_the_layer_does(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    layer = nn.Linear(64, 48).requires_grad_(False)
    round_weights(layer)
    g = WEIGHT_FORMATS[name]()
    x = g.input("x", FLOAT, ["rows", 64])
    g.op("Identity", g.linear(x, "layer", layer), output="y")
    g.save(tmp_path / "graph.onnx", "y", ["rows", 48])
    rows = torch.randn(5, 64)
    ours = ort.InferenceSession(tmp_path / "graph.onnx").run(None, {"x": rows.numpy()})[0]
    theirs = layer(rows).numpy()
    assert np.linalg.norm(ours - theirs) / np.linalg.norm(theirs) < TOLERANCE.get(name, 1e-6)
