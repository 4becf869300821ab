"""LoRAs: merged as peft does it, used to the last tensor, and refused by name where they do not fit."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from training.convert.checkpoint import Checkpoint
from training.convert.compare.converted import Converted
from training.convert.compare.distances import relative
from training.convert.errors import ConversionError
from training.convert.lora import Lora
from training.convert.plan import Request, make_plan
from training.convert.weights import Weights
from training.tests.convert_models import FAMILIES, PROMPT, TinyModel, tiny

FIRST = "base_model.model.transformer_blocks.0.attn.to_q.lora_A.weight"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_tensor_is_merged_as_peft_merges_it(family: str):
    source = tiny(family)
    folder = "unet" if source.xl else "transformer"
    lora = Lora(source.lora)
    weights = Weights(Checkpoint(source.checkpoint / folder), lora)
    merged = getattr(source.pipeline, folder).state_dict()
    for name in weights.checkpoint.names():
        weights.expect(name, weights.checkpoint.shape(name))
        assert relative(weights.rows(name), merged[name].numpy()) <= 1e-6
    lora.check_used()
    pairs = len(load_file(source.lora / "adapter_model.safetensors")) // 2
    assert pairs == len(lora.used) > 10


def test_rows_are_merged_as_the_whole_is():
    source = tiny("sd35")
    weights = Weights(Checkpoint(source.checkpoint / "transformer"), Lora(source.lora))
    name = "transformer_blocks.0.ff.net.0.proj.weight"
    whole = weights.rows(name)
    assert (np.concatenate([weights.rows(name, 0, 100), weights.rows(name, 100, 256)]) == whole).all()
    assert relative(whole, weights.checkpoint.rows(name)) > 0.01


@pytest.mark.parametrize("family", FAMILIES)
def test_the_lora_changes_the_picture(family: str):
    source = tiny(family)
    pictures = []
    for lora in (True, False):
        model = Converted(source.convert("f32", lora=lora))
        pictures.append(model.draw(model.encode(PROMPT), [3], model.schedule()[:2]).picture)
    assert relative(pictures[0], pictures[1]) > 0.01


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    return shutil.copytree(tiny("sd35").lora, tmp_path / "lora")


def change_tensors(lora: Path, change: dict[str, np.ndarray | None]) -> None:
    """None removes a tensor."""
    path = lora / "adapter_model.safetensors"
    tensors = load_file(path) | change
    save_file({name: tensor for name, tensor in tensors.items() if tensor is not None}, path)


def change_config(lora: Path, **settings: object) -> None:
    path = lora / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def refusal(lora: Path, source: TinyModel | None = None) -> str:
    checkpoint = (source or tiny("sd35")).checkpoint
    with pytest.raises(ConversionError) as caught:
        make_plan(Request(checkpoint, lora.parent / "out", "f16", lora=lora))
    return str(caught.value)


def test_a_missing_half_is_refused(lora: Path):
    change_tensors(lora, {FIRST: None})
    assert "no 'base_model.model.transformer_blocks.0.attn.to_q.lora_A.weight'" in refusal(lora)


def test_a_missing_pair_is_refused(lora: Path):
    change_tensors(lora, {FIRST: None, FIRST.replace("lora_A", "lora_B"): None})
    assert "no tensors for 'transformer_blocks.0.attn.to_q'" in refusal(lora)


def test_a_wrong_shape_is_refused(lora: Path):
    change_tensors(lora, {FIRST: np.zeros((4, 63), np.float32)})
    assert f"'{FIRST}' has the shape (4, 63), but this checkpoint needs (4, 64)" in refusal(lora)


def test_a_pair_that_no_layer_takes_is_refused(lora: Path):
    extra = FIRST.replace("transformer_blocks.0", "transformer_blocks.9")
    pair = {extra: np.zeros((4, 64)), extra.replace("lora_A", "lora_B"): np.zeros((64, 4))}
    change_tensors(lora, {name: array.astype(np.float32) for name, array in pair.items()})
    assert "no layer of this checkpoint takes 'transformer_blocks.9.attn.to_q'" in refusal(lora)


def test_a_lora_of_another_model_is_refused(lora: Path):
    assert "no layer of this checkpoint takes" in refusal(lora, tiny("sdxl"))


def test_what_is_more_than_two_matrices_is_refused(lora: Path):
    change_config(lora, use_dora=True)
    assert "use_dora is True" in refusal(lora)
    change_config(lora, use_dora=False, bias="all")
    assert "bias is 'all'" in refusal(lora)
    change_config(lora, bias="none", peft_type="IA3")
    assert "peft_type is 'IA3'" in refusal(lora)


def test_ranks_and_scales_of_single_layers(lora: Path):
    change_config(lora, alpha_pattern={"0.attn.to_q": 24}, rank_pattern={})
    weights = Weights(Checkpoint(tiny("sd35").checkpoint / "transformer"), Lora(lora))
    plain = Weights(Checkpoint(tiny("sd35").checkpoint / "transformer"), Lora(tiny("sd35").lora))
    for layer, factor in (("transformer_blocks.0.attn.to_q.weight", 3), ("transformer_blocks.1.attn.to_q.weight", 1)):
        base = plain.checkpoint.rows(layer)
        assert relative(weights.rows(layer) - base, factor * (plain.rows(layer) - base)) < 1e-4


@pytest.mark.parametrize(
    "settings",
    [{"r": "eight"}, {"r": 0}, {"r": None}, {"lora_alpha": "8"}, {"rank_pattern": {"0.attn.to_q": 0}}],
)
def test_ranks_that_are_no_numbers_are_refused(lora: Path, settings: dict[str, object]):
    change_config(lora, **settings)
    assert "r, lora_alpha, rank_pattern and alpha_pattern have to be numbers" in refusal(lora)


@pytest.mark.parametrize("targets", ["[", 7, [1]])
def test_targets_that_are_no_names_are_refused(lora: Path, targets: object):
    change_config(lora, target_modules=targets)
    assert "target_modules and exclude_modules have to be names" in refusal(lora)


def test_integers_are_refused(lora: Path):
    change_tensors(lora, {FIRST: np.zeros((4, 64), np.int8)})
    assert f"'{FIRST}' is stored as I8" in refusal(lora)
