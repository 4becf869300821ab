"""Weights in 8 and 4 bits: a graph computes with exactly the numbers that were stored."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from training.convert.compare.converted import Converted
from training.convert.compare.distances import part_distances, relative
from training.convert.compare.reference import open_pipeline, record
from training.convert.quantise import dequantise, quantise
from training.convert.stored import read_stored
from training.tests.convert_models import FAMILIES, PROMPT, SEED, TinyModel, tiny

COMPONENTS = {"text_encoder": "text-encoder-1", "text_encoder_2": "text-encoder-2", "text_encoder_3": "text-encoder-3"}


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("columns", [32, 80, 9])
def test_blocks_keep_a_matrix_to_half_a_step(bits: int, columns: int):
    matrix = np.random.default_rng(0).normal(size=(24, columns)).astype(np.float32)
    matrix[3] = 0
    packed, scales = quantise(matrix, bits)
    again = dequantise(packed, scales, bits, columns)
    assert again.shape == matrix.shape
    assert (again[3] == 0).all()
    step = np.repeat(np.abs(scales.astype(np.float32)), 32, -1)[:, :columns]
    # The end of the range that has one value less may lose a whole step; float16 scales lose a little more.
    assert (np.abs(again - matrix) <= step * (0.52 if bits == 8 else 1.01)).all()
    assert relative(again, matrix) < (0.008 if bits == 8 else 0.11)


def stored_in(pipeline_folder: Path, source: TinyModel) -> dict[str, dict[str, np.ndarray]]:
    parts = {"unet" if source.xl else "transformer": "denoiser.plain", "vae": "decoder", **COMPONENTS}
    graphs = {name: pipeline_folder / f"{stem}.onnx" for name, stem in parts.items()}
    return {name: read_stored(path) for name, path in graphs.items() if path.exists()}


def load_stored(module: torch.nn.Module, stored: dict[str, np.ndarray]) -> None:
    """Puts stored numbers in place of the module's own. All but the position table's rim must be there."""
    state = module.state_dict()
    for name, old in state.items():
        found = stored.get(name, stored.get(f"text_model.{name}"))
        if name == "pos_embed.pos_embed":
            found = old.numpy().astype(np.float16)
        if found is not None:
            old.copy_(torch.from_numpy(found.astype(np.float32)).reshape(old.shape))
    used = {name for name in stored if name in state or name.removeprefix("text_model.") in state}
    assert set(stored) - used <= {"pos_embed.pos_embed.middle"}, sorted(set(stored) - used)
    assert len(used) > 10


@pytest.mark.parametrize("form", ["q8", "q4"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_quantised_model_is_pytorch_with_the_stored_numbers(family: str, form: str):
    source = tiny(family)
    folder = source.convert(form)
    pipeline = open_pipeline(source.checkpoint, None)
    for name, stored in stored_in(folder, source).items():
        load_stored(getattr(pipeline, name), stored)
    model = Converted(folder)
    schedule = model.schedule("4-steps")
    reference = record(pipeline, PROMPT, SEED, schedule, source.tokens)
    for row in part_distances(model, reference, schedule):
        assert row.value <= 1e-5, row
    original = source.record(schedule)
    assert relative(reference.velocities[0], original.velocities[0]) > 1e-3  # the test would notice what was stored


def bits_of(graph: Path, layer: str) -> int | None:
    """How many bits a layer's matrix is stored with; None where it is not in blocks."""
    for node in onnx.load(graph, load_external_data=False).graph.node:
        if node.op_type == "MatMulNBits" and node.input[1].startswith(f"{layer}.weight"):
            return next(a.i for a in node.attribute if a.name == "bits")
    return None


def test_the_modulation_keeps_8_bits_when_the_rest_has_4():
    graph = tiny("sd35").convert("q4") / "denoiser.plain.onnx"
    assert bits_of(graph, "transformer_blocks.1.norm1.linear") == 8
    assert bits_of(graph, "transformer_blocks.1.norm1_context.linear") == 8
    assert bits_of(graph, "transformer_blocks.1.attn.to_q") == 4
    assert bits_of(graph, "context_embedder") is None
    assert bits_of(graph, "proj_out") is None


def test_all_graphs_of_a_component_read_the_same_shards():
    folder = tiny("sd35").convert("q4")
    stored = []
    for suffix in (".plain", "", ".plain.f16", ".f16"):
        model = onnx.load(folder / f"denoiser{suffix}.onnx", load_external_data=False)
        outside = [t for t in model.graph.initializer if t.external_data]
        stored.append({t.name: [(e.key, e.value) for e in t.external_data] for t in outside})
        assert all(
            len(numpy_helper.to_array(t).tobytes()) < 100_000 for t in model.graph.initializer if t not in outside
        )
    assert all(graph == stored[0] for graph in stored)
