"""python -m training.convert CHECKPOINT --lora LORA --weights q4 --out models/NAME — converts SD3.5-Medium, SD3.5-Large
or SDXL, from a diffusers folder and a peft LoRA folder, to a model folder for the browser."""

import argparse
import sys
from pathlib import Path

from training.convert.errors import ConversionError
from training.convert.ledger import unfinished_folder
from training.programs import run_program

UNITS = {"K": 10**3, "M": 10**6, "G": 10**9}


def size(text: str) -> int:
    """128M → 128,000,000 bytes."""
    number, unit = (text[:-1], UNITS[text[-1:].upper()]) if text[-1:].upper() in UNITS else (text, 1)
    if not number.isdigit() or int(number) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no size; 128M is one")
    return int(number) * unit


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.convert", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="diffusers folder, the one with model_index.json")
    parser.add_argument("--lora", type=Path, help="peft LoRA folder of the denoiser, to be merged in")
    parser.add_argument("--weights", choices=("f32", "f16", "q8", "q4"), default="q4", help="default: q4")
    parser.add_argument("--text-weights", choices=("f32", "f16", "q8", "q4"), help="the text encoders' (default: same)")
    parser.add_argument("--shard", type=size, default=size("128M"), help="largest weight file (default: 128M)")
    parser.add_argument("--decoder", type=Path, help="TAESD folder (AutoencoderTiny) in place of the VAE's decoder")
    parser.add_argument("--schedule", help="the default schedule; else as the LoRA's name says")
    parser.add_argument("--name", help="what the model is called (default: by its family)")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write, such as models/sd35-medium")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be needed and written")
    return parser.parse_args()


def run(args: argparse.Namespace) -> None:
    # Loaded here, as it takes seconds: help and wrong options are told at once, and Ctrl-C is heard meanwhile.
    from training.convert.convert import convert
    from training.convert.plan import Request, describe, make_plan

    request = Request(
        args.checkpoint,
        args.out,
        form=args.weights,
        shard=args.shard,
        lora=args.lora,
        decoder=args.decoder,
        schedule=args.schedule,
        text_form=args.text_weights,
        name=args.name,
    )
    plan = make_plan(request)
    print(describe(plan))
    if not args.dry_run:
        convert(plan, print)
        print(f"{args.out} is ready.")


def main() -> None:
    args = arguments()
    try:
        run(args)
    except ConversionError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(f"{error}.{kept_at(args.out)}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(f"Stopped.{kept_at(args.out)}", file=sys.stderr)
        sys.exit(130)


def kept_at(out: Path) -> str:
    folder = unfinished_folder(out)
    return f" What is finished is kept in {folder}: the same command goes on there." if folder.is_dir() else ""


if __name__ == "__main__":
    run_program(main)
