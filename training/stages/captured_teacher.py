"""Trains the teacher as `training.stages.teacher` does, for one GPU that should never wait: a step is one CUDA graph.

SCALEWISE_COMPILE=1 python -m training.stages.captured_teacher --recipe emoji-1.0.0 --minutes 6 --cooldown-minutes 3

Both continue the same checkpoint. Here the pack and six captions of each scene lie on the GPU (18 kB a caption).
"""

import torch

from training.config.arguments import stage_order
from training.config.editions import EDITION
from training.config.recipes import TeacherRecipe
from training.config.runs import device, ranks
from training.data.pack import load_pack
from training.method.captured_teacher import CapturedTeacher
from training.method.loop import train_for
from training.method.resident import resident
from training.nets.caption_encoder import CaptionEncoder
from training.nets.global_local import MODELS
from training.programs import run_program

WORDINGS = 6


def main() -> None:
    order = stage_order(TeacherRecipe, __doc__)
    recipe = order.recipe
    pack = resident(load_pack(), CaptionEncoder(), WORDINGS)
    torch.manual_seed(0)
    model = MODELS[recipe.blocks](EDITION.dit).to(device())
    share = recipe.batch * order.batch_share
    batches = {size: (part, max(1, round(count * share))) for size, part, count in EDITION.teacher_batches}
    teacher = CapturedTeacher(order.name, model, recipe, pack, batches)
    torch.manual_seed(teacher.run.first)
    teacher.capture()

    def checkpoint(i: int) -> None:
        teacher.run.save(i, samples=teacher.samples, recipe=order.record)

    train_for(recipe.minutes, teacher.run.first, teacher, checkpoint, max_steps=order.max_steps)


if __name__ == "__main__":
    with ranks(TeacherRecipe.stage):
        run_program(main)
