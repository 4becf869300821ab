"""The committed fixture against PyTorch, and the 8-bit storage."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import numpy_helper

from training.export.kept import shipped
from training.export.manifest import MODELS, file_entry
from training.export.onnx_graph import exact_int8
from training.export.tiny import tiny_modules
from training.nets.text import TextConfig, round_to_int8

TINY = MODELS / "tiny"


def relative_l2(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def run(name: str, inputs: dict[str, torch.Tensor]) -> np.ndarray:
    session = ort.InferenceSession(TINY / name)
    return session.run(None, {k: v.numpy() for k, v in inputs.items()})[0]


def test_rounded_weights_are_found_again_bit_for_bit() -> None:
    integers, scale = round_to_int8(torch.randn(40, 64))
    weight = (integers.float() * scale).numpy()
    for matrix, axis in ((weight, 0), (weight.T.copy(), 1)):
        stored = exact_int8(matrix, axis)
        assert stored is not None
        assert np.array_equal(stored[0].astype(np.float32) * stored[1], matrix)
    assert exact_int8(np.random.default_rng(0).standard_normal((40, 64)).astype(np.float32), 0) is None


@pytest.mark.parametrize("name", ["text-encoder.onnx", "denoiser.onnx"])
def test_large_matrices_are_stored_as_integers(name: str) -> None:
    for tensor in onnx.load(TINY / name).graph.initializer:
        if len(tensor.dims) == 2 and min(tensor.dims) >= 32:
            assert numpy_helper.to_array(tensor).dtype == np.int8, tensor.name


def test_parameters_are_read_back_from_the_graphs() -> None:
    _, dit, autoencoder = tiny_modules()
    found = shipped(dit, TINY / "denoiser.onnx")
    assert found.keys() == dit.state_dict().keys()
    found |= shipped(autoencoder, TINY / "decoder.onnx")
    theirs = dit.state_dict() | {k: v for k, v in autoencoder.state_dict().items() if not k.startswith("encoder.")}
    assert found.keys() == theirs.keys()
    for name, value in theirs.items():
        assert torch.equal(found[name], value), name


@pytest.mark.parametrize("tokens", [2, 9, 24])
@pytest.mark.parametrize("size", [(1, 8, 8), (2, 12, 12), (3, 16, 8)])
def test_denoiser_graph_is_the_network(size: tuple[int, int, int], tokens: int) -> None:
    _, dit, _ = tiny_modules()
    b, h, w = size
    inputs = {
        "latent": torch.randn(b, 8, h, w),
        "timestep": torch.rand(b) * 1000,
        "text": torch.randn(b, tokens, 32),
        "text_mask": (torch.rand(b, tokens) > 0.3).float(),
    }
    assert relative_l2(run("denoiser.onnx", inputs), dit(*inputs.values()).numpy()) < 1e-4


def test_text_and_decoder_graphs_are_the_networks() -> None:
    text_encoder, _, autoencoder = tiny_modules()
    ids = torch.randint(0, TextConfig.vocabulary, (2, 24))
    mask = torch.tensor([[1] * 24, [1] * 5 + [0] * 19])
    assert (
        relative_l2(
            run("text-encoder.onnx", {"input_ids": ids, "attention_mask": mask}), text_encoder(ids, mask).numpy()
        )
        < 1e-4
    )
    latent = torch.randn(2, 8, 8, 12)
    assert relative_l2(run("decoder.onnx", {"latent": latent}), autoencoder.decode(latent).numpy()) < 1e-4


@pytest.mark.parametrize("folder", sorted(p.parent for p in MODELS.glob("*/manifest.json")), ids=lambda p: p.name)
def test_manifest_tells_the_truth_about_its_files(folder: Path) -> None:
    for entry in json.loads((folder / "manifest.json").read_text())["files"]:
        assert file_entry(folder, entry["path"], entry["dtype"]) == entry


def test_the_shipped_decoder_keeps_what_makes_patterns_in_float() -> None:
    """Rounded, it prints a checkerboard on flat areas."""
    stored = {tensor.name for tensor in onnx.load(MODELS / "emoji" / "decoder.onnx").graph.initializer}
    names = {name.removesuffix(".int8") for name in stored if name.endswith((".weight", ".weight.int8"))}
    weights = sorted((n for n in names if n.startswith("decoder.")), key=lambda name: int(name.split(".")[1]))
    assert weights[-1] in stored
    assert names - set(weights) <= stored, "and what smooths the picture at its full size"
    assert names - set(weights)
    graph = onnx.load(MODELS / "emoji" / "decoder.onnx").graph
    shuffles = [node.input[0] for node in graph.node if node.op_type == "DepthToSpace"]
    before = [node.input[1] for node in graph.node if node.op_type == "Conv" and node.output[0] in shuffles]
    assert len(before) == len(shuffles) == 4
    assert set(before) <= stored
    assert sum(f"{name}.int8" in stored for name in weights) == len(weights) - 5
