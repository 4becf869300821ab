"""The native edition's nets: what ships computes what was trained, and its DiT begins as nano's."""

from pathlib import Path

import onnxruntime as ort
import torch

from training.config.editions import NativeAutoencoderConfig
from training.export.onnx_decoder import write_decoder
from training.export.onnx_encoder import write_encoder
from training.nets.model import TINY, DiT, start_with_fewer_channels
from training.nets.native_autoencoder import NativeAutoencoder
from training.nets.text import round_weights


def random_autoencoder() -> NativeAutoencoder:
    config = NativeAutoencoderConfig(
        fine=8, widths=(12, 16), blocks=(2, 3), decoder_widths=(16, 12, 8, 8), decoder_blocks=(1, 1, 1, 1), tail=4
    )
    model = NativeAutoencoder(config)
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.1)
    torch.nn.init.uniform_(model.mean, -1, 1)
    torch.nn.init.uniform_(model.std, 0.5, 2)
    round_weights(model)
    return model.eval().requires_grad_(False)


def distance(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float((found - expected).norm() / expected.norm())


def test_both_halves_as_onnx_are_those_of_pytorch(tmp_path: Path) -> None:
    model = random_autoencoder()
    picture = torch.rand(2, 4, 64, 96)
    latent = model.encode(picture)
    write_encoder(model, tmp_path / "encoder.onnx")
    write_decoder(model, tmp_path / "decoder.onnx")
    encoder, decoder = (ort.InferenceSession(tmp_path / f"{half}.onnx") for half in ("encoder", "decoder"))
    encoded = torch.from_numpy(encoder.run(None, {"picture": picture.numpy()})[0])
    decoded = torch.from_numpy(decoder.run(None, {"latent": latent.numpy()})[0])
    assert encoded.shape == (2, 16, 4, 6)
    assert distance(encoded, latent) < 1e-5
    assert distance(decoded, model.decode(latent)) < 1e-5
    assert distance(decoded, model.decode(latent) - 0.5 * model.tail(model.decoder(latent))) > 1e-2  # the tail counts


def test_a_dit_of_more_channels_begins_as_the_one_of_fewer() -> None:
    config = TINY
    old = DiT(config)
    for p in old.parameters():
        torch.nn.init.normal_(p, std=0.05)
    new = DiT(type(config)(**{**vars(config), "channels": 16}))
    start_with_fewer_channels(new, old.state_dict())
    latent, text, mask = torch.randn(2, 16, 8, 8), torch.randn(2, 3, config.text_width), torch.ones(2, 3)
    velocity = new(latent, torch.tensor([100.0, 900.0]), text, mask)
    torch.testing.assert_close(velocity[:, :8], old(latent[:, :8], torch.tensor([100.0, 900.0]), text, mask))
    assert velocity[:, 8:].abs().max() == 0
