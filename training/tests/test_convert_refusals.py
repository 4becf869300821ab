"""What cannot be converted is refused before a byte is written, by name and with a remedy."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from training.convert.convert import convert
from training.convert.errors import ConversionError
from training.convert.plan import Request, make_plan
from training.tests.convert_models import quiet, tiny

ROOT = Path(__file__).parents[2]
TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return shutil.copytree(tiny("sd35").checkpoint, tmp_path / "checkpoint")


def change_json(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values))


def change_tensors(path: Path, **change: np.ndarray | None) -> None:
    tensors = load_file(path) | change
    save_file({name: tensor for name, tensor in tensors.items() if tensor is not None}, path)


def refusal(checkpoint: Path, **options: Any) -> str:  # noqa: ANN401
    with pytest.raises(ConversionError) as caught:
        make_plan(Request(checkpoint, checkpoint.parent / "out", **options))
    assert sorted(path.name for path in checkpoint.parent.iterdir()) == ["checkpoint"]
    return str(caught.value)


def test_a_folder_without_a_model(tmp_path: Path):
    (tmp_path / "checkpoint").mkdir()
    assert "model_index.json is missing" in refusal(tmp_path / "checkpoint")


def test_another_pipeline(checkpoint: Path):
    change_json(checkpoint / "model_index.json", lambda v: v.update(_class_name="FluxPipeline"))
    assert "names FluxPipeline, which cannot be converted" in refusal(checkpoint)


def test_a_missing_text_encoder(checkpoint: Path):
    change_json(checkpoint / "model_index.json", lambda v: v.update(text_encoder_3=[None, None]))
    assert "'text_encoder_3' is missing, and T5EncoderModel is expected" in refusal(checkpoint)


def test_another_architecture(checkpoint: Path):
    change_json(checkpoint / "transformer/config.json", lambda v: v.update(qk_norm=None))
    assert "'qk_norm' is None, and this converter only knows 'rms_norm'" in refusal(checkpoint)


def test_a_missing_tensor(checkpoint: Path):
    change_tensors(checkpoint / TRANSFORMER, **{"transformer_blocks.1.attn.to_k.weight": None})
    assert "no tensor 'transformer_blocks.1.attn.to_k.weight'" in refusal(checkpoint)


def test_a_wrong_shape(checkpoint: Path):
    change_tensors(checkpoint / TRANSFORMER, **{"proj_out.weight": np.zeros((63, 64), np.float32)})
    assert "'proj_out.weight' has the shape (63, 64), but config.json calls for (64, 64)" in refusal(checkpoint)


def test_a_tensor_too_many(checkpoint: Path):
    change_tensors(checkpoint / TRANSFORMER, **{"transformer_blocks.1.attn3.to_k.weight": np.zeros((2, 2), np.float32)})
    assert "has 'transformer_blocks.1.attn3.to_k.weight'" in refusal(checkpoint)


def test_integers(checkpoint: Path):
    change_tensors(checkpoint / TRANSFORMER, **{"proj_out.weight": np.zeros((64, 64), np.int8)})
    assert "'proj_out.weight' is stored as I8" in refusal(checkpoint)


def test_a_truncated_file(checkpoint: Path):
    path = checkpoint / TRANSFORMER
    path.write_bytes(path.read_bytes()[:-1000])
    assert f"{path} cannot be read" in refusal(checkpoint)


def test_files_that_are_not_safetensors(checkpoint: Path):
    (checkpoint / TRANSFORMER).rename(checkpoint / "transformer/diffusion_pytorch_model.bin")
    assert "transformer has no safetensors file" in refusal(checkpoint)


def test_a_decoder_of_another_model(checkpoint: Path):
    assert "is no AutoencoderTiny" in refusal(checkpoint, decoder=checkpoint / "vae")


def test_a_schedule_that_the_model_lacks(checkpoint: Path):
    assert "Choose one of: 6-steps, 4-steps, 4-steps-2025" in refusal(checkpoint, schedule="2-steps")


def test_the_command_line_says_so_and_exits_with_2(checkpoint: Path):
    change_json(checkpoint / "model_index.json", lambda v: v.update(_class_name="FluxPipeline"))
    command = [sys.executable, "-m", "training.convert", str(checkpoint), "--out", str(checkpoint.parent / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith(f"{checkpoint}/model_index.json names FluxPipeline")
    assert "Traceback" not in done.stderr


def change_header(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Of a safetensors file; its tensors stay where they are."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    change(header)
    text = json.dumps(header, separators=(",", ":")).encode().ljust(length)
    path.write_bytes(data[:8] + text + data[8 + length :])


def test_a_tensor_whose_bytes_are_not_those_of_its_shape(checkpoint: Path):
    change_header(checkpoint / TRANSFORMER, lambda h: h["proj_out.weight"].update(shape=[64, 63]))
    assert "'proj_out.weight' has 16384 bytes, which are not those of F32 numbers of (64, 63)" in refusal(checkpoint)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("num_layers", 10**9, "'num_layers' is 1000000000, and 1 to"),
        ("patch_size", 0, "'patch_size' is 0, and 1 to"),
        ("sample_size", 4096, "with a sample_size of 4096 the schedules draw 1024 cells"),
        ("sample_size", 20, "with a sample_size of 20 the schedules draw 5 cells, and this model draws multiples of 2"),
    ],
)
def test_a_config_that_no_model_has(checkpoint: Path, field: str, value: int, words: str):
    change_json(checkpoint / "transformer/config.json", lambda v: v.update({field: value}))
    assert words in refusal(checkpoint)


@pytest.mark.parametrize("places", [{}, {"weight_map": {}}, {"weight_map": {"x": 3, "y": "../a.safetensors"}}])
def test_an_index_that_names_no_files(checkpoint: Path, places: dict[str, Any]):
    (checkpoint / TRANSFORMER).unlink()
    index = checkpoint / f"{TRANSFORMER}.index.json"
    index.write_text(json.dumps(places))
    assert f"{index}: 'weight_map' does not name the files beside it" in refusal(checkpoint)


def test_what_is_only_read_at_the_end_is_looked_at_first(checkpoint: Path):
    for path in (checkpoint / "tokenizer").glob("*"):
        if path.name != "tokenizer_config.json":
            path.unlink()
    assert "tokenizer has none of tokenizer.json, vocab.json, spiece.model" in refusal(checkpoint)


def test_more_files_than_a_model_may_have(checkpoint: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("training.convert.plan.MOST_FILES", 4)
    assert "--shard is so small that one part would be" in refusal(checkpoint, shard=60_000)


def test_a_folder_in_the_checkpoint_or_without_a_name(checkpoint: Path):
    for out, words in ((checkpoint / "model", "would lie in the checkpoint"), (checkpoint / "..", "names no folder")):
        with pytest.raises(ConversionError, match=words):
            convert(make_plan(Request(checkpoint, out)), quiet)
    assert sorted(path.name for path in checkpoint.parent.iterdir()) == ["checkpoint"]
