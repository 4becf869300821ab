"""What a converted folder says of itself."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from onnxruntime import InferenceSession
from onnxruntime.capi.onnxruntime_pybind11_state import Fail
from transformers import AutoTokenizer

from training.convert.compare.converted import Converted, open_session
from training.convert.compare.distances import relative
from training.convert.compare.reference import open_pipeline
from training.convert.manifest import identifier_of
from training.convert.plan import Request, describe, make_plan
from training.convert.preview import linear_map, painted
from training.tests.convert_models import FAMILIES, PROMPT, converted, tiny

PROMPTS = [
    PROMPT,
    "",
    "We're sure they've said I'd be there; she'll come.",
    "ÄPFEL  und\tBirnen…  naïve café, 25 °C",
    "猫と犬, кошка и собака",
    "a (very) “long” prompt -- " * 40,
    "emoji 🐉🔥 ½ ﬁ",
]


FORMS = "f32", "f16", "q8", "q4"


def manifest_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_file_is_listed_with_its_hash(family: str):
    folder = tiny(family).convert("q4")
    manifest = manifest_of(folder)
    listed = {entry["path"]: entry for entry in manifest["files"]}
    assert set(listed) == {path.name for path in folder.iterdir()} - {"manifest.json", "NOTICE", "LICENSE"}
    for name, entry in listed.items():
        data = (folder / name).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("family", FAMILIES)
def test_graphs_name_files_and_inputs_that_there_are(family: str):
    folder = tiny(family).convert("q4")
    manifest = manifest_of(folder)
    for graphs in (manifest, *manifest["variants"]):
        denoiser = graphs["denoiser"]
        session = open_session(folder / denoiser["file"])
        inputs = [denoiser["latent"], denoiser["timestep"], *denoiser["conditioning"]]
        assert {value.name for value in session.get_inputs()} == set(inputs)
        assert {value.type for value in session.get_inputs()} == {"tensor(float)"}
        assert [(value.name, value.type) for value in session.get_outputs()] == [(denoiser["output"], "tensor(float)")]
        filled = [name for encoder in graphs["textEncoders"] for name in encoder["outputs"].values()]
        assert filled == denoiser["conditioning"]
        for graph in (denoiser, graphs["decoder"], *graphs["textEncoders"]):
            assert graph["data"] == sorted(graph["data"], key=lambda name: int(name.split(".")[-2]))
            assert all((folder / name).exists() for name in (graph["file"], *graph["data"]))
        fused = denoiser["fused"]
        assert fused["file"] != denoiser["file"]
        assert (folder / fused["file"]).exists()
        assert (folder / fused["check"]).exists()
        assert not any("fused" in graph for graph in (graphs["decoder"], *graphs["textEncoders"]))


def test_schedules_are_the_cards_and_fit_the_model():
    manifest = manifest_of(tiny("sd35").convert("f32"))
    assert manifest["defaultSchedule"] == "6-steps"
    assert [(s["size"], s["sigma"]) for s in manifest["schedules"]["6-steps"]] == [
        *[(8, 1.0), (12, 0.9454), (16, 0.8959)],
        *[(20, 0.7904), (24, 0.7371), (32, 0.6022)],
    ]
    assert [s["size"] for s in manifest["schedules"]["4-steps"]] == [16, 20, 24, 32]
    assert [s["size"] for s in manifest["schedules"]["4-steps-2025"]] == [8, 16, 24, 32]
    sdxl = manifest_of(tiny("sdxl").convert("f32"))
    sigmas = [s["sigma"] for s in sdxl["schedules"]["4-steps"]]
    np.testing.assert_allclose(sigmas, [1, 0.83636, 0.69555, 0.53798], atol=1e-5)
    for model in (manifest, sdxl):
        sizes = [step["size"] for steps in model["schedules"].values() for step in steps]
        assert all(size % model["denoiser"]["patch"] == 0 for size in sizes)


@pytest.mark.parametrize(
    ("name", "schedule"), [("swd-medium-4-steps", "4-steps"), ("swd-medium-6-steps", "6-steps"), ("other", "6-steps")]
)
def test_the_loras_name_tells_the_schedule(tmp_path: Path, name: str, schedule: str):
    (tmp_path / name).symlink_to(tiny("sd35").lora)
    assert make_plan(Request(tiny("sd35").checkpoint, tmp_path / "out", lora=tmp_path / name)).schedule == schedule


@pytest.mark.parametrize("family", ["sd35", "sdxl"])
@pytest.mark.parametrize("prompt", PROMPTS, ids=range(len(PROMPTS)))
def test_ids_are_those_of_the_checkpoints_own_tokenizers(family: str, prompt: str):
    source = tiny(family)
    model = Converted(source.convert("f32"))
    for encoder, place in zip(model.graphs["textEncoders"], ("", "_2", "_3"), strict=False):
        own = AutoTokenizer.from_pretrained(source.checkpoint / f"tokenizer{place}")
        count = encoder["tokenizer"]["maxTokens"]
        ids = own(prompt, padding="max_length", max_length=count, truncation=True).input_ids
        assert model.ids(encoder, prompt) == ids


def test_the_second_clip_fills_up_with_an_exclamation_mark():
    first, second, third = manifest_of(tiny("sd35").convert("f32"))["textEncoders"]
    assert second["tokenizer"]["pad"] == third["tokenizer"]["pad"] == 0
    assert first["tokenizer"]["pad"] > 500
    assert [encoder["tokenizer"]["maxTokens"] for encoder in (first, second, third)] == [77, 77, 48]


@pytest.mark.parametrize("family", ["sd35", "sdxl"])
@torch.no_grad()
def test_the_preview_is_fitted_to_the_autoencoder(family: str):
    """Over all the made-up pictures the map must explain more than one constant colour does, even here, where random
    weights keep little of a picture."""
    vae = open_pipeline(tiny(family).checkpoint, None).vae
    preview = manifest_of(tiny(family).convert("f32"))["preview"]
    matrix, bias = np.array(preview["matrix"]), np.array(preview["bias"])
    assert matrix.shape == (4, 4 if family == "sdxl" else 16)
    latent = (vae.encode(painted(256)).latent_dist.mean - (vae.config.shift_factor or 0)) * vae.config.scaling_factor
    colours = torch.nn.functional.avg_pool2d(painted(256) / 2 + 0.5, 8).numpy()
    guess = np.einsum("dc,bchw->bdhw", matrix[:3], latent.numpy()) + bias[:3, None, None]
    left = ((guess - colours) ** 2).mean() / colours.var(axis=(0, 2, 3)).mean()
    assert left < (0.95 if family == "sd35" else 0.995)


def test_a_linear_preview_is_found_where_there_is_one():
    generator = torch.Generator().manual_seed(0)
    cells, matrix = torch.randn(500, 16, generator=generator), torch.randn(3, 16, generator=generator)
    found = linear_map(cells, cells @ matrix.T + torch.tensor([0.1, 0.2, 0.3]))
    np.testing.assert_allclose(found["matrix"], [*matrix.tolist(), [0.0] * 16], atol=1e-4)
    np.testing.assert_allclose(found["bias"], [0.1, 0.2, 0.3, 1], atol=1e-4)


def without_card(family: str, folder: Path) -> Path:
    """As a real checkpoint, whose card names no free licence."""
    copy = shutil.copytree(tiny(family).checkpoint, folder / family)
    (copy / "README.md").unlink()
    return copy


def test_real_weights_need_their_licence_accepted(tmp_path: Path):
    sd35 = without_card("sd35", tmp_path)
    (sd35 / "LICENSE.md").write_text("The text of the licence.")
    converted(Request(sd35, tmp_path / "model", "q4", lora=tiny("sd35").lora))
    manifest = manifest_of(tmp_path / "model")
    notice = manifest["notice"]
    assert notice["accept"] is True
    assert "Stability AI Community License" in notice["text"]
    assert "The text of the licence." in notice["text"]
    notices = (tmp_path / "model" / "NOTICE").read_text()
    assert "Powered by Stability AI" in notices
    assert "sd35-lora" in notices
    assert [entry["by"] for entry in manifest["attribution"]] == ["Stability AI", "Yandex Research"]
    sdxl = make_plan(Request(without_card("sdxl", tmp_path), tmp_path / "other"))
    assert "RAIL++" in sdxl.terms.name


def test_random_weights_are_free():
    manifest = manifest_of(tiny("sd35").convert("f32", lora=False))
    assert "notice" not in manifest
    assert manifest["licence"] == "mit"
    assert manifest["attribution"] == []


def test_text_encoders_can_have_weights_of_their_own(tmp_path: Path):
    source = tiny("sd35")
    converted(Request(source.checkpoint, tmp_path / "model", "f16", 100_000, source.lora, text_form="q4"))
    for pattern, form in (("denoiser.*.bin", "f16"), ("text-encoder-*.bin", "q4")):
        found = {path.name: path.read_bytes() for path in (tmp_path / "model").glob(pattern)}
        assert found == {path.name: path.read_bytes() for path in source.convert(form).glob(pattern)}


@pytest.mark.parametrize("file", ["attention-check.onnx", "attention-check.f16.onnx"])
def test_the_attention_check_passes_where_attention_is_right(file: str):
    folder = tiny("sd35").convert("f16")
    manifest = manifest_of(folder)
    graphs = manifest["variants"][0] if "f16" in file else manifest
    fused = graphs["denoiser"]["fused"]
    assert fused["check"] == file
    (difference,) = open_session(folder / file).run(["difference"], {"one": np.ones(1, np.float32)})
    assert 0 < float(difference[0]) < fused["limit"]


def test_what_is_told_before_it_begins(tmp_path: Path):
    source = tiny("sd35")
    text = describe(make_plan(Request(source.checkpoint, tmp_path / "out", "q4", lora=source.lora)))
    sizes = "256 pixels a side, and draws up to 384"
    for part in ("sd35-medium", str(source.lora), "of disk", "of memory", "shader-f16", "denoiser", "6-steps", sizes):
        assert part in text
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_largest_size_is_where_positions_end(family: str):
    """Every graph takes it along both sides, and no graph one patch more along either; SDXL's has no positions."""
    folder = tiny(family).convert("f16")
    manifest = manifest_of(folder)
    for denoiser in (manifest["denoiser"], manifest["variants"][0]["denoiser"]):
        patch, most = denoiser["patch"], denoiser.get("maxSize")
        assert most == (None if family == "sdxl" else 48)
        session = open_session(folder / denoiser["file"])

        def velocity(height: int, width: int, session: InferenceSession = session) -> np.ndarray:
            size = {"batch": 1, "height": height, "width": width, "tokens": 8}
            shapes = {value.name: [size.get(side, side) for side in value.shape] for value in session.get_inputs()}
            return session.run(None, {name: np.ones(shape, np.float32) for name, shape in shapes.items()})[0]

        for sides in ((most or 64, most or 64), (most or 64, patch), (patch, most or 64), (patch, patch)):
            found = velocity(*sides)
            assert found.shape[2:] == sides
            assert np.isfinite(found).all()
        for sides in ((most + patch, most), (most, most + patch)) if most else ((most or 64, patch - 1),):
            with pytest.raises(Fail):
                velocity(*sides)


def test_weight_formats_shrink_the_files():
    sizes = {form: sum(p.stat().st_size for p in tiny("sd35").convert(form).glob("denoiser.*.bin")) for form in FORMS}
    assert sizes["f32"] > 1.9 * sizes["f16"] > 3 * sizes["q4"]
    assert sizes["f16"] > 1.5 * sizes["q8"] > 2 * sizes["q4"] * 0.9


def test_the_denoiser_alone_reads_its_conditioning_by_name():
    model = Converted(tiny("sdxl").convert("f32"))
    conditioning = model.encode(PROMPT)
    latent = model.noise([1], (16, 16), 0)
    shuffled = dict(sorted(conditioning.items(), reverse=True))
    assert relative(model.velocity(latent, 1.0, shuffled), model.velocity(latent, 1.0, conditioning)) == 0


@pytest.mark.parametrize(
    ("folder", "identifier"),
    [("sd35-medium", "sd35-medium"), ("mein Modell 猫", "mein-Modell"), (".ä", "a"), ("猫", "model")],
)
def test_the_id_has_letters_that_the_engine_takes(folder: str, identifier: str):
    assert identifier_of(folder) == identifier
