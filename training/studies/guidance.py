"""How the teacher draws best: the scale of its guidance, and how far its steps are shifted towards noise.

    python -m training.studies.guidance      # → docs/studies.json

What the student is measured against is the best of these. The shift is that of the sampler: the teacher was trained at
all sigmas, so only where its few steps are put changes.
"""

import argparse

import torch

from training.stages.student import load_teacher
from training.evaluate.evaluation import Evaluation, held_out_scenes
from training.nets.scorer import load_judge
from training.evaluate.samplers import euler
from training.evaluate.scores import Scorer
from training.studies.record import record
from training.stages.teacher import Captioner

STEPS = 16
GUIDANCES = (2.0, 5.0)
SHIFTS = (1.0, 3.0)
"""Beside those that the evaluation itself draws with: guidance 1 and 3 at the usual shift."""


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prompts", type=int, default=300)
    args = parser.parse_args()
    captioner = Captioner()
    evaluation = Evaluation(*held_out_scenes(args.prompts), Scorer(*load_judge(), captioner))
    teacher, empty = load_teacher().eval(), captioner([""])
    scales = [euler(teacher, empty, STEPS, guidance) for guidance in GUIDANCES]
    shifted = [euler(teacher, empty, STEPS, 3.0, shift=shift) for shift in SHIFTS]
    reports = {sampler.name: evaluation.of(sampler, seeds=1) for sampler in (*scales, *shifted)}
    shown = ("runs", "top1", "top5", "kernelDistance", "frechetDistance", "patchDistance", "witnessDistance", "edges")
    table = {name: {key: report[key] for key in shown} for name, report in reports.items()}
    record("guidance", {"prompts": len(evaluation.scenes), "table": table})


if __name__ == "__main__":
    main()
