"""How the teacher draws best: the scale of its guidance, and how far its steps are shifted towards noise.

    python -m training.studies guidance      # → docs/studies.json

What the student is measured against is the best of these. The shift is that of the sampler: the teacher was trained at
all sigmas, so only where its few steps are put changes.
"""

import torch

from training.evaluate.evaluation import Evaluation, held_out_scenes
from training.evaluate.samplers import euler
from training.evaluate.scores import Embedder
from training.nets.caption_encoder import CaptionEncoder
from training.nets.trained import load_scorer, load_teacher
from training.studies.record import record

STEPS = 16
GUIDANCES = (2.0, 5.0)
SHIFTS = (1.0, 3.0)
"""Beside those that the evaluation itself draws with: guidance 1 and 3 at the usual shift."""


@torch.no_grad()
def run(prompts: int) -> None:
    encode = CaptionEncoder()
    evaluation = Evaluation(*held_out_scenes(prompts), Embedder(*load_scorer(), encode))
    teacher, empty = load_teacher().eval(), encode([""])
    scales = [euler(teacher, empty, STEPS, guidance) for guidance in GUIDANCES]
    shifted = [euler(teacher, empty, STEPS, 3.0, shift=shift) for shift in SHIFTS]
    reports = {sampler.name: evaluation.of(sampler, seeds=1) for sampler in (*scales, *shifted)}
    shown = ("runs", "rPrecision1", "rPrecision5", "kid", "fid", "patchKid", "inceptionKid", "edges")
    table = {name: {key: report[key] for key in shown} for name, report in reports.items()}
    record("guidance", {"prompts": len(evaluation.scenes), "table": table})
