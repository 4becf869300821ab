"""Every stage runs, saves, and goes on from where it was."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from training.config.editions import EDITION, SMALL, chosen
from training.config.runs import load, save
from training.method.loop import Ema, rate_factor, train_for
from training.nets.model import DiT
from training.studies.teachers import checkpoint

ROOT = Path(__file__).parent.parent.parent


def stage(module: str, data: Path, runs: Path, *arguments: str, edition: str = "nano") -> None:
    environment = {**os.environ, "SCALEWISE_DATA": str(data), "SCALEWISE_RUNS": str(runs), "SCALEWISE_EDITION": edition}
    done = subprocess.run(
        [sys.executable, "-m", f"training.{module}", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_from_art_to_student_and_resumed(art_folder: Path, tmp_path: Path) -> None:
    def run(module: str, *arguments: str) -> None:
        stage(module, art_folder, tmp_path, *arguments)

    one_step = ("--minutes", "1", "--max-steps", "1")
    small = (*one_step, "--batch", "0.05")
    run("autoencoder", *one_step, "--batch", "2")
    run("autoencoder", *one_step, "--batch", "2")
    run("latents", "--composed", "0.002")
    run("contact", "--out", str(tmp_path / "contact.png"), "--count", "5", "--columns", "3")
    with Image.open(tmp_path / "contact.png") as sheet:
        assert sheet.size == (3 * 172 + 12, 2 * 208 + 12)
    run("decoder", *one_step, "--batch", "1")
    run("train", *small)
    run("train", *small)
    assert load(tmp_path / "teacher.pt")["step"] == 2
    run("train", *small, "--optimiser", "adamw", "--name", "teacher-adamw")
    assert len(load(tmp_path / "teacher-adamw.pt")["optimisers"]) == 1
    run("train", *small, "--blocks", "global-to-local", "--name", "teacher-global")
    assert "refine.weight" in load(tmp_path / "teacher-global.pt")["model"]
    run("distill", *small)
    run("distill", *small, "--also", "2", "6")
    assert load(tmp_path / "student.pt")["step"] == 2
    run("decoder", *one_step, "--batch", "1", "--redrawn", "1")
    assert load(tmp_path / "decoder.pt")["step"] == 2
    run("distill", *small, "--schedule", "full-2", "--mmd", "0", "--name", "student-full-2")
    assert load(tmp_path / "student-full-2.pt")["step"] == 1
    adversarial = ("--dmd", "1", "--gan", "0.005", "--fake-updates", "2", "--name", "student-dmd")
    run("distill", *small, *adversarial)
    run("distill", *small, *adversarial)
    state = load(tmp_path / "student-dmd.pt")
    assert state["step"] == 2
    assert state["fake_optimiser"]["state"][0]["step"] == 4


def test_the_small_edition_runs_through_the_same_stages(art_folder: Path, tmp_path: Path) -> None:
    def run(module: str, *arguments: str) -> None:
        stage(module, art_folder, tmp_path, *arguments, edition="small")

    one_step = ("--minutes", "1", "--max-steps", "1")
    run("autoencoder", *one_step, "--crop", "128", "--batch", "2")
    run("latents", "--composed", "0.002")
    run("train", *one_step, "--batch", "0.004")
    run("distill", *one_step, "--batch", "0.01", "--dmd", "1", "--gan", "0.005", "--fake-updates", "1")
    student = load(tmp_path / "small" / "student.pt")
    model = DiT(SMALL.dit)
    model.load_state_dict(student["ema"])
    assert 35e6 < sum(p.numel() for p in model.parameters()) < 45e6
    with np.load(art_folder / "latents-small.npz") as pack:
        assert pack["latents32"].shape[1:] == (8, 32, 32)


def test_an_edition_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="'large': set it to nano or small"):
        chosen("large")


def test_kept_weights_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = tmp_path / "runs"
    monkeypatch.setattr(checkpoint, "RUNS", runs)
    monkeypatch.setattr(checkpoint, "NAMES", ("teacher",))
    weight = torch.randn(4, 3).half().float()
    save(runs / "teacher.pt", model={}, ema={"weight": weight}, step=7, samples=99)
    checkpoint.keep(tmp_path / "kept")
    with pytest.raises(FileExistsError, match="move it away"):
        checkpoint.restore(tmp_path / "kept")
    (runs / "teacher.pt").unlink()
    checkpoint.restore(tmp_path / "kept")
    state = load(runs / "teacher.pt")
    assert torch.equal(state["ema"]["weight"], weight)
    assert (state["step"], state["samples"]) == (7, 99)
    student = load(runs / "student.pt")
    DiT(EDITION.dit).load_state_dict(student["ema"])
    assert student["step"] > 0


def test_a_budget_ends_the_loop_and_checkpoints() -> None:
    saved: list[int] = []
    assert train_for(60, 5, lambda i, left: {"loss": 1.0}, saved.append, max_steps=3) == 8
    assert saved == [8]
    assert train_for(0, 8, lambda i, left: {"loss": 1.0}, saved.append) == 8


def test_the_rate_rises_stays_and_falls() -> None:
    assert rate_factor(0, 100, 60, 20) == 0.01
    assert rate_factor(500, 100, 60, 20) == 1
    assert rate_factor(500, 100, 5, 20) == 0.25
    assert rate_factor(500, 100, 5, 0) == 1


def test_a_checkpoint_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    save(path, step=1)
    save(path, step=2)
    assert load(path)["step"] == 2
    assert list(tmp_path.iterdir()) == [path]


def test_ema_follows_fast_at_first_and_slowly_later() -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        model.weight.fill_(0)
        ema = Ema(model, 0.99)
        model.weight.fill_(1)
        ema.update(model, 0)
        assert ema.shadow["weight"].item() > 0.8
        ema.update(model, 10_000)
    assert 0.9 < ema.shadow["weight"].item() < 1
