"""docs/RESULTS.md from the JSON beside it: every figure in it comes from there.

`python -m training.evaluate --page` writes it again from the committed JSON.
"""

import json
from pathlib import Path
from typing import Any

from training.config.whole_file import write_whole
from training.evaluate.ladders_page import ladders_section
from training.evaluate.paired_page import against_shipped
from training.evaluate.students_page import students_section
from training.evaluate.studies_page import FIGURE, sections, spectra_figure
from training.evaluate.tables import DISTANCES, distances, percent, table
from training.evaluate.targets import targets
from training.evaluate.votes_page import kept_votes, votes_sections
from training.evaluate.where_page import where_section

RESULTS, STUDENTS, STUDIES, WHERE, LADDERS = (
    Path("docs") / f"{name}.json" for name in ("results", "students", "studies", "where", "ladders")
)
PAGE = Path("docs/RESULTS.md")
Reports = dict[str, dict[str, Any]]
GUESSING = {
    "colour": 1 / 9,
    "count": 1 / 4,
    "second object": 1 / 11,
    "above or below": 1 / 2,
    "attribute binding": 1 / 2,
    "what is worn": 1 / 9,
    "which is big": 1 / 2,
    "size and turn": 1 / 5,
}
"""The part that guessing gets right, by question."""


def page(
    results: dict[str, Any],
    compared: dict[str, Any],
    studies: dict[str, Any],
    where: dict[str, Any] | None = None,
    ladders: dict[str, Any] | None = None,
    votes: Reports | None = None,
) -> str:
    """results: of a model and its teacher; compared: of students that differ in one thing; where: what each stage of
    the way loses; votes: of blind studies, by file."""
    setting, samplers = results["setting"], results["samplers"]
    named = list(samplers.items())
    real = named[0][1]
    questions = sorted({name for report in samplers.values() for name in report["questions"]})
    kinds = list(named[0][1]["rPrecision1ByKind"])
    following = table(
        ["drawn by", "denoiser runs", "tokens", "R-precision@1, %", "R-precision@5, %", *DISTANCES],
        [
            [
                name,
                str(r["runs"]),
                str(r["tokens"]),
                percent(r["rPrecision1"]),
                percent(r["rPrecision5"]),
                *distances(r),
            ]
            for name, r in named
        ],
    )
    by_kind = table(
        ["drawn by", "single thing, %", *(f"{kind}, %" for kind in kinds)],
        [
            [name, percent(r["single"]["rPrecision1"]), *(percent(r["rPrecision1ByKind"][kind]) for kind in kinds)]
            for name, r in named
        ],
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
    blindness = f"On {' and '.join(blind)} the scorer is no better than chance, even for real renders." if blind else ""
    return f"""# Results

The rows of the student's four schedules are drawn by the ONNX files that ship, in float32; its estimates at smaller
sizes and the teacher's rows by the training code. All are asked for the real renders' style.
Made by `python -m training.evaluate` from [results.json](results.json), [students.json](students.json) and
[studies.json](studies.json); nothing here is typed by hand. Where no model is named, figures
are of {setting.get("model", "the model that ships")}.

{setting["prompts"]} prompts name combinations of everyday things that no training picture shows
(`training/data/held_out.json`), each drawn with {setting["seeds"]} seeds at {setting["pixels"]} px. A CLIP-style
scorer, a small contrastive image-text net that was trained on real renders alone, says which of
{setting["choices"]} captions fits a picture best: R-precision@1 is how often that is the picture's own, R-precision@5
how often its own is among the best five. "Real renders" are the same scenes composed of the real drawings: what the
scorer itself can do. In brackets: 95% bootstrap intervals over prompts. Rows share their prompts, so these are for a
row alone; what differs between rows is told by the paired intervals below. Teacher: {setting["teacherSamples"]:,}
samples seen; student: {setting["studentSteps"]:,} steps of distillation from it; scorer: {setting["scorerSteps"]:,}
steps.

## Following the prompt

{following}

KID (kernel distance in the scorer's features, times 1000) to the real renders of the same scenes: less is better. Pairs
of one scene are left out, so that its floor is 0 for any number of prompts; ± says how far the seeds
are from their mean. FID (Fréchet distance, times 1000), in the same features: never below 0, but larger the fewer the
pictures, so it compares rows and nothing else. Patch KID is the KID over the quarters of each picture, where details
count for more than what is shown. Inception KID is the KID in the features of an InceptionV3 that others trained on
photographs and that has seen none of these drawings; one draw of every other prompt. Edges: the mean difference of
neighbouring pixels, as a part of the real renders'; blur lowers it. Pictures of 8 and 12 cells are
enlarged (bicubic) before they are compared.

{against_shipped(samplers)}## R-precision@1 by kind of prompt

{by_kind}

Single things are {setting["singles"]} everyday ones in their own colours, told from one another by name. Unlike the
rest, training showed them all.

## One thing at a time

The right caption against captions that differ in one thing only; the number of prompts in brackets. Guessing gets
{", ".join(f"{100 * GUESSING[q]:.0f}% of {q}" for q in questions)} right. {blindness}

{composed}

{students_section(compared)}{targets(samplers, compared["samplers"])}## Variety

{alike}

1 would be the same picture for every seed.

{where_section(where) if where else ""}{ladders_section(ladders) if ladders else ""}\
{votes_sections(votes or {})}{sections(studies)}"""


def write_page() -> None:
    """docs/RESULTS.md and its figure, again."""
    found = (json.loads(path.read_text()) for path in (RESULTS, STUDENTS, STUDIES, WHERE, LADDERS))
    results, compared, studies, where, ladders = found

    write_whole(PAGE, page(results, compared, studies, where, ladders, kept_votes(PAGE.parent)))
    spectra_figure(studies["spectra"], PAGE.with_name(FIGURE))
