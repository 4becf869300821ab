"""Trains the teacher: a multi-resolution DiT, by flow matching on the latent pack.

python -m training.stages.teacher --recipe emoji-0.7.0
python -m training.stages.teacher --minutes 60 --cooldown-minutes 0     # again and again: it resumes
python -m training.stages.teacher --minutes 22 --cooldown-minutes 22    # the last slice: the rate falls to zero
torchrun --nproc-per-node 2 -m training.stages.teacher                  # two GPUs, twice the recipe's batch
"""

import torch
from torch import Tensor

from training.config.arguments import stage_order
from training.config.editions import EDITION, chosen
from training.config.recipes import TeacherRecipe
from training.config.runs import (
    ALL_RUNS,
    RUNS,
    WORLD,
    autocast,
    compiled,
    device,
    load,
    mine,
    parallel,
    ranks,
    seeded,
    shared_noise,
)
from training.data.pack import latents_of, load_pack
from training.method.batches import Batches, from_step
from training.method.flow import add_noise, random_sigmas, timestep
from training.method.loop import Progress, Run, rate_factor, train_for
from training.method.losses.teacher import FlowMatching, TeacherInputs
from training.method.optimisers import optimisers
from training.nets.caption_encoder import CaptionEncoder
from training.nets.global_local import MODELS
from training.nets.model import start_with_fewer_channels
from training.programs import run_program


def main() -> None:
    order = stage_order(TeacherRecipe, __doc__)
    recipe = order.recipe
    pack = load_pack()
    encode = CaptionEncoder()
    torch.manual_seed(0)
    model = MODELS[recipe.blocks](EDITION.dit).to(device())
    if recipe.start_from and not (RUNS / f"{order.name}.pt").exists():
        start_with_fewer_channels(model, load(chosen(recipe.start_from).folder(ALL_RUNS) / "teacher.pt")["ema"])
    run = Run(order.name, model, optimisers(model, recipe), recipe.ema)
    trained = parallel(compiled(model))
    samples = run.state.get("samples", 0)
    generator = seeded(run.first)
    sizes, parts, counts = zip(*EDITION.teacher_batches, strict=True)
    share = recipe.batch * order.batch_share
    batch_of = {size: WORLD * max(1, round(count * share)) for size, count in zip(sizes, counts, strict=True)}
    batches = from_step(run.first, Batches(pack, batch_of, parts, recipe.drop_caption, encode.tokens, seed=0))
    flow_matching = FlowMatching()

    def step(progress: Progress) -> dict[str, float | Tensor]:
        nonlocal samples
        # Every rank draws the whole batch, and keeps its part of rows, captions, levels and noise.
        size, rows, ids, mask = next(batches)
        sigma = mine(random_sigmas(len(rows), generator, recipe.shift)).to(device())
        x0 = latents_of(pack, mine(rows), size)
        noise = shared_noise(x0, generator)
        with autocast():
            velocity = trained(add_noise(x0, noise, sigma), timestep(sigma), *encode.states(mine(ids), mine(mask)))
        loss = flow_matching(TeacherInputs(velocity.float(), x0, noise))
        run.update(loss, progress.step, rate_factor(progress, recipe.warmup_steps, recipe.cooldown_minutes))
        samples += len(rows)
        return {f"velocity{size}": loss.detach(), "samples": float(samples)}

    def checkpoint(i: int) -> None:
        run.save(i, samples=samples, recipe=order.record)

    train_for(recipe.minutes, run.first, step, checkpoint, max_steps=order.max_steps)


if __name__ == "__main__":
    with ranks():
        run_program(main)
