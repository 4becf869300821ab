"""The targets that the student was set, beside what the evaluation found: a section of docs/RESULTS.md."""

from typing import Any

from training.evaluate.tables import mean, over_seeds, spread, table

Reports = dict[str, dict[str, Any]]

STUDENT = "student, 4 steps, growing sizes (`default`)"
LEAST_TOP5 = 0.80
MOST_BEHIND_TEACHER = 0.03


def compared(name: str, one: dict[str, Any], other: dict[str, Any], better: bool) -> list[str]:
    """A row: whether the kernel distance of `one` is below the other's, or (not `better`) no farther above it than the
    seeds are apart."""
    a, b = one["kernelDistance"], other["kernelDistance"]
    noise = spread(a) + spread(b)
    reached = mean(a) < mean(b) - noise if better else mean(a) <= mean(b) + noise
    tokens = f"{one['tokens']} tokens against {other['tokens']}"
    patches = f"of patches {over_seeds(one['patchDistance'])} against {over_seeds(other['patchDistance'])}"
    figures = f"kernel distance {over_seeds(a)} against {over_seeds(b)}, {patches}, {tokens}"
    return [name, figures, "yes" if reached else "**no**"]


def targets(samplers: Reports, students: Reports, guidance: Reports) -> str:
    """samplers: docs/results.json. students: docs/students.json. guidance: the teacher's rows of that study; the best
    of all its rows counts. Nothing where the student that ships was not evaluated."""
    if STUDENT not in samplers:
        return ""
    top5 = samplers[STUDENT]["top5"]["mean"]
    rows = [["top 5 of the student at least 80%", f"{100 * top5:.1f}%", "yes" if top5 >= LEAST_TOP5 else "**no**"]]
    teachers = {name: r for name, r in (samplers | guidance).items() if name.startswith("teacher, ")}
    if teachers:
        name, best = max(teachers.items(), key=lambda item: item[1]["top5"]["mean"])
        behind, of = best["top5"]["mean"] - top5, name.removeprefix("teacher, ")
        rows.append(
            [
                "within 3 points of the teacher at its best",
                f"{100 * behind:.1f} points behind {of} ({100 * best['top5']['mean']:.1f}%)",
                "yes" if behind <= MOST_BEHIND_TEACHER else "**no**",
            ]
        )
    own, full4, full2 = (students.get(f"student-{name}") for name in ("default-4", "full-4", "full-2"))
    if own and full4:
        rows.append(compared("scale-wise, 4 steps, at least ties full scale, 4 steps", own, full4, better=False))
    if own and full2:
        rows.append(compared("… and beats full scale, 2 steps", own, full2, better=True))
    return f"""## Targets

{table(["target", "found", "reached"], rows)}

The last two compare students that were each distilled for their own schedule for the same time. Reached is told by the
kernel distance and how far its seeds are apart.

"""
