"""Activations in 8 bits: the graph against the network that rounds the same way."""

from pathlib import Path

import onnx
import onnxruntime as ort
import pytest
import torch
from torch import nn

from training.export.onnx_denoiser import write_denoiser
from training.export.onnx_graph import FLOAT
from training.export.onnx_int8 import Int8Graph
from training.export.tiny import tiny_modules
from training.nets.int8 import RoundedLinear, reads_condition, round_tokens, rounds, with_rounded_tokens
from training.tests.test_export import relative_l2


def exact_session(path: Path) -> ort.InferenceSession:
    """On processors with AVX2 alone, ONNX Runtime adds pairs of products of 8 bits in 16, where they overflow. It does
    without where it is asked to. (WASM, for which these graphs are, never overflows: src/model/parity.test.ts.)"""
    options = ort.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")
    return ort.InferenceSession(path, options)


def test_tokens_are_rounded_by_themselves_to_the_nearest_even() -> None:
    integers, scale = round_tokens(torch.tensor([[127.0, 0.5, 1.5, -2.5], [0, 0, 0, 0]]))
    assert integers.tolist() == [[127, 0, 2, -2], [0, 0, 0, 0]]
    assert scale[0].item() == pytest.approx(1)


@pytest.mark.parametrize("name", ["text_in", "blocks.1.attention.q", "blocks.1.mlp_out"])
def test_a_layer_of_the_graph_is_the_rounded_layer_to_the_bit(name: str, tmp_path: Path) -> None:
    _, dit, _ = tiny_modules()
    layer = dit.get_submodule(name)
    graph = Int8Graph()
    x = graph.input("x", FLOAT, ["batch", "tokens", layer.in_features])
    graph.op("Identity", graph.linear(x, name, layer), output="y")
    graph.save(tmp_path / "layer.onnx", "y", ["batch", "tokens", layer.out_features])
    tokens = 3 * torch.randn(2, 20, layer.in_features)
    found = torch.from_numpy(exact_session(tmp_path / "layer.onnx").run(None, {"x": tokens.numpy()})[0])
    assert torch.equal(found, RoundedLinear(layer)(tokens))


def test_a_layer_that_reads_the_condition_keeps_16_bits_of_it(tmp_path: Path) -> None:
    _, dit, _ = tiny_modules()
    name = "blocks.1.modulation"
    layer = dit.get_submodule(name)
    graph = Int8Graph()
    x = graph.input("x", FLOAT, ["batch", layer.in_features])
    graph.op("Identity", graph.condition_product(x, name, layer), output="y")
    graph.save(tmp_path / "layer.onnx", "y", ["batch", 1, layer.out_features])
    # One value far above the others, by which 8 bits would lose them: 2e-2 here.
    condition = torch.randn(2, layer.in_features)
    condition[:, 3] = 60
    found = exact_session(tmp_path / "layer.onnx").run(None, {"x": condition.numpy()})[0]
    expected = torch.nn.functional.linear(condition, layer.weight)[:, None].numpy()
    assert relative_l2(found, expected) < 1e-4


def test_the_denoiser_is_the_rounded_network_and_no_picture_depends_on_its_batch(tmp_path: Path) -> None:
    _, dit, _ = tiny_modules()
    path = tmp_path / "denoiser-int8.onnx"
    write_denoiser(dit, path, Int8Graph())
    kinds = [node.op_type for node in onnx.load(path).graph.node]
    names = [name for name, layer in dit.named_modules() if isinstance(layer, nn.Linear)]
    rounded_layers, steered = (sum(map(of, names)) for of in (rounds, reads_condition))
    assert rounded_layers == 1 + 6 * (len(dit.blocks) - 1)
    assert steered == len(dit.blocks) + 1
    assert kinds.count("MatMulIntegerToFloat") == rounded_layers + steered
    # q, k and v read the same tokens, rounded once, and all blocks the same condition.
    assert kinds.count("QuantizeLinear") == 1 + 4 * (len(dit.blocks) - 1) + 1

    inputs = {
        "latent": torch.randn(2, 8, 12, 12),
        "timestep": torch.rand(2) * 1000,
        "text": torch.randn(2, 9, 32),
        "text_mask": torch.ones(2, 9),
    }
    session = exact_session(path)
    found = session.run(None, {name: value.numpy() for name, value in inputs.items()})[0]
    rounded, exact = with_rounded_tokens(dit)(*inputs.values()).numpy(), dit(*inputs.values()).numpy()
    # Float32's last digits push single values to the next step, which is what rounding costs at all.
    assert relative_l2(found, rounded) < 2e-2
    assert relative_l2(found, exact) < 3e-2
    alone = session.run(None, {name: value[:1].numpy() for name, value in inputs.items()})[0]
    assert (alone == found[:1]).all()
