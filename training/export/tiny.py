"""The fixture: the default model's graphs, small, with random weights."""

import torch
from torch import nn

from training.export.manifest import MODELS, ModelCard, export_model
from training.nets.autoencoder import TINY_AUTOENCODER, Autoencoder
from training.nets.model import TINY, DiT
from training.nets.text import MAX_TOKENS, TextConfig, TextEncoder, round_weights


def random_weights(module: nn.Module, std: float) -> None:
    """Lively random weights: the zero initialisations of training would make a model that ignores its inputs."""
    for p in module.parameters():
        if p.ndim > 1:
            nn.init.normal_(p, std=std)


def tiny_modules() -> tuple[TextEncoder, DiT, Autoencoder]:
    """The fixture's three networks; the same weights every time, so that goldens stay true."""
    torch.manual_seed(0)
    text_encoder = TextEncoder(TextConfig(positions=MAX_TOKENS, width=TINY.text_width, heads=2, depth=1))
    dit = DiT(TINY)
    autoencoder = Autoencoder(TINY_AUTOENCODER)
    random_weights(dit, 0.1)
    random_weights(autoencoder, 0.1)
    for module in (text_encoder, dit, autoencoder):
        round_weights(module)
        module.eval().requires_grad_(False)
    return text_encoder, dit, autoencoder


def export_tiny() -> None:
    """→ models/tiny"""
    card = ModelCard(
        "tiny",
        "Tiny",
        "Random weights in the default model's graphs: for tests, draws coloured noise.",
        "MIT",
        attribution=[],
        styles=[{"id": "3d", "label": "3D glossy", "template": "{prompt}, 3d glossy"}],
        examples=["a red apple", "noise"],
    )
    export_model(MODELS / "tiny", card, *tiny_modules(), torch.randn(4, 8, 16, 16))
