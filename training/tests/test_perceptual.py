"""What the decoder is sharpened by, and its stage on a net of three layers in Inception's place."""

import json
from pathlib import Path

import numpy as np
import torch

from training.config.editions import NATIVE
from training.config.runs import load, save
from training.method.losses.perceptual import MAPS, PatchHeads, decoder_adversary, features_distance, heads_loss
from training.nets.inception import FEATURES
from training.nets.native_autoencoder import NativeAutoencoder
from training.tests.test_stages import stage


def maps(count: int, size: int = 16) -> list[torch.Tensor]:
    return [torch.rand(count, channels, size >> i, size >> i) for i, channels in enumerate(MAPS.values())]


def test_features_distance_sees_direction_and_no_brightness() -> None:
    torch.manual_seed(0)
    real = maps(2)
    assert features_distance(real, real) == 0
    assert features_distance([2 * x for x in real], real) < 1e-6
    # Unit vectors at right angles are √2 apart, on each of three maps.
    one, other = ([torch.zeros_like(x) for x in real] for _ in range(2))
    for x, y in zip(one, other, strict=True):
        x[:, 0], y[:, 1] = 1, 1
    torch.testing.assert_close(features_distance(one, other), torch.tensor(6.0))


def test_the_heads_learn_to_tell_patches_apart_and_the_decoder_is_pulled_the_other_way() -> None:
    torch.manual_seed(0)
    real, drawn = maps(4), [x * 0.5 + 0.4 for x in maps(4)]
    heads = PatchHeads()
    first = heads_loss(heads(real), heads(drawn))
    optimiser = torch.optim.AdamW(heads.parameters(), lr=1e-2)
    for _ in range(40):
        optimiser.zero_grad()
        heads_loss(heads(real), heads(drawn)).backward()
        optimiser.step()
    # Every head at a loss of 2 says nothing; at 0 it is sure.
    assert abs(first.item() - 6) < 1.5
    assert heads_loss(heads(real), heads(drawn)) < 0.7 * first
    assert decoder_adversary(heads(drawn)) > decoder_adversary(heads(real))


def write_net(folder: Path) -> None:
    """Three convolutions whose outputs have the names and channels that are looked at."""
    layers = [{"kind": "InputLayer", "name": "in", "config": {}, "inputs": []}]
    weights, before, channels = [], "in", 3
    rng = np.random.default_rng(0)
    content = b""
    for name, width in MAPS.items():
        config = {"kernel_size": [3, 3], "strides": [2, 2], "padding": "same"}
        layers.append({"kind": "Conv2D", "name": f"conv-{name}", "config": config, "inputs": [before]})
        layers.append({"kind": "Activation", "name": name, "config": {}, "inputs": [f"conv-{name}"]})
        shape = [3, 3, channels, width]
        quantisation = {"min": -0.2, "scale": 0.4 / 255, "dtype": "uint8"}
        weights.append({"name": f"conv-{name}/kernel", "shape": shape, "quantization": quantisation})
        content += rng.integers(0, 256, int(np.prod(shape)), np.uint8).tobytes()
        before, channels = name, width
    layers.append({"kind": "Flatten", "name": FEATURES, "config": {}, "inputs": [before]})
    (folder / "inception.json").write_text(json.dumps({"layers": layers, "weights": weights}))
    (folder / "inception.bin").write_bytes(content)


def test_the_stage_trains_the_decoder_alone_and_goes_on(art_folder: Path, tmp_path: Path) -> None:
    write_net(art_folder)
    before = NativeAutoencoder(NATIVE.autoencoder).state_dict()
    save(tmp_path / "native" / "native_autoencoder.pt", ema=before)
    for _ in range(2):
        arguments = ("--minutes", "1", "--max-steps", "1", "--batch-share", "0.25")
        stage("native_decoder", art_folder, tmp_path, *arguments, edition="native")
    state = load(tmp_path / "native" / "native_decoder.pt")
    assert state["step"] == 2
    assert {name.split(".")[0] for name in state["ema"]} == {"decoder", "tail"}
    assert set(state["heads"]) == set(PatchHeads().state_dict())
    moved = [name for name, weight in state["model"].items() if not torch.equal(weight, before[name])]
    assert len(moved) > len(state["model"]) / 2
