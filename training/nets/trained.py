"""Trained networks, from their checkpoints in training/runs."""

import itertools
from pathlib import Path

from torch import nn

from training.config.editions import EDITION, AutoencoderConfig
from training.config.runs import RUNS, device, load
from training.nets.autoencoders import AnyAutoencoder, autoencoder_of, decoding_half
from training.nets.model import DiT
from training.nets.native_autoencoder import NativeAutoencoder
from training.nets.scorer import Scorer, ScorerConfig
from training.nets.text import round_weights

AUTOENCODER = "autoencoder" if isinstance(EDITION.autoencoder, AutoencoderConfig) else "native_autoencoder"
"""The stage that trains this edition's, and the name of its checkpoint."""


def load_autoencoder() -> AnyAutoencoder:
    """The averaged autoencoder, with the decoder of the stages that train it alone where one of them has run."""
    model = autoencoder_of(EDITION.autoencoder).to(device())
    model.load_state_dict(load(RUNS / f"{AUTOENCODER}.pt")["ema"])
    for name in ("decoder", "native_decoder"):
        if (RUNS / f"{name}.pt").exists():
            decoding_half(model).load_state_dict(load(RUNS / f"{name}.pt")["ema"])
    return model.eval().requires_grad_(False)


def load_rounded_autoencoder() -> AnyAutoencoder:
    """As it ships, on the CPU: matrices rounded to 8 bits, except those of the layers that make pixels.

    A pixel shuffle lays the rounding errors of the convolution before it as one pattern over every flat area: 1.1 of
    255 (rms) with all but the last rounded, 0.2 with these in float, as good as none rounded. It costs 240 kB. The
    encoder ships with the native edition alone.
    """
    model = load_autoencoder().cpu()
    convolutions = [layer for layer in model.decoder if isinstance(layer, nn.Conv2d)]
    shuffled = [a for a, b in itertools.pairwise(model.decoder) if isinstance(b, nn.PixelShuffle)]
    exact = [convolutions[0], *(layer for layer in shuffled if isinstance(layer, nn.Conv2d))]
    if isinstance(model, NativeAutoencoder):
        exact += [layer for layer in model.tail if isinstance(layer, nn.Conv2d)]
    weights = [layer.weight.data.clone() for layer in exact]
    round_weights(model if isinstance(model, NativeAutoencoder) else model.decoder)
    for layer, weight in zip(exact, weights, strict=True):
        layer.weight.data = weight
    return model


def load_teacher() -> DiT:
    """The averaged teacher."""
    model = DiT(EDITION.dit).to(device())
    model.load_state_dict(load(RUNS / "teacher.pt")["ema"])
    return model


def load_student(name: str = "student") -> DiT:
    """The averaged student as it ships, on the CPU: matrices rounded to 8 bits."""
    model = DiT(EDITION.dit)
    model.load_state_dict({k: v.cpu() for k, v in load(RUNS / f"{name}.pt")["ema"].items()})
    round_weights(model)
    return model.eval().requires_grad_(False)


def scorer_path() -> Path:
    """Of the scorer's checkpoint, which used to be called judge.pt."""
    path, old = RUNS / "scorer.pt", RUNS / "judge.pt"
    return old if old.exists() and not path.exists() else path


def load_scorer() -> tuple[Scorer, ScorerConfig]:
    """Raises FileNotFoundError that names the command which trains it."""
    if not scorer_path().exists():
        raise FileNotFoundError(f"{scorer_path()} is missing: run `python -m training.stages.scorer` first")
    config = ScorerConfig()
    model = Scorer(config).to(device())
    model.load_state_dict(load(scorer_path())["model"])
    return model.eval().requires_grad_(False), config
