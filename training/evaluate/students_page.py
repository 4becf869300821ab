"""What docs/RESULTS.md says of students that differ in one thing (training/studies/students.py), by docs/students.json.
Each was distilled several times: what differs between those runs is the noise that every other difference has."""

import math
import re
from typing import Any

from training.evaluate.tables import mean, over_seeds, table

Report = dict[str, Any]
Reports = dict[str, Report]
REFERENCE = "default-4"
"""The student that the others differ from in one thing."""
OTHER_METHODS = ("dmd2", "adversarial", "consistency")
FULL_SIZE = "full-4"
T95 = {1: 12.7, 2: 4.3, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26, 10: 2.23, 12: 2.18, 15: 2.13}
"""Student's t for 95%, two-sided, by degrees of freedom; fewer are read for those between."""


def by_student(samplers: Reports) -> dict[str, list[Report]]:
    """Runs of each student to compare with, by its name alone."""
    found: dict[str, list[Report]] = {}
    for name, report in samplers.items():
        if "training" in report:
            found.setdefault(re.sub(r"^student-|-run-\d+$", "", name), []).append(report)
    return found


def between_runs(runs: dict[str, list[Report]], figure: str) -> tuple[float, int]:
    """Standard deviation of a figure between runs of one student, pooled over all students; its degrees of freedom."""
    squares, freedom = 0.0, 0
    for reports in runs.values():
        values = [mean(report[figure]) for report in reports]
        squares += sum((value - mean(values)) ** 2 for value in values)
        freedom += len(values) - 1
    return (math.sqrt(squares / freedom) if freedom else math.nan), freedom


def verdict(own: list[Report], reference: list[Report], deviation: float, freedom: int) -> str:
    """How much more KID than the reference, and whether that is more than runs differ by."""
    if own is reference:
        return ""
    difference = mean([mean(r["kid"]) for r in own]) - mean([mean(r["kid"]) for r in reference])
    known = [count for count in T95 if count <= freedom]
    if not known:
        return f"{difference:+.1f}"
    noise = T95[max(known)] * deviation * math.sqrt(1 / len(own) + 1 / len(reference))
    word = "undecided" if abs(difference) < noise else "worse" if difference > 0 else "better"
    return f"{difference:+.1f} {word}"


def losses(training: Report) -> str:
    """Those of a student with their weights, and the guidance of the teacher that it follows."""
    if training.get("consistency"):
        return f"consistency over {training['consistency']} levels"
    guided = {"dmd": f" (guidance {training['guidance']:g})"}
    return ", ".join(f"{weight:g} {loss}{guided.get(loss, '')}" for loss, weight in training["losses"].items())


def rows_of(runs: dict[str, list[Report]], names: list[str], noise: tuple[float, int]) -> str:
    reference = runs.get(REFERENCE)
    rows = []
    for name in names:
        reports = runs[name]
        trained = [report["training"] for report in reports]
        seconds = [60 * t["minutes"] / t["step"] for t in trained]
        pictures = [60_000 * t["minutes"] / t["pictures"] for t in trained if "pictures" in t]
        rows.append(
            [
                name,
                f"`{trained[0]['schedule']}`",
                losses(trained[0]),
                f"{mean([t['step'] for t in trained]):.0f}",
                f"{mean(seconds):.2f}",
                f"{mean(pictures):.0f}" if pictures else "–",
                str(reports[0]["tokens"]),
                *(over_seeds([100 * r[figure]["mean"] for r in reports]) for figure in ("rPrecision1", "rPrecision5")),
                over_seeds([mean(r["kid"]) for r in reports]),
                verdict(reports, reference, *noise) if reference else "",
                *(over_seeds([mean(r[figure]) for r in reports]) for figure in ("fid", "patchKid")),
                f"{mean([r['inceptionKid'] for r in reports]):.2f}",
                over_seeds([100 * r["edges"]["mean"] for r in reports]),
            ]
        )
    head = ["student", "schedule", "losses", "steps", "seconds per step", "ms per picture", "tokens"]
    head += ["R-precision@1, %", "R-precision@5, %", "KID", f"more than {REFERENCE}"]
    return table([*head, "FID", "patch KID", "Inception KID", "edges, %"], rows)


def cost(runs: dict[str, list[Report]]) -> str:
    """What scale-wise training costs a picture against full size (the paper's table of training times)."""

    def per_picture(name: str) -> float:
        return mean([t["minutes"] / t["pictures"] for t in (report["training"] for report in runs[name])])

    pairs = {"all losses": (REFERENCE, FULL_SIZE), "MMD alone": ("mmd-only", "mmd-only-full")}
    found = [
        f"{per_picture(full) / per_picture(growing):.2f} times with {words}"
        for words, (growing, full) in pairs.items()
        if growing in runs and full in runs and "pictures" in runs[full][0]["training"]
    ]
    return f"A picture at full size costs training {' and '.join(found)} of what a growing one does.\n" if found else ""


def noise_words(noise: tuple[float, int]) -> str:
    deviation, freedom = noise
    if not freedom:
        return "One run each: what another run would change is not known."
    return (
        "Each was distilled several times with other random numbers; ± says how far its runs are from their mean. By\n"
        f"all of them KID differs between a student's runs by {deviation:.1f} (standard deviation, {freedom} degrees\n"
        'of freedom): "better" and "worse" are differences beyond the 95% interval of that noise.'
    )


def machine_words(setting: Report) -> str:
    if "model" in setting:
        return "Minutes, seconds and milliseconds are of one processor core."
    return (
        "These rows are of emoji-nano 0.7, whose students had two cores, and of the kernel distance of then,\n"
        "which counted pairs of one scene, so that its floor is below 0. They compare with each other alone."
    )


def students_section(results: dict[str, Any]) -> str:
    """Nothing if there are none."""
    setting, runs = results["setting"], by_student(results["samplers"])
    if not runs:
        return ""
    first = runs.get(REFERENCE, next(iter(runs.values())))[0]["training"]
    others = [name for name in runs if name in OTHER_METHODS]
    sizes = [n for n in runs if n not in others and losses(runs[n][0]["training"]) == losses(first)]
    parts = [n for n in runs if n not in others and (n not in sizes or n == REFERENCE)]
    noise = between_runs(runs, "kid")
    minutes = sorted({f"{round(2 * r['training']['minutes']) / 2:g}" for reports in runs.values() for r in reports})
    other_methods = [name for name in (REFERENCE, FULL_SIZE) if name in runs] + others
    others_section = f"""### Other ways to few steps

All at full size: `dmd2` has DMD and the GAN alone, `adversarial` the GAN alone as in LADD (arXiv 2403.12015), but on
the features of the fake net, `consistency` is LCM (arXiv 2310.04378) with the guided teacher's path.

{rows_of(runs, other_methods, noise)}

"""
    return f"""## What each part buys

Students distilled from one teacher for {" or ".join(minutes)} minutes each (`python -m training.studies students`), far
from the end of learning, and drawn by the schedule that they were distilled for: {setting["prompts"]} prompts,
{setting["seeds"]} seeds each. A step has {first["batch"]:g} of the usual batch (96, 64 or 40 pictures, by size); with
DMD or the GAN the fake net learns {first["fake_updates"]} times per step. The scorer had {setting["scorerSteps"]:,}
steps. {machine_words(setting)}
{noise_words(noise)}

### Sizes and steps

{rows_of(runs, sizes, noise)}

{cost(runs)}
### Losses

{rows_of(runs, parts, noise)}

{others_section if others else ""}"""
