"""docs/RESULTS.md from docs/results.json: every figure in it comes from there.

python -m training.results     # writes the page anew from the committed JSON
"""

import json
from pathlib import Path
from typing import Any

from training.studies.page import FIGURE, sections, spectra_figure

JSON, STUDIES = Path("docs/results.json"), Path("docs/studies.json")
GUESSING = {"colour": 1 / 9, "count": 1 / 4, "second object": 1 / 11, "above or below": 1 / 2, "whose colour": 1 / 2}
"""The part that guessing gets right, a question."""


def percent(value: dict[str, float]) -> str:
    return f"{100 * value['mean']:.1f} ({100 * value['low']:.1f}–{100 * value['high']:.1f})"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


DISTANCES = ["kernel distance", "of patches", "by the witness", "edges, %"]


def distances(report: dict[str, Any]) -> list[str]:
    return [
        f"{report['kernelDistance']:.1f}",
        f"{report['patchDistance']:.1f}",
        f"{report['witnessDistance']:.2f}",
        percent(report["edges"]),
    ]


def students(samplers: dict[str, Any]) -> str:
    """The section on students that differ in one thing; nothing if there are none."""
    trained = [(name, report) for name, report in samplers.items() if "training" in report]
    if not trained:
        return ""
    rows = []
    for name, r in trained:
        training = r["training"]
        losses = ", ".join(f"{weight:g} {loss}" for loss, weight in training["losses"].items())
        rows.append(
            [
                name.removeprefix("student-"),
                f"`{training['schedule']}`",
                losses,
                f"{training['step']:,}",
                f"{60 * training['minutes'] / training['step']:.2f}",
                str(r["tokens"]),
                percent(r["top1"]),
                percent(r["top5"]),
                *distances(r),
            ]
        )
    head = ["student", "schedule", "losses", "steps", "seconds a step", "tokens"]
    head += ["top 1, %", "top 5, %", *DISTANCES]
    minutes = sorted({round(r["training"]["minutes"]) for _, r in trained})
    return f"""## What each part buys

Students distilled from the same teacher for {" or ".join(map(str, minutes))} minutes each on the same two cores
(`python -m training.distill --name student-…`), and drawn by the schedule that they were distilled for.

{table(head, rows)}

"""


def page(results: dict[str, Any], studies: dict[str, Any]) -> str:
    setting, samplers = results["setting"], results["samplers"]
    named = [(name, report) for name, report in samplers.items() if "training" not in report]
    real = named[0][1]
    questions = sorted({name for report in samplers.values() for name in report["questions"]})
    kinds = list(named[0][1]["top1ByKind"])
    following = table(
        ["drawn by", "denoiser runs", "tokens", "top 1, %", "top 5, %", *DISTANCES],
        [
            [
                name,
                str(r["runs"]),
                str(r["tokens"]),
                percent(r["top1"]),
                percent(r["top5"]),
                *distances(r),
            ]
            for name, r in named
        ],
    )
    by_kind = table(
        ["drawn by", *(f"{kind}, %" for kind in kinds)],
        [[name, *(percent(r["top1ByKind"][kind]) for kind in kinds)] for name, r in named],
    )
    composed = table(
        ["drawn by", *(f"{q} ({named[0][1]['questions'][q]['prompts']})" for q in questions)],
        [[name, *(percent(r["questions"][q]) for q in questions)] for name, r in named],
    )
    alike = table(
        ["drawn by", "cosine of two seeds' pictures"],
        [[name, f"{r['likenessOfSeeds']['mean']:.3f}"] for name, r in named if "likenessOfSeeds" in r],
    )
    blind = [q for q in questions if real["questions"][q]["low"] <= GUESSING[q]]
    blindness = f"Of {' and '.join(blind)} the judge can tell nothing, even of real renders." if blind else ""
    return f"""# Results

Made by `python -m training.evaluate` from [results.json](results.json) and [studies.json](studies.json); nothing here
is typed by hand.

{setting["prompts"]} prompts name combinations of everyday things that no training picture shows
(`training/held_out.json`), each drawn with {setting["seeds"]} seeds. A judge, a small contrastive image-text net that
was trained on real renders alone, says which of {setting["choices"]} captions fits a picture best. "Real renders" are
the same scenes composed of the real drawings: what the judge itself can do. In brackets: 95% bootstrap intervals over
prompts; figures whose intervals overlap much are not told apart here. Teacher: {setting["teacherSamples"]:,} samples
seen; student: {setting["studentSteps"]:,} steps of distillation from it; judge: {setting["judgeSteps"]:,} steps.

## Following the prompt

{following}

Kernel distance (KID in the judge's features, times 1000) to the real renders of the same scenes: less is better. It
falls below 0 because both sets show the same scenes, which two independent draws would not. "Of patches" is the same
over the quarters of each picture, where details count for more than what is shown. The witness is an InceptionV3 that
others trained on photographs and that has seen none of these drawings; one draw of every other prompt. Edges: the mean
difference of neighbouring pixels, as a part of the real renders'; blur lowers it.

## Top 1 by kind of prompt

{by_kind}

## One thing at a time

The right caption against captions that differ in one thing only; the number of prompts in brackets. Guessing gets
{", ".join(f"{100 * GUESSING[q]:.0f}% of {q}" for q in questions)} right. {blindness}

{composed}

{students(samplers)}## Variety

{alike}

1 would be the same picture for every seed.

{sections(studies)}"""


def write_results(results: dict[str, Any], path: Path = JSON) -> None:
    path.write_text(json.dumps(results, indent=1) + "\n")
    studies = json.loads(STUDIES.read_text()) if STUDIES.exists() else {}
    path.with_name("RESULTS.md").write_text(page(results, studies))
    if "spectra" in studies:
        spectra_figure(studies["spectra"], path.with_name(FIGURE))


if __name__ == "__main__":
    write_results(json.loads(JSON.read_text()))
