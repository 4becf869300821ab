"""Two processes train as one with twice the batch: teacher, student, fake net and head, under torchrun on the CPU.

All ranks draw the same random numbers for the whole batch and each keeps its part, so both ways see the same samples,
captions, noise and levels. What differs is the order of float32 sums and the padding of the captions.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from training.config import runs
from training.config.editions import NANO
from training.config.recipes import TeacherRecipe
from training.config.runs import load, save
from training.method.optimisers import optimisers
from training.nets.model import DiT
from training.tests.test_stages import ROOT, stage

TOLERANCE = 1e-3
"""Of the relative L2 distance of what the weights moved by. Adam divides a gradient by its own size, so that rounding
counts where a gradient is nearly 0. Found: 4e-5 for student and fake net, 2e-4 for what AdamW trains of the teacher."""
MUON_TOLERANCE = 3e-2
"""Of the matrices that Muon trains: its five Newton-Schulz steps round to bf16, 3 digits. Found: 1.4e-2."""


def train(processes: int, module: str, data: Path, folder: Path, *arguments: str) -> dict[str, Any]:
    environment = {
        **os.environ,
        "SCALEWISE_DATA": str(data),
        "SCALEWISE_RUNS": str(folder),
        "SCALEWISE_PRECISION": "float32",
        "SCALEWISE_EDITION": "nano",
        "OMP_NUM_THREADS": "1",
    }
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes), "-m"]
    command = [*(torchrun if processes > 1 else [sys.executable, "-m"]), f"training.stages.{module}"]
    budget = ["--minutes", "10", "--cooldown-minutes", "0", "--max-steps", "2"]
    done = subprocess.run(
        [*command, *budget, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return load(folder / f"{module}.pt")


def moved_apart(one: dict[str, Any], other: dict[str, Any], start: dict[str, torch.Tensor]) -> float:
    """How far the weights are apart, relative to how far they came from where they started."""

    def norm(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> float:
        return sum(float((a[name] - b[name]).double().square().sum()) for name in start) ** 0.5

    return norm(one, other) / norm(one, start)


@pytest.fixture(scope="module")
def folders(art_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Data with a pack, and two folders of runs that start from the same lively teacher."""
    one, two = (tmp_path_factory.mktemp(name) for name in ("one", "two"))
    stage("autoencoder", art_folder, one, "--minutes", "1", "--max-steps", "1", "--batch-share", "0.12")
    stage("pack", art_folder, one, "--share", "0.002")
    torch.manual_seed(0)
    model = DiT(NANO.dit)
    for p in model.parameters():
        if p.ndim > 1:
            torch.nn.init.normal_(p, std=0.05)
    for folder in (one, two):
        save(folder / "teacher.pt", model=model.state_dict(), ema=model.state_dict(), step=100, samples=0)
    return art_folder, one, two


def test_two_processes_train_the_student_and_its_fake_net_as_one_does(folders: tuple[Path, Path, Path]) -> None:
    data, one, two = folders
    start = load(one / "teacher.pt")["ema"]
    settings = ("--set", "fake.updates=1", "--set", "batch=1")
    # The edition has batches of 96, 64 and 40 pictures: 24, 16 or 10 in one process are 12, 8 or 5 in each of two.
    alone = train(1, "student", data, one, *settings, "--batch-share", "0.25")
    together = train(2, "student", data, two, *settings, "--batch-share", "0.125")
    assert alone["step"] == together["step"] == 2
    assert alone["batch"] == pytest.approx(together["batch"])
    for part in ("model", "fake"):
        assert 0 < moved_apart(alone[part], together[part], start) < TOLERANCE
    head = alone["head"]
    assert moved_apart(head, together["head"], {name: torch.zeros_like(value) for name, value in head.items()}) < 1e-4


def test_two_processes_train_the_teacher_as_one_does(folders: tuple[Path, Path, Path]) -> None:
    data, one, two = folders
    start = load(one / "teacher.pt")["ema"]
    model = DiT(NANO.dit)
    # 64, 96 and 160 pictures: 4, 6 or 10 in one process are 2, 3 or 5 in each of two.
    alone = train(1, "teacher", data, one, "--batch-share", str(1 / 16))
    together = train(2, "teacher", data, two, "--batch-share", str(1 / 32))
    assert (alone["step"], alone["samples"]) == (together["step"], together["samples"])
    muon = {id(p) for p in optimisers(model, TeacherRecipe())[0].param_groups[0]["params"]}
    by_muon = {name: start[name] for name, p in model.named_parameters() if id(p) in muon}
    by_adamw = {name: value for name, value in start.items() if name not in by_muon}
    for weights in ("model", "ema"):
        assert 0 < moved_apart(alone[weights], together[weights], by_adamw) < TOLERANCE
        assert moved_apart(alone[weights], together[weights], by_muon) < MUON_TOLERANCE


def test_a_stage_for_one_process_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "WORLD", 2)
    with pytest.raises(ValueError, match="decoder runs in one process"), runs.ranks("decoder"):
        pass
    with pytest.raises(ValueError, match="5 samples cannot be shared out evenly over 2"):
        runs.mine(torch.zeros(5))
