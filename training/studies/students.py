"""The students that the results compare: each differs from the first in one thing, and each is distilled twice, so that
the noise between runs is known. Those that exist are left alone.

python -m training.studies students --minutes 3      # each; `python -m training.evaluate --students` draws
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from training.config.runs import RUNS

# The method's own losses and kernel, in batches that two cores can afford; a plain average, for runs of minutes.
REFERENCE = {
    "schedules": "default",
    "first_step": "real",
    "batch": "0.5",
    "ema": "0.98",
    "fake.updates": "3",
    "fake.guidance": "2",
    "losses.rbf": "0",
    "losses.mmd": "1",
    "losses.huber": "0.5",
    "losses.dmd": "1",
    "losses.gan": "0.005",
}
CHEAP = {"losses.dmd": "0", "losses.gan": "0"}
MMD_ONLY = {**CHEAP, "losses.huber": "0"}
FULL = {"schedules": "full-4"}
NEITHER = {"losses.mmd": "0", "losses.huber": "0"}
STUDENTS: dict[str, dict[str, str]] = {
    "default-4": {},
    **{name: {"schedules": name} for name in ("full-4", "2", "full-2", "6", "constant-4", "even-4")},
    "mmd-only": MMD_ONLY,
    "mmd-only-full": {**MMD_ONLY, **FULL},
    "no-mmd": {"losses.mmd": "0"},
    "rbf": {"losses.mmd": "0", "losses.rbf": "1"},
    "patch": {"losses.mmd": "0", "losses.patch": "1"},
    # Other ways to few steps, all at full size.
    "dmd2": {**FULL, **NEITHER},
    "adversarial": {**FULL, **NEITHER, "losses.dmd": "0", "losses.gan": "1"},
    "consistency": {**FULL, **MMD_ONLY, "losses.mmd": "0", "losses.huber": "1", "consistency": "16"},
}
"""How each differs from REFERENCE, by what the student is called."""
RUNS_EACH = 2


def settings(name: str, run: int = 0) -> list[str]:
    """Of a student: `--set` words for training/stages/student.py."""
    fields = {**REFERENCE, **STUDENTS[name], "seed": str(run)}
    return [f"--set={field}={value}" for field, value in fields.items()]


def checkpoint(name: str, run: int) -> str:
    return f"student-{name}-run-{run + 1}"


def distil(name: str, run: int, minutes: float) -> None:
    """One run, in a process of one thread. Its minutes are the processor's: what else the machine does costs none."""
    called = checkpoint(name, run)
    if (RUNS / f"{called}.pt").exists():
        return
    print(called, flush=True)
    budget = ["--minutes", str(minutes), "--cooldown-minutes", "0", "--name", called]
    environment = {**os.environ, "SCALEWISE_CLOCK": "processor", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "training.stages.student", *budget, *settings(name, run)]
    subprocess.run(command, check=True, env=environment)


def run(minutes: float) -> None:
    orders = [(name, run, minutes) for run in range(RUNS_EACH) for name in STUDENTS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(distil, *zip(*orders, strict=True)))
