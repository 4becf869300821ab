"""Carries a student over to a teacher that was trained further, so that it need not be distilled anew.

python -m training.stages.carry_over old-teacher.pt     # beside it in training/runs: teacher.pt, student.pt

What distillation changed in the old teacher's copy is added to the new teacher (a task vector: arXiv 2212.04089), for
the student and for its fake net. The optimisers start anew.
"""

import argparse
from pathlib import Path
from typing import Any

from torch import Tensor

from training.config.runs import RUNS, load, ranks, save
from training.programs import run_program

Weights = dict[str, Tensor]


def moved(weights: Weights, old: Weights, new: Weights) -> Weights:
    """new + (weights − old). Raises ValueError that names what only some of them have."""
    if not weights.keys() == old.keys() == new.keys():
        names = sorted((weights.keys() | old.keys() | new.keys()) - (weights.keys() & old.keys() & new.keys()))
        raise ValueError(f"the student and the teachers are different nets: not all have {', '.join(names)}")
    return {name: new[name].float() + weights[name].float() - old[name].float() for name in new}


def carried_over(student: dict[str, Any], old: Weights, new: Weights) -> dict[str, Any]:
    """A student's checkpoint, as the new teacher's."""
    weights = moved(student["ema"], old, new)
    state = {**student, "model": weights, "ema": weights}
    if "fake" in student:
        state["fake"] = moved(student["fake"], old, new)
    state.pop("optimisers", None)
    return state


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old_teacher", type=Path, help="checkpoint of the teacher that the student was distilled from")
    parser.add_argument("--name", default="student", help="of the student's checkpoint in training/runs")
    args = parser.parse_args()
    path = RUNS / f"{args.name}.pt"
    save(path, **carried_over(load(path), load(args.old_teacher)["ema"], load(RUNS / "teacher.pt")["ema"]))


if __name__ == "__main__":
    with ranks("carry_over"):
        run_program(main)
