"""Exports a model folder for the browser.

python -m training.export            # the trained student → models/emoji
python -m training.export --decoder  # only its decoder
python -m training.export --wasm     # only the graphs that none but WASM runs
python -m training.export --budgets  # only what models/emoji's manifest says of schedules, from docs/ladders.json
python -m training.export --tiny     # the same graphs, small, with random weights → models/tiny
"""

import argparse

from training.export.emoji import export_budgets, export_decoder, export_emoji, export_wasm
from training.export.manifest import EMOJI
from training.export.tiny import export_tiny
from training.programs import run_program


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--decoder", action="store_true", help="only the decoder of models/emoji")
    which.add_argument("--wasm", action="store_true", help="only the graphs of models/emoji that none but WASM runs")
    which.add_argument("--budgets", action="store_true", help="only the schedules' quality, and the latents' spectrum")
    which.add_argument("--tiny", action="store_true", help="random weights → models/tiny")
    args = parser.parse_args()
    if args.tiny:
        export_tiny()
    elif args.decoder:
        export_decoder(EMOJI)
    elif args.wasm:
        export_wasm(EMOJI)
    elif args.budgets:
        export_budgets(EMOJI)
    else:
        export_emoji(EMOJI)


if __name__ == "__main__":
    run_program(main)
