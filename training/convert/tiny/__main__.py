"""python -m training.convert.tiny sd35|sd35-large|sdxl OUT — a random checkpoint of the real architecture, in the
folder form that diffusers loads. With --lora OUT2, a random LoRA for it too. The same bytes every time."""

import argparse
from pathlib import Path

from diffusers import SD3Transformer2DModel, UNet2DConditionModel

from training.convert.tiny.checkpoints import SAVE, save_lora
from training.programs import run_program


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.convert.tiny", description=__doc__)
    parser.add_argument("model", choices=list(SAVE))
    parser.add_argument("out", type=Path)
    parser.add_argument("--lora", type=Path, help="folder for a random LoRA of the denoiser")
    args = parser.parse_args()
    SAVE[args.model](args.out)
    if args.lora:
        kind, folder = (
            (UNet2DConditionModel, "unet") if args.model == "sdxl" else (SD3Transformer2DModel, "transformer")
        )
        save_lora(args.lora, kind.from_pretrained(args.out, subfolder=folder))
    size = sum(path.stat().st_size for path in args.out.rglob("*") if path.is_file())
    print(f"{args.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    run_program(main)
