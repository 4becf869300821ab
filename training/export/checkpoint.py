"""Keeps averaged weights in git, or restores runs from them to continue.

python -m training.export.checkpoint keep       # training/runs/*.pt → training/checkpoints/*.safetensors, float16
python -m training.export.checkpoint restore    # and back; stages then resume with fresh optimisers
"""

import argparse

from training.export.kept import keep, restore
from training.programs import run_program


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=["keep", "restore"])
    {"keep": keep, "restore": restore}[parser.parse_args().action]()


if __name__ == "__main__":
    run_program(main)
