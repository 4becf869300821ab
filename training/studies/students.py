"""The students that the results compare: each differs from the first in one thing. Those that exist are left alone.

python -m training.studies.students --minutes 2      # each; then `python -m training.evaluate.evaluation` draws with them
"""

import argparse
import subprocess
import sys

from training.method.loop import RUNS

HALF = ("--batch", "0.5")
ALL = (*HALF, "--dmd", "1", "--gan", "0.005", "--fake-updates", "3")
STUDENTS: dict[str, tuple[str, ...]] = {
    "default-4": ALL,
    **{name: (*ALL, "--schedule", name) for name in ("full-4", "2", "full-2", "6", "full-6", "constant-4", "even-4")},
    "mmd-huber": HALF,
    "mmd-only": (*HALF, "--huber", "0"),
    "huber-only": (*HALF, "--mmd", "0"),
    "dmd-gan": (*ALL, "--mmd", "0", "--huber", "0"),
    "guidance-2": (*ALL, "--guidance", "2"),
    "rbf": (*ALL, "--features", "rbf"),
    "patch": (*ALL, "--features", "patch"),
}
"""Arguments of training/distill.py by what the student is called."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=2)
    args = parser.parse_args()
    for name, arguments in STUDENTS.items():
        if (RUNS / f"student-{name}.pt").exists():
            continue
        print(f"student-{name}", flush=True)
        command = ["--minutes", str(args.minutes), "--name", f"student-{name}", *arguments]
        subprocess.run([sys.executable, "-m", "training.stages.student", *command], check=True)


if __name__ == "__main__":
    main()
