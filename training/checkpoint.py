"""Averaged weights without optimiser state, small enough for git: what a later run goes on from.

python -m training.checkpoint keep       # training/runs/*.pt → training/checkpoints/*.safetensors, float16
python -m training.checkpoint restore    # and back; stages then resume with a fresh optimiser
"""

import argparse
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from training.autoencoder import load_autoencoder
from training.loop import RUNS, load, save

CHECKPOINTS = Path(__file__).parent / "checkpoints"
NAMES = ("autoencoder", "teacher")  # the student is the teacher's copy, and what ships of it is in models/emoji


def keep(folder: Path = CHECKPOINTS) -> None:
    folder.mkdir(exist_ok=True)
    for name in NAMES:
        state = load(RUNS / f"{name}.pt")
        weights = load_autoencoder().state_dict() if name == "autoencoder" else state["ema"]
        halves = {key: value.half().cpu().contiguous() for key, value in weights.items()}
        metadata = {"step": str(state["step"]), "samples": str(state.get("samples", 0))}
        save_file(halves, folder / f"{name}.safetensors", metadata)


def restore(folder: Path = CHECKPOINTS) -> None:
    """Never overwrites a run. Raises FileExistsError naming it."""
    for name in NAMES:
        path = RUNS / f"{name}.pt"
        if path.exists():
            raise FileExistsError(f"{path} exists: move it away first, or go on from it")
    for name in NAMES:
        with safe_open(folder / f"{name}.safetensors", "pt") as file:
            weights: dict[str, torch.Tensor] = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
            metadata = file.metadata()
        counts = {key: int(value) for key, value in metadata.items()}
        save(RUNS / f"{name}.pt", model=weights, ema=weights, **counts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=["keep", "restore"])
    {"keep": keep, "restore": restore}[parser.parse_args().action]()


if __name__ == "__main__":
    main()
