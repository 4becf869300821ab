"""The targets that the student was set, beside what the evaluation found: a section of docs/RESULTS.md."""

from typing import Any

from training.evaluate.students_page import by_student
from training.evaluate.tables import mean, over_seeds, spread, table

Reports = dict[str, dict[str, Any]]

STUDENT = "student, 4 steps, growing sizes (`default`)"
LEAST_R_PRECISION5 = 0.80
MOST_BEHIND_TEACHER = 0.03


def compared(name: str, one: list[dict[str, Any]], other: list[dict[str, Any]], better: bool) -> list[str]:
    """A row: whether the KID of `one` is below the other's, or (not `better`) no farther above it than their runs are
    apart."""
    a, b = ([mean(report["kid"]) for report in reports] for reports in (one, other))
    noise = spread(a) + spread(b)
    reached = mean(a) < mean(b) - noise if better else mean(a) <= mean(b) + noise
    tokens = f"{one[0]['tokens']} tokens against {other[0]['tokens']}"
    patch = [over_seeds([mean(report["patchKid"]) for report in reports]) for reports in (one, other)]
    patches = f"patch KID {patch[0]} against {patch[1]}"
    figures = f"KID {over_seeds(a)} against {over_seeds(b)}, {patches}, {tokens}"
    return [name, figures, "yes" if reached else "**no**"]


def beside_untrained(samplers: Reports) -> str:
    """What the teacher reaches in the student's place without distillation: a target that it meets too tells little."""
    untrained = [r for name, r in samplers.items() if "untrained" in name]
    return f" (untrained sampler {100 * untrained[0]['rPrecision5']['mean']:.1f}%)" if untrained else ""


def targets(samplers: Reports, students: Reports) -> str:
    """samplers: docs/results.json; the teacher's best row of it counts. students: docs/students.json. Nothing where the
    student that ships was not evaluated."""
    if STUDENT not in samplers:
        return ""
    precision = samplers[STUDENT]["rPrecision5"]["mean"]
    rows = [
        [
            "R-precision@5 of the student at least 80%",
            f"{100 * precision:.1f}%{beside_untrained(samplers)}",
            "yes" if precision >= LEAST_R_PRECISION5 else "**no**",
        ]
    ]
    teachers = {name: r for name, r in samplers.items() if name.startswith("teacher, ")}
    if teachers:
        name, best = max(teachers.items(), key=lambda item: item[1]["rPrecision5"]["mean"])
        behind, of = best["rPrecision5"]["mean"] - precision, name.removeprefix("teacher, ")
        rows.append(
            [
                "within 3 points of the teacher at its best",
                f"{100 * behind:.1f} points behind {of} ({100 * best['rPrecision5']['mean']:.1f}%)",
                "yes" if behind <= MOST_BEHIND_TEACHER else "**no**",
            ]
        )
    runs = by_student(students)
    own, full4, full2 = (runs.get(name) for name in ("default-4", "full-4", "full-2"))
    if own and full4:
        rows.append(compared("scale-wise, 4 steps, at least ties full scale, 4 steps", own, full4, better=False))
    if own and full2:
        rows.append(compared("… and beats full scale, 2 steps", own, full2, better=True))
    return f"""## Targets

{table(["target", "found", "reached"], rows)}

The last two compare students that were each distilled for their own schedule for the same time. KID decides, and how
far their runs are apart.

"""
