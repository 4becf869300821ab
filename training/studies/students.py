"""The students that the results compare: each differs from the first in one thing. Those that exist are left alone.

python -m training.studies students --minutes 2      # each; `python -m training.evaluate --students` draws
"""

import subprocess
import sys

from training.config.runs import RUNS

# The method's own losses and kernel, in batches that two cores can afford; a plain average, for runs of minutes.
REFERENCE = {
    "schedules": "default",
    "first_step": "real",
    "fake.guidance": "3",
    "batch": "0.5",
    "ema": "0.995",
    "fake.updates": "3",
    "losses.rbf": "0",
    "losses.mmd": "1",
    "losses.huber": "0.5",
    "losses.dmd": "1",
    "losses.gan": "0.005",
}
CHEAP = {"losses.dmd": "0", "losses.gan": "0"}
STUDENTS: dict[str, dict[str, str]] = {
    "default-4": {},
    **{name: {"schedules": name} for name in ("full-4", "2", "full-2", "6", "full-6", "constant-4", "even-4")},
    "mmd-huber": CHEAP,
    "mmd-only": {**CHEAP, "losses.huber": "0"},
    "huber-only": {**CHEAP, "losses.mmd": "0"},
    "dmd-gan": {"losses.mmd": "0", "losses.huber": "0"},
    "guidance-2": {"fake.guidance": "2"},
    "rbf": {"losses.mmd": "0", "losses.rbf": "1"},
    "patch": {"losses.mmd": "0", "losses.patch": "1"},
}
"""How each differs from REFERENCE, by what the student is called."""


def settings(name: str) -> list[str]:
    """Of a student: `--set` words for training/stages/student.py."""
    return [f"--set={field}={value}" for field, value in {**REFERENCE, **STUDENTS[name]}.items()]


def run(minutes: float) -> None:
    for name in STUDENTS:
        if (RUNS / f"student-{name}.pt").exists():
            continue
        print(f"student-{name}", flush=True)
        budget = ["--minutes", str(minutes), "--cooldown-minutes", "0", "--name", f"student-{name}"]
        subprocess.run([sys.executable, "-m", "training.stages.student", *budget, *settings(name)], check=True)
