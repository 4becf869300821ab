"""Runs one study; its figures go to docs/studies.json, and `python -m training.evaluate --page` shows them.

python -m training.studies spectra
python -m training.studies teachers --minutes 3
"""

import argparse

from training.programs import run_program
from training.studies import guidance, spectra, storage, students, teachers, upscaling


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    studies = parser.add_subparsers(dest="study", required=True)
    studies.add_parser("guidance", help="how the teacher draws best").add_argument("--prompts", type=int, default=300)
    studies.add_parser("spectra", help="at which noise level a size holds all that can be seen")
    studies.add_parser("storage", help="what weight formats cost in quality")
    studies.add_parser("students", help="what each loss and schedule buys").add_argument(
        "--minutes", type=float, default=3, help="of one core, for each"
    )
    trial = studies.add_parser("teachers", help="which optimiser, blocks and rate teach faster")
    trial.add_argument("--minutes", type=float, default=3, help="for each")
    trial.add_argument("--prompts", type=int, default=300)
    studies.add_parser("upscaling", help="before or after the noise").add_argument("--count", type=int, default=300)
    options = vars(parser.parse_args())
    runs = {
        "guidance": guidance.run,
        "spectra": spectra.run,
        "storage": storage.run,
        "students": students.run,
        "teachers": teachers.run,
        "upscaling": upscaling.run,
    }
    runs[options.pop("study")](**options)


if __name__ == "__main__":
    run_program(main)
