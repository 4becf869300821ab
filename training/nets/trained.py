"""Trained networks, from their checkpoints in training/runs."""

from pathlib import Path

from training.config.editions import EDITION
from training.config.runs import RUNS, device, load
from training.nets.autoencoder import Autoencoder
from training.nets.model import DiT
from training.nets.scorer import Scorer, ScorerConfig
from training.nets.text import round_weights


def load_autoencoder() -> Autoencoder:
    """The averaged autoencoder, with the decoder of stages/decoder.py where that stage has run."""
    model = Autoencoder(EDITION.autoencoder).to(device())
    model.load_state_dict(load(RUNS / "autoencoder.pt")["ema"])
    if (RUNS / "decoder.pt").exists():
        model.decoder.load_state_dict(load(RUNS / "decoder.pt")["ema"])
    return model.eval().requires_grad_(False)


def load_rounded_autoencoder() -> Autoencoder:
    """As it ships, on the CPU: the decoder's matrices rounded to 8 bits."""
    model = load_autoencoder().cpu()
    round_weights(model.decoder)
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
