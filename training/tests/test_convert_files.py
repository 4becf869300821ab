"""How checkpoints are read and shards are written: one file or many, in any float, large and small."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import load_file, save_file

from training.convert.checkpoint import Checkpoint
from training.convert.compare.converted import Converted
from training.convert.compare.distances import relative
from training.convert.plan import Request, make_plan
from training.convert.stored import read_stored
from training.convert.tiny.checkpoints import save_sd35
from training.tests.convert_models import PROMPT, converted, tiny


def test_a_checkpoint_in_many_files_converts_to_the_same_bytes(tmp_path: Path):
    save_sd35(tmp_path / "many", max_shard_size="200KB")
    assert len(Checkpoint(tmp_path / "many" / "transformer").files) > 3
    assert len(Checkpoint(tmp_path / "many" / "text_encoder_3").files) > 1
    converted(Request(tmp_path / "many", tmp_path / "model", "q4", 100_000))
    expected = tiny("sd35").convert("q4", lora=False)
    shards = sorted(path.name for path in expected.glob("*.bin"))
    assert len(shards) > 8
    for name in shards:
        assert (tmp_path / "model" / name).read_bytes() == (expected / name).read_bytes()


def test_a_missing_file_of_many_is_named(tmp_path: Path):
    save_sd35(tmp_path / "many", max_shard_size="200KB")
    lost = Checkpoint(tmp_path / "many" / "transformer").files[1]
    lost.unlink()
    with pytest.raises(Exception, match=f"{lost.name} is missing"):
        make_plan(Request(tmp_path / "many", tmp_path / "model"))


@pytest.mark.parametrize(("kind", "limit"), [(torch.float16, 1e-3), (torch.bfloat16, 8e-3)])
def test_half_precision_checkpoints(tmp_path: Path, kind: torch.dtype, limit: float):
    source = tiny("sd35").checkpoint / "transformer"
    half = shutil.copytree(source, tmp_path / "transformer")
    path = half / "diffusion_pytorch_model.safetensors"
    tensors = {name: tensor.to(kind) for name, tensor in load_file(path).items()}
    save_file(tensors, path)
    name = "transformer_blocks.0.ff.net.2.weight"
    rows = Checkpoint(half).rows(name, 3, 9)
    assert rows.dtype == np.float32
    assert (rows == tensors[name][3:9].float().numpy()).all()
    assert 0 < relative(rows, Checkpoint(source).rows(name, 3, 9)) < limit


def test_only_the_rows_asked_for_are_read(tmp_path: Path):
    """A tensor of 64 GB on paper: the file is a hole, and reading it whole would not fit."""
    shape, header = [16_000_000, 1000], {}
    header["big"] = {"dtype": "F32", "shape": shape, "data_offsets": [0, 64_000_000_000]}
    text = json.dumps(header).encode()
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + 64_000_000_000)
    checkpoint = Checkpoint(tmp_path)
    assert checkpoint.shape("big") == tuple(shape)
    assert checkpoint.rows("big", 9_000_000, 9_000_002).shape == (2, 1000)


def test_shards_keep_to_their_limit():
    """But for an array that is larger by itself, and no matrix: that has a shard to itself."""
    folder = tiny("sd35").convert("f32")
    model = onnx.load(folder / "denoiser.onnx", load_external_data=False)
    held: dict[str, list[str]] = {}
    for tensor in model.graph.initializer:
        place = {entry.key: entry.value for entry in tensor.external_data}
        if place:
            held.setdefault(place["location"], []).append(tensor.name)
    assert len(held) > 15
    large = [names for name, names in held.items() if (folder / name).stat().st_size > 100_000]
    assert large == [["pos_embed.pos_embed.middle"]]


def test_matrices_and_tables_larger_than_a_shard_are_split(tmp_path: Path):
    """The same picture, from shards in which most matrices have no room."""
    source = tiny("sd35")
    out = tmp_path / "model"
    converted(Request(source.checkpoint, out, "f32", 20_000, source.lora))
    assert max(path.stat().st_size for path in out.glob("text-encoder-*.bin")) <= 20_000
    for stem in ("text-encoder-3", "denoiser.plain"):
        split, whole = (read_stored(folder / f"{stem}.onnx") for folder in (out, source.convert("f32")))
        assert set(split) == set(whole)
        assert all((split[name] == whole[name]).all() for name in whole)
    one, other = Converted(out), Converted(source.convert("f32"))
    first, second = (model.draw(model.encode(PROMPT), [5], model.schedule()[:2]).picture for model in (one, other))
    assert relative(first, second) <= 1e-6


def test_a_split_matrix_in_blocks(tmp_path: Path):
    source = tiny("sd35")
    out = tmp_path / "model"
    converted(Request(source.checkpoint, out, "q4", 3_000, source.lora))
    split, whole = (read_stored(folder / "denoiser.plain.onnx") for folder in (out, source.convert("q4")))
    name = "transformer_blocks.0.ff.net.0.proj.weight"
    assert (split[name] == whole[name]).all()
    one, other = Converted(out), Converted(source.convert("q4"))
    conditioning, latent = other.encode(PROMPT), other.noise([1], (8, 8), 0)
    assert relative(one.velocity(latent, 1.0, conditioning), other.velocity(latent, 1.0, conditioning)) <= 1e-6


def test_the_plan_tells_what_will_be_written(tmp_path: Path):
    plan = converted(Request(tiny("sdxl").checkpoint, tmp_path / "model", "q4", 100_000))
    written = {path.name: path.stat().st_size for path in (tmp_path / "model").glob("*.bin")}
    assert {name: size for part in plan.written for name, size in part.shards.items()} == written
    assert plan.bytes == sum(written.values())
