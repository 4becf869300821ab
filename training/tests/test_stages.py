"""Every stage runs, saves, and continues from where it was."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from training.config.editions import EDITION, NANO, SMALL, chosen
from training.config.runs import load, save
from training.export import kept
from training.method.loop import Ema, Progress, rate_factor, train_for
from training.nets.autoencoder import Autoencoder
from training.nets.model import DiT
from training.studies.students import settings

ROOT = Path(__file__).parent.parent.parent


def stage(module: str, data: Path, runs: Path, *arguments: str, edition: str = "nano") -> None:
    environment = {**os.environ, "SCALEWISE_DATA": str(data), "SCALEWISE_RUNS": str(runs), "SCALEWISE_EDITION": edition}
    environment.setdefault("OMP_NUM_THREADS", "1")  # threads gain nothing in batches so small
    done = subprocess.run(
        [sys.executable, "-m", f"training.stages.{module}", *arguments],
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
    small = (*one_step, "--batch-share", "0.05")
    run("autoencoder", *one_step, "--batch-share", "0.12")
    run("autoencoder", *one_step, "--batch-share", "0.12")
    assert load(tmp_path / "autoencoder.pt")["step"] == 2
    run("pack", "--share", "0.002")
    run("contact", "--out", str(tmp_path / "contact.png"), "--count", "5", "--columns", "3")
    with Image.open(tmp_path / "contact.png") as sheet:
        assert sheet.size == (3 * 172 + 12, 2 * 208 + 12)
    run("decoder", *one_step, "--batch-share", "0.12")
    run("teacher", *small)
    run("teacher", *small)
    teacher = load(tmp_path / "teacher.pt")
    assert teacher["step"] == 2
    assert len(teacher["optimisers"]) == 2
    run("teacher", *small, "--set", "optimiser=adamw", "--name", "teacher-adamw")
    teacher = load(tmp_path / "teacher-adamw.pt")
    assert len(teacher["optimisers"]) == 1
    assert teacher["recipe"]["name"] == "emoji-0.7.0"
    assert teacher["recipe"]["fields"]["optimiser"] == "adamw"
    assert teacher["recipe"]["set"] == ["optimiser=adamw"]
    run("teacher", *small, "--set", "blocks=global-to-local", "--name", "teacher-global")
    assert "refine.weight" in load(tmp_path / "teacher-global.pt")["model"]
    run("student", *small, "--set", "fake.updates=2")
    run("student", *small, "--set", "fake.updates=2", "--set", "schedules=default,2,6")
    state = load(tmp_path / "student.pt")
    assert state["step"] == 2
    assert state["fake_optimiser"]["state"][0]["step"] == 4
    assert state["losses"] == {"rbf": 1.0, "huber": 0.25, "dmd": 1.0, "gan": 0.005}
    run("decoder", *one_step, "--batch-share", "0.12", "--set", "redrawn=1")
    assert load(tmp_path / "decoder.pt")["step"] == 2
    run("student", *small, "--name", "student-mmd-only", *settings("mmd-only"), "--set", "schedules=full-2")
    state = load(tmp_path / "student-mmd-only.pt")
    assert (state["schedule"], state["losses"], state["fake_updates"]) == ("full-2", {"mmd": 1.0}, 0)
    run("student", *small, "--name", "student-consistency", *settings("consistency", 1), "--set", "schedules=full-2")
    state = load(tmp_path / "student-consistency.pt")
    assert (state["consistency"], state["seed"], state["losses"]) == (16, 1, {"huber": 1.0})
    assert state["pictures"] == 1
    run("scorer", *one_step)
    assert load(tmp_path / "scorer.pt")["step"] == 1


def test_the_native_edition_starts_from_nanos_nets(art_folder: Path, tmp_path: Path) -> None:
    def run(module: str, *arguments: str) -> None:
        stage(module, art_folder, tmp_path, *arguments, edition="native")

    one_step = ("--minutes", "1", "--max-steps", "1")
    nano = Autoencoder(NANO.autoencoder)
    save(tmp_path / "autoencoder.pt", ema=nano.state_dict())
    teacher = DiT(NANO.dit)
    torch.nn.init.normal_(teacher.unpatchify.weight)
    save(tmp_path / "teacher.pt", ema=teacher.state_dict())
    for _ in range(2):
        run("native_autoencoder", *one_step, "--batch-share", "0.25")
    assert load(tmp_path / "native" / "native_autoencoder.pt")["step"] == 2
    run("pack", "--share", "0.002")
    small = (*one_step, "--batch-share", "0.05", "--set", "optimiser=adamw")
    run("teacher", *small, "--set", "adam_lr=1e-9", "--set", "start_from=nano")
    state = load(tmp_path / "native" / "teacher.pt")["model"]
    torch.testing.assert_close(state["unpatchify.weight"][:32], teacher.unpatchify.weight, atol=1e-6, rtol=0)
    run("student", *one_step, "--batch-share", "0.05", "--set", "fake.updates=1")
    run("decoder", *one_step, "--batch-share", "0.12", "--set", "redrawn=1")
    decoder = load(tmp_path / "native" / "decoder.pt")["ema"]
    assert {name.split(".")[0] for name in decoder} == {"decoder", "tail"}
    with np.load(art_folder / "latents-native.npz") as pack:
        assert pack["latents16"].shape[1:] == (16, 16, 16)


def test_the_small_edition_runs_through_the_same_stages(art_folder: Path, tmp_path: Path) -> None:
    def run(module: str, *arguments: str) -> None:
        stage(module, art_folder, tmp_path, *arguments, edition="small")

    one_step = ("--minutes", "1", "--max-steps", "1")
    run("autoencoder", *one_step, "--set", "crop_cells=16", "--batch-share", "0.12")
    run("pack", "--share", "0.002")
    # Muon, whose products are slow on CPUs without bf16, is nano's to test.
    run("teacher", *one_step, "--batch-share", "0.004", "--set", "optimiser=adamw")
    run("student", *one_step, "--batch-share", "0.01", "--set", "fake.updates=1")
    student = load(tmp_path / "small" / "student.pt")
    model = DiT(SMALL.dit)
    model.load_state_dict(student["ema"])
    assert 35e6 < sum(p.numel() for p in model.parameters()) < 45e6
    with np.load(art_folder / "latents-small.npz") as pack:
        assert pack["latents32"].shape[1:] == (8, 32, 32)


def test_an_edition_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="'large': set it to one of nano, native, small"):
        chosen("large")


def test_kept_weights_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = tmp_path / "runs"
    monkeypatch.setattr(kept, "RUNS", runs)
    monkeypatch.setattr(kept, "NAMES", ("teacher",))
    weight = torch.randn(4, 3).half().float()
    save(runs / "teacher.pt", model={}, ema={"weight": weight}, step=7, samples=99)
    kept.keep(tmp_path / "kept")
    with pytest.raises(FileExistsError, match="move it away"):
        kept.restore(tmp_path / "kept")
    (runs / "teacher.pt").unlink()
    kept.restore(tmp_path / "kept")
    state = load(runs / "teacher.pt")
    assert torch.equal(state["ema"]["weight"], weight)
    assert (state["step"], state["samples"]) == (7, 99)
    student = load(runs / "student.pt")
    DiT(EDITION.dit).load_state_dict(student["ema"])
    assert student["step"] > 0


def test_a_budget_ends_the_loop_and_checkpoints() -> None:
    saved: list[int] = []
    assert train_for(60, 5, lambda progress: {"loss": 1.0}, saved.append, max_steps=3) == 8
    assert saved == [8]
    assert train_for(0, 8, lambda progress: {"loss": 1.0}, saved.append) == 8


def test_the_rate_rises_stays_and_falls() -> None:
    assert rate_factor(Progress(0, 0, 60), 100, 20) == 0.01
    assert rate_factor(Progress(500, 0.5, 60), 100, 20) == 1
    assert rate_factor(Progress(500, 0.9, 5), 100, 20) == 0.25
    assert rate_factor(Progress(500, 0.9, 5), 100, 0) == 1


def test_a_short_run_warms_up_for_a_twentieth_of_its_plan() -> None:
    factors: list[float] = []

    def step(progress: Progress) -> dict[str, float]:
        factors.append(rate_factor(progress, 50, 0))
        return {}

    train_for(60, 0, step, lambda _: None, max_steps=40)
    assert factors[0] == 0.5  # the first of two steps, not of fifty
    assert factors[1:] == [1.0] * 39


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
