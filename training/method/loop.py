"""What every training stage shares: a time budget, a resumable checkpoint, a moving average, a progress line."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from tqdm import tqdm

from training.config.editions import EDITION

RUNS = EDITION.folder(Path(os.environ.get("SCALEWISE_RUNS", Path(__file__).parents[1] / "runs")))


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast() -> torch.autocast:
    """bf16 autocast. On a CPU without AVX512-BF16 or AMX bf16 is emulated and up to 50x slower, so it is off there."""
    if torch.cuda.is_available():
        return torch.autocast("cuda", torch.bfloat16)
    flags = Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    return torch.autocast("cpu", torch.bfloat16, enabled="avx512_bf16" in flags or "amx_bf16" in flags)


class Ema:
    """Exponential moving average of a module's parameters, with a warm-up so that early weights do not linger."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.shadow = {k: v.detach().clone() for k, v in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in module.state_dict().items():
            if value.is_floating_point():
                self.shadow[name].lerp_(value, 1 - decay)
            else:
                self.shadow[name].copy_(value)


def save(path: Path, **state: object) -> None:
    """Write whole or not at all, so that a run cut short leaves the last checkpoint intact."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def load(path: Path) -> dict[str, Any]:
    return torch.load(path, map_location=device(), weights_only=True)


def rate_factor(step: int, warmup_steps: int, minutes_left: float, cooldown_minutes: float) -> float:
    """What the learning rate is multiplied by: up over the first steps, flat, down to 0 over the last minutes."""
    cooldown = min(1.0, minutes_left / cooldown_minutes) if cooldown_minutes else 1.0
    return min(1.0, (step + 1) / warmup_steps) * max(0.0, cooldown)


def train_for(
    minutes: float,
    first_step: int,
    step: Callable[[int, float], dict[str, float]],
    checkpoint: Callable[[int], None],
    checkpoint_minutes: float = 5,
    max_steps: int | None = None,
) -> int:
    """Call `step(i, minutes_left)`, which returns figures to show, until the time is spent. Returns the next step."""
    start = last_save = last_line = time.monotonic()
    averages: dict[str, float] = {}
    i = first_step
    bar = tqdm(total=None, initial=first_step, unit="step", mininterval=30)
    while time.monotonic() - start < minutes * 60 and (max_steps is None or i - first_step < max_steps):
        for name, value in step(i, minutes - (time.monotonic() - start) / 60).items():
            old = averages.get(name, value)
            averages[name] = value if name == "samples" else 0.98 * old + 0.02 * value
        i += 1
        now = time.monotonic()
        if now - last_line > 30:
            shown = " ".join(f"{name} {value:.4g}" for name, value in averages.items())
            tqdm.write(f"step {i} {(i - first_step) / (now - start):.2f}/s {shown}")
            last_line = now
        if now - last_save > checkpoint_minutes * 60:
            checkpoint(i)
            last_save = now
        bar.update()
    checkpoint(i)
    return i
