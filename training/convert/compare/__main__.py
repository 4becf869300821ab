"""python -m training.convert.compare CHECKPOINT MODEL [--lora LORA] — how far a converted model is from diffusers' own
pipeline, part by part and step by step. Loads the whole checkpoint in float32."""

import argparse
import sys
from pathlib import Path

import torch

from training.convert.compare.converted import Converted
from training.convert.compare.distances import part_distances, table, whole_distances
from training.convert.compare.reference import open_pipeline, record
from training.convert.errors import ConversionError
from training.programs import run_program

PROMPT = "A cute winter dragon baby, 2 wings; it's blue!"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.convert.compare", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="diffusers folder that the model was converted from")
    parser.add_argument("model", type=Path, help="converted folder, the one with manifest.json")
    parser.add_argument("--lora", type=Path, help="peft LoRA folder that was merged in")
    parser.add_argument("--prompt", default=PROMPT)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--schedule", help="a name of the manifest's (default: the manifest's default)")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser.parse_args()


def compare(args: argparse.Namespace) -> None:
    if not (args.model / "manifest.json").exists():
        raise ConversionError(f"{args.model} has no manifest.json. Give the folder that the conversion wrote.")
    model = Converted(args.model, threads=args.threads)
    schedule = model.schedule(args.schedule)
    tokens = [encoder["tokenizer"]["maxTokens"] for encoder in model.graphs["textEncoders"]]
    print(f"Running {args.checkpoint} in diffusers: {args.prompt!r}, seed {args.seed}, {len(schedule)} steps.")
    reference = record(open_pipeline(args.checkpoint, args.lora), args.prompt, args.seed, schedule, tokens)
    runs = [("Every device", model), ("Every device, fused attention", Converted(args.model, fused=True))]
    for i, variant in enumerate(model.manifest["variants"]):
        needs = ", ".join(variant["requires"]["features"])
        runs += [(f"With {needs}", Converted(args.model, i)), (f"With {needs}, fused", Converted(args.model, i, True))]
    for title, run in runs:
        print(table(part_distances(run, reference, schedule), f"{title}: parts, each on diffusers' own inputs"))
        whole = whole_distances(run, reference, args.prompt, args.seed, schedule)
        print(table(whole, f"{title}: from the prompt to the picture"))


def main() -> None:
    try:
        compare(arguments())
    except ConversionError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    run_program(main)
