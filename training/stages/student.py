"""Scale-wise distillation: the teacher's copy learns to draw in a few steps, each at its own size (METHOD, section 2).

    python -m training.stages.student --minutes 20
    python -m training.stages.student --minutes 60 --dmd 1 --gan 0.005 --fake-updates 3 --batch 0.5 --lr 5e-5 --ema 0.98
    python -m training.stages.student --minutes 20 --also 2 6                                  # draws in 2 and 6 steps, too
    python -m training.stages.student --minutes 5 --schedule full-4 --name student-full-4      # to compare with

A training pair is one picture at two sizes. The latent of the smaller, upscaled and renoised to the step's sigma, goes
in; the latent of the larger is the target. At the first step pure noise goes in. Half of the later steps start from
the student's own estimate instead (DMD2's backward simulation), so that it learns to mend its own errors.

Loss: MMD on the frozen teacher's features, both pictures noised alike at sigmas 0 to 0.6, plus a Huber on x0. The
Huber suits this data: most prompts name one picture. --dmd and --gan add the other two losses of the method. A step
with them is several times the work, so on a CPU they come second, as a polish in smaller batches: it is what makes the
pictures crisp. Unlike the authors, who distil on the teacher's pictures, the pairs here are the real renders: there are
enough, and a small teacher's are worse.
"""

import argparse
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from training.method.adversary import Adversary, AdversaryConfig
from training.config.editions import EDITION
from training.method.flow import FEATURE_LOSSES, add_noise, pseudo_huber
from training.data.pack import load_pack
from training.method.loop import RUNS, Ema, autocast, device, load, rate_factor, save, train_for
from training.nets.model import DiT
from training.method.rollout import Rollout, draw
from training.config.schedules import DEFAULT, LADDERS, Schedule
from training.stages.teacher import Captioner


@dataclass(frozen=True)
class DistillConfig:
    schedules: tuple[Schedule, ...] = (DEFAULT,)
    feature_block: int = EDITION.dit.depth // 2  # the middle, as the authors choose
    feature_sigma: float = 0.6  # features are compared at noise levels up to this
    feature_loss: str = "mmd"
    mmd_weight: float = 1.0
    dmd_weight: float = 0.0  # the authors': 1
    gan_weight: float = 0.0  # the authors': 5e-3
    huber_weight: float = 0.5
    huber_first: float = 0.6  # times that at the first step: at pure noise layouts differ
    huber_c: float = 0.1
    own_estimates: float = 0.5
    lr: float = 1e-4
    ema: float = 0.995

    def losses(self) -> dict[str, float]:
        """Those that have a weight, the features' by the name of what compares them."""
        weights = {
            self.feature_loss: self.mmd_weight,
            "huber": self.huber_weight,
            "dmd": self.dmd_weight,
            "gan": self.gan_weight,
        }
        return {name: weight for name, weight in weights.items() if weight}

    def choose(self, rng: np.random.Generator) -> tuple[int, int]:
        """Which schedule an update is for, and which of its steps. Half of the updates are for the first schedule, the
        rest for any. Of a schedule's steps the first is the hardest and the last has the least left to do."""
        chosen = 0 if rng.random() < 0.5 else int(rng.integers(len(self.schedules)))
        weights = np.ones(len(self.schedules[chosen]))
        weights[0], weights[-1] = 1.2, 0.8
        return chosen, int(rng.choice(len(weights), p=weights / weights.sum()))


def load_teacher() -> DiT:
    model = DiT(EDITION.dit).to(device())
    model.load_state_dict(load(RUNS / "teacher.pt")["ema"])
    return model


def feature_distance(
    teacher: DiT,
    x0: Tensor,
    target: Tensor,
    config: DistillConfig,
    text: tuple[Tensor, Tensor],
    generator: torch.Generator,
) -> Tensor:
    """How far the teacher's features of the student's pictures are from those of the real ones, noised alike."""
    level = (torch.rand(len(x0), generator=generator) * config.feature_sigma).to(x0.device)
    noise = torch.randn(target.shape, generator=generator).to(x0.device)
    with autocast():
        fake = teacher(add_noise(x0, noise, level), 1000 * level, *text, feature_block=config.feature_block)
        with torch.no_grad():
            real = teacher(add_noise(target, noise, level), 1000 * level, *text, feature_block=config.feature_block)
    return FEATURE_LOSSES[config.feature_loss](real.float(), fake.float())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--cooldown-minutes", type=float, default=0, help="the learning rate falls to 0 at the end")
    parser.add_argument("--max-steps", type=int, default=None)
    parser.add_argument("--schedule", choices=list(LADDERS), default="default")
    parser.add_argument("--also", nargs="*", choices=list(LADDERS), default=[], help="schedules beside that one")
    parser.add_argument("--mmd", type=float, default=DistillConfig.mmd_weight, help="weight; 0 leaves the loss out")
    parser.add_argument("--features", choices=list(FEATURE_LOSSES), default="mmd", help="how features are compared")
    parser.add_argument("--dmd", type=float, default=DistillConfig.dmd_weight, help="weight; the authors' is 1")
    parser.add_argument("--gan", type=float, default=DistillConfig.gan_weight, help="weight; the authors' is 0.005")
    parser.add_argument("--fake-updates", type=int, default=AdversaryConfig.updates, help="for one of the student's")
    parser.add_argument("--guidance", type=float, default=AdversaryConfig.guidance, help="of the teacher in DMD")
    parser.add_argument("--lr", type=float, default=DistillConfig.lr)
    parser.add_argument("--ema", type=float, default=DistillConfig.ema, help="a polish of few steps wants less: 0.98")
    parser.add_argument("--batch", type=float, default=1.0, help="part of the usual batch")
    parser.add_argument("--huber", type=float, default=DistillConfig.huber_weight, help="weight; 0 leaves it out")
    parser.add_argument("--name", default="student", help="of the checkpoint in training/runs")
    args = parser.parse_args()

    config = DistillConfig(
        schedules=tuple(LADDERS[name] for name in (args.schedule, *args.also)),
        feature_loss=args.features,
        mmd_weight=args.mmd,
        huber_weight=args.huber,
        dmd_weight=args.dmd,
        gan_weight=args.gan,
        lr=args.lr,
        ema=args.ema,
    )
    pack = load_pack()
    captioner = Captioner()
    teacher = load_teacher().eval().requires_grad_(False)
    student = load_teacher().train()
    ema = Ema(student, config.ema)
    optimiser = torch.optim.AdamW(student.parameters(), lr=config.lr, betas=(0.9, 0.99), weight_decay=0.0)
    path = RUNS / f"{args.name}.pt"
    first, minutes_before = 0, 0.0
    if path.exists():
        state = load(path)
        minutes_before = state.get("minutes", 0.0)
        student.load_state_dict(state["model"])
        if "optimiser" in state:  # training/checkpoint.py restores none
            optimiser.load_state_dict(state["optimiser"])
        ema.shadow, first = state["ema"], state["step"]
    rng = np.random.default_rng(first)
    generator = torch.Generator().manual_seed(first)
    adversary = None
    if config.dmd_weight or config.gan_weight:
        settings = AdversaryConfig(updates=args.fake_updates, guidance=args.guidance)
        adversary = Adversary(teacher, captioner([""]), settings, generator)
        if path.exists() and "fake" in state:
            adversary.load(state)

    rollouts = [
        Rollout(student, pack, captioner, schedule, config.own_estimates, args.batch, rng, generator)
        for schedule in config.schedules
    ]

    def step(i: int, minutes_left: float) -> dict[str, float]:
        for group in optimiser.param_groups:
            group["lr"] = config.lr * rate_factor(i, 50, minutes_left, args.cooldown_minutes)
        chosen, index = config.choose(rng)
        rollout = rollouts[chosen]
        sigma = rollout.schedule[index].sigma
        figures: dict[str, float] = {}
        for _ in range(adversary.config.updates if adversary else 0):
            batch = rollout.batch(index)
            with torch.no_grad():
                drawn = draw(student, batch.noisy, sigma, batch.text)
            figures = adversary.update(drawn, batch.target, batch.text)

        batch = rollout.batch(index)
        x0 = draw(student, batch.noisy, sigma, batch.text)
        distance = pseudo_huber(x0 - batch.target, config.huber_c).mean()
        huber_weight = config.huber_weight * (config.huber_first if index == 0 else 1)
        loss = huber_weight * distance
        # Figures by schedule and step; the student's own estimates are harder inputs.
        source = ("own" if batch.own else "") + (f" of {args.also[chosen - 1]}" if chosen else "")
        figures[f"huber{index}{source}"] = distance.item()
        if config.mmd_weight:
            features = feature_distance(teacher, x0, batch.target, config, batch.text, generator)
            loss = loss + config.mmd_weight * features
            figures[f"features{index}{source}"] = features.item()
        if adversary:
            dmd, gan = adversary.losses(x0, batch.text)
            loss = loss + config.dmd_weight * dmd + config.gan_weight * gan
            figures |= {"dmd": dmd.item(), "gan": gan.item()}
        loss.backward()
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        ema.update(student, i)
        return figures

    started = time.monotonic()

    def checkpoint(i: int) -> None:
        save(
            path,
            model=student.state_dict(),
            ema=ema.shadow,
            optimiser=optimiser.state_dict(),
            step=i,
            minutes=minutes_before + (time.monotonic() - started) / 60,
            schedule=args.schedule,
            losses=config.losses(),
            batch=args.batch,
            fake_updates=args.fake_updates if adversary else 0,
            guidance=args.guidance if config.dmd_weight else 1.0,
            **(adversary.state() if adversary else {}),
        )

    train_for(args.minutes, first, step, checkpoint, max_steps=args.max_steps)


if __name__ == "__main__":
    main()
