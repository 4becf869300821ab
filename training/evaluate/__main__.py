"""Draws the held-out prompts with every sampler, scores the pictures, and writes the page of results.

    python -m training.stages.scorer
    (cd training/nets/inception_weights && npm ci && npm run unpack)
    python -m training.evaluate               # → docs/results.json and docs/RESULTS.md
    python -m training.evaluate --students    # → docs/students.json: those of `python -m training.studies students`
    python -m training.evaluate --page        # the page again, from the committed JSON

What is measured of a sampler is kept in training/runs at once: a run that was cut short continues where it was.
"""

import argparse
import functools
import hashlib
import json
import re
from pathlib import Path

import torch

from training.config.editions import EDITION
from training.config.runs import RUNS, load
from training.config.whole_file import write_whole
from training.evaluate.evaluation import Evaluation, Kept, held_out_scenes
from training.evaluate.page import RESULTS, STUDENTS, write_page
from training.evaluate.samplers import MODEL, samplers, samplers_of_studies
from training.evaluate.scores import CHOICES, Embedder
from training.nets.caption_encoder import CaptionEncoder
from training.nets.trained import load_scorer, scorer_path
from training.programs import run_program


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", action="store_true", help="only write the page again, from the committed JSON")
    parser.add_argument("--prompts", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", type=re.compile, default="", help="samplers whose names this expression finds")
    parser.add_argument("--students", action="store_true", help="those to compare with, not what ships")
    args = parser.parse_args()
    if args.page:
        write_page()
        return
    scenes, drawings = held_out_scenes(args.prompts)
    encode = CaptionEncoder()
    evaluation = Evaluation(scenes, drawings, Embedder(*load_scorer(), encode))
    shipped = json.loads(Path("models/emoji/manifest.json").read_text())
    setting = {
        "model": f"{shipped['id']} {shipped['version']}",
        "prompts": len(scenes),
        "singles": len(evaluation.singles),
        "seeds": args.seeds,
        "choices": CHOICES,
        "pixels": EDITION.pixels,
        "teacherSamples": int(load(RUNS / "teacher.pt")["samples"]),
        "studentSteps": int(load(RUNS / "student.pt")["step"]),
        "scorerSteps": int(load(scorer_path())["step"]),
    }
    names = ("teacher", "student", "autoencoder", "native_autoencoder", "decoder")
    # What ships draws by its own files; how it is measured is code.
    measured = [Path(__file__).with_name(f"{name}.py") for name in ("metrics", "scores", "evaluation")]
    paths = [RUNS / f"{name}.pt" for name in names] + [scorer_path(), *sorted(MODEL.glob("*.onnx")), *measured]
    weights = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.exists()}
    kept = Kept(RUNS / "evaluation.json", setting | weights)
    reports = {"real renders": kept.get("real renders", evaluation.of_real)}
    make_samplers = samplers_of_studies if args.students else samplers
    for sampler in make_samplers(encode([""])):
        if re.search(args.only, sampler.name):
            make = functools.partial(evaluation.whole, sampler, args.seeds)
            reports[sampler.name] = kept.get(sampler.name, make, sampler.training)
    if args.students:
        for report in reports.values():
            del report["perPrompt"]
    path = STUDENTS if args.students else RESULTS
    write_whole(path, json.dumps({"setting": setting, "samplers": reports}, indent=1) + "\n")
    write_page()


if __name__ == "__main__":
    run_program(main)
