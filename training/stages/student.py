"""Scale-wise distillation: the teacher's copy learns to draw in a few steps, each at its own size (docs/METHOD.md,
section 4; SwD, arXiv 2503.16397).

    python -m training.stages.student --recipe emoji-0.7.0
    python -m training.stages.student --minutes 5 --set schedules=full-4 --name student-full-4      # to compare with
    torchrun --nproc-per-node 2 -m training.stages.student                  # two GPUs, twice the recipe's batch

A training pair is one picture at two sizes. The latent of the smaller, upscaled and renoised to the step's sigma, goes
in; the latent of the larger is the target. At the first step pure noise goes in. Half of the later steps start from
the student's own estimate instead, so that it learns to correct its own errors.

The losses and their weights are the recipe's (method/losses/student.py). A step with DMD or the GAN is several times
the work. Unlike SwD's authors, who distil on the teacher's pictures, the pairs here are the real renders: there are
enough, and a small teacher's are worse.
"""

import numpy as np
import torch
from torch import Tensor

from training.config.arguments import stage_order
from training.config.editions import EDITION
from training.config.recipes import StudentRecipe
from training.config.runs import WORLD, parallel, ranks, seeded, spent
from training.config.schedules import LADDERS
from training.data.pack import load_pack
from training.method.adversary import Adversary
from training.method.consistency import NextPoint, noise_levels
from training.method.features import FeaturePairs
from training.method.first_step import TeachersAnswer
from training.method.loop import Progress, Run, rate_factor, train_for
from training.method.losses.student import StudentInputs, chosen
from training.method.rollout import Rollout, choose, draw
from training.nets.caption_encoder import CaptionEncoder
from training.nets.trained import load_teacher
from training.programs import run_program

FEATURE_BLOCK = EDITION.dit.depth // 2
"""The middle, as SwD's authors choose."""


def main() -> None:
    order = stage_order(StudentRecipe, __doc__)
    recipe = order.recipe
    losses = chosen(recipe.losses)
    pack = load_pack()
    encode = CaptionEncoder()
    teacher = load_teacher().eval().requires_grad_(False)
    student = load_teacher().train()
    torch.manual_seed(0)  # of the head's weights: alike on every rank
    optimiser = torch.optim.AdamW(student.parameters(), lr=recipe.lr, betas=(0.9, 0.99), weight_decay=0.0)
    run = Run(order.name, student, [optimiser], recipe.ema)
    trained = parallel(student)
    rng = np.random.default_rng(run.first + recipe.seed)
    generator = seeded(run.first + recipe.seed)
    features = FeaturePairs(teacher, FEATURE_BLOCK, recipe.feature_sigma, generator)
    adversary = None
    if any(loss.needs_fake_net for loss in losses.values()):
        adversary = Adversary(teacher, encode([""]), recipe.fake, generator, FEATURE_BLOCK)
        if "fake" in run.state:
            adversary.load(run.state)
    follow = None
    if recipe.first_step == "teacher":
        follow = TeachersAnswer(teacher, encode([""]), recipe.fake.guidance, recipe.teacher_steps)
    elif recipe.first_step != "real":
        raise ValueError(f"first_step is {recipe.first_step!r}: expected real or teacher")
    ladders = [LADDERS[name] for name in recipe.schedules]
    consistency = None
    if recipe.consistency:
        ladders = [noise_levels(ladders[0][-1].size, recipe.consistency)]
        consistency = NextPoint(student, teacher, encode([""]), recipe.fake.guidance, ladders[0])
    share = recipe.batch * order.batch_share
    own = 0.0 if consistency else recipe.own_estimates
    rollouts = [
        Rollout(student, pack, encode, ladder, own, recipe.drop_caption, share, rng, generator) for ladder in ladders
    ]
    steps = [len(rollout.schedule) for rollout in rollouts]
    pictures = run.state.get("pictures", 0)

    def step(progress: Progress) -> dict[str, Tensor]:
        nonlocal pictures
        schedule, index = choose(len(steps), steps, rng)
        rollout = rollouts[schedule]
        sigma = rollout.schedule[index].sigma
        follows = follow is not None and index == 0
        figures: dict[str, Tensor] = {}
        for _ in range(recipe.fake.updates if adversary and not follows else 0):
            batch = rollout.batch(index)
            with torch.no_grad():
                drawn = draw(student, batch.noisy, sigma, batch.text)
            figures = adversary.update(drawn, batch.target, batch.text)

        batch = rollout.batch(index)
        pictures += len(batch.noisy) * WORLD
        if consistency:
            batch = consistency(batch, index)
        elif follow and follows:
            batch = follow(batch)
        x0 = draw(trained, batch.noisy, sigma, batch.text)
        inputs = StudentInputs(
            x0,
            batch.target,
            index == 0 and not follows,
            lambda: features(x0, batch.target, batch.text),
            lambda: adversary.critique(x0, batch.text),
        )
        # Figures by schedule and step; the student's own estimates are harder inputs.
        source = f"{index}{' own' if batch.own else ''}{f' of {recipe.schedules[schedule]}' if schedule else ''}"
        total: Tensor = torch.zeros((), device=x0.device)
        for name, loss in losses.items():
            if follows and loss.needs_fake_net:
                continue
            value = loss(inputs)
            total = total + recipe.losses[name] * value
            figures[name if loss.needs_fake_net else f"{name}{source}"] = value.detach()
        run.update(total, progress.step, rate_factor(progress, recipe.warmup_steps, recipe.cooldown_minutes))
        return figures

    started, minutes_before = spent(), run.state.get("minutes", 0.0)

    def checkpoint(i: int) -> None:
        run.save(
            i,
            recipe=order.record,
            # What the results say of a student (evaluate/samplers.py).
            minutes=minutes_before + (spent() - started) / 60,
            pictures=pictures,
            seed=recipe.seed,
            consistency=recipe.consistency,
            schedule=recipe.schedules[0],
            losses=recipe.losses,
            batch=share * WORLD,
            fake_updates=recipe.fake.updates if adversary else 0,
            guidance=recipe.fake.guidance if "dmd" in losses else 1.0,
            **(adversary.state() if adversary else {}),
        )

    train_for(recipe.minutes, run.first, step, checkpoint, max_steps=order.max_steps)


if __name__ == "__main__":
    with ranks():
        run_program(main)
