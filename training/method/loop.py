"""What every training stage shares: a budget, a resumable run, a moving average, the learning rate's rise and fall."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from training.config.runs import RANK, RUNS, agreed, load, save, spent

WARMUP_SHARE = 0.05
"""Of the planned steps or minutes: a short run is not all warm-up."""


class Ema:
    """Exponential moving average of a module's parameters, with a warm-up so that early weights do not linger."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.shadow = {k: v.detach().clone() for k, v in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        weights = module.state_dict()
        floats = [name for name, value in weights.items() if value.is_floating_point()]
        # One launch for all of them: hundreds of small ones took a GPU longer than the rest of a step.
        torch._foreach_lerp_([self.shadow[name] for name in floats], [weights[name] for name in floats], 1 - decay)
        for name in weights.keys() - floats:
            self.shadow[name].copy_(weights[name])


@dataclass(frozen=True)
class Progress:
    """step: since the first run began, from 0. done: part of this run's steps or minutes, whichever is farther."""

    step: int
    done: float
    minutes_left: float


def rate_factor(progress: Progress, warmup_steps: int, cooldown_minutes: float) -> float:
    """What the learning rate is multiplied by: up over `warmup_steps` or the first 5% of the plan, whichever is
    shorter; flat; down to 0 over the last minutes."""
    warm = max((progress.step + 1) / warmup_steps, progress.done / WARMUP_SHARE)
    cooldown = min(1.0, progress.minutes_left / cooldown_minutes) if cooldown_minutes else 1.0
    return min(1.0, warm) * max(0.0, cooldown)


class Run:
    """A model in training with its optimisers and its average, continued from training/runs/<name>.pt where there is
    one. `state` is that checkpoint, for what a stage keeps besides."""

    def __init__(self, name: str, model: nn.Module, optimisers: list[torch.optim.Optimizer], decay: float) -> None:
        self.path = RUNS / f"{name}.pt"
        self.model, self.optimisers = model, optimisers
        self.rates = [[float(group["lr"]) for group in optimiser.param_groups] for optimiser in optimisers]
        self.state: dict[str, Any] = load(self.path) if self.path.exists() else {}
        self.first: int = self.state.get("step", 0)
        if self.state:
            model.load_state_dict(self.state["model"])
            # Checkpoints of one optimiser used to keep it as "optimiser"; restored ones have none.
            saved = self.state.get("optimisers", [self.state[key] for key in ("optimiser",) if key in self.state])
            for optimiser, kept in zip(optimisers, saved, strict=False):
                # One of another kind starts anew: torch's Muon and the captured step's.
                if kept["param_groups"][0].keys() == optimiser.state_dict()["param_groups"][0].keys():
                    optimiser.load_state_dict(kept)
        self.ema = Ema(model, decay)
        self.ema.shadow = self.state.get("ema", self.ema.shadow)

    def set_rates(self, factor: float) -> None:
        """Every learning rate to `factor` of the recipe's. One that is a tensor keeps its place in memory."""
        for optimiser, rates in zip(self.optimisers, self.rates, strict=True):
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                if isinstance(group["lr"], Tensor):
                    group["lr"].fill_(rate * factor)
                else:
                    group["lr"] = rate * factor

    def update(self, loss: Tensor, step: int, factor: float) -> None:
        """One step of every optimiser at `factor` of its learning rate."""
        self.set_rates(factor)
        self.descend(loss, step)

    def descend(self, loss: Tensor, step: int) -> None:
        """One step of every optimiser at the rates that are set."""
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.ema.update(self.model, step)

    def save(self, step: int, **more: object) -> None:
        save(
            self.path,
            **{
                "model": self.model.state_dict(),
                "ema": self.ema.shadow,
                "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
                "step": step,
                **more,
            },
        )


def train_for(
    minutes: float,
    first_step: int,
    step: Callable[[Progress], Mapping[str, float | Tensor]],
    checkpoint: Callable[[int], None],
    checkpoint_minutes: float = 5,
    max_steps: int | None = None,
) -> int:
    """Call `step`, which returns figures to show, until the time or the steps are spent. Returns the next step.

    Figures that are tensors are read when they are shown, so that a GPU need not wait for every step.
    """
    start, last_save, last_line = spent(), time.monotonic(), time.monotonic()
    averages: dict[str, float | Tensor] = {}
    i = first_step
    bar = tqdm(total=None, initial=first_step, unit="step", mininterval=30, disable=RANK > 0)
    while True:
        used = agreed((spent() - start) / 60)
        if used >= minutes or (max_steps is not None and i - first_step >= max_steps):
            break
        done = max(used / minutes, (i - first_step + 1) / max_steps if max_steps else 0.0)
        for name, value in step(Progress(i, done, minutes - used)).items():
            old = averages.get(name, value)
            averages[name] = value if name == "samples" else 0.98 * old + 0.02 * value
        i += 1
        now = time.monotonic()
        if now - last_line > 30 and not RANK:
            shown = " ".join(f"{name} {value:.4g}" for name, value in averages.items())
            tqdm.write(f"step {i} {(i - first_step) / (spent() - start):.2f}/s {shown}")
            last_line = now
        if now - last_save > checkpoint_minutes * 60:
            checkpoint(i)
            last_save = now
        bar.update()
    checkpoint(i)
    return i
