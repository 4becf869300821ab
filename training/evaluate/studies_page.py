"""The studies' part of docs/RESULTS.md, and its figure, from docs/studies.json."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from training.evaluate.tables import DISTANCES, distances, percent, table

FIGURE = "spectra.svg"


def spectra_figure(study: dict[str, Any], path: Path) -> None:
    """Power of the clean latents by frequency, and what power noise has against them at each step."""
    with mpl.rc_context({"svg.hashsalt": "scalewise", "font.size": 10}):
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.subplots()
        for size, power in sorted(study["power"].items(), key=lambda item: int(item[0])):
            axes.plot(range(1, len(power)), power[1:], marker="o", label=f"latents of {size} cells")
        for sigma in sorted({step["sigma"] for step in study["steps"]} - {1.0}):
            masked = (sigma / (1 - sigma)) ** 2
            axes.axhline(masked, linestyle="--", linewidth=1, color="grey", zorder=0)
            axes.annotate(f"noise at sigma {sigma:g}", (8, masked), (0, 3), textcoords="offset points", ha="right")
        axes.set(yscale="log", xlabel="waves across the picture", ylabel="power (of white noise: 1)")
        axes.margins(y=0.1)
        axes.legend(loc="lower left")
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def spectra(study: dict[str, Any]) -> str:
    rows = [
        [str(step["size"]), f"{step['sigma']:g}", "–" if step["masked"] is None else f"{step['masked']:.2f}"]
        for step in study["steps"]
    ]
    ahead = [step for step in study["steps"] if step["masked"] is not None and step["sigma"] < step["masked"]]
    verdict = (
        "Every step of the schedule that is smaller than the picture is above it."
        if not ahead
        else "Below it: " + ", ".join(f"{step['size']} cells at {step['sigma']:g}" for step in ahead) + "."
    )
    return f"""## Latent spectra

![Power of the latents by frequency, against the noise of each step]({FIGURE})

The last column is the noise level above which nothing of the full-size latent is visible that the step's size cannot
hold, measured on {study["latents"]:,} latents (`python -m training.studies spectra`). {verdict}
The authors' schedules, too, keep far above this bound: what upscaling puts in has to be masked as well.

{table(["size, cells", "sigma of the step", "enough noise from"], rows)}
"""


def upscaling(study: dict[str, Any]) -> str:
    def cell(value: dict[str, Any]) -> str:
        psnr = value["psnr"]
        return f"{psnr['mean']:.1f} ({psnr['low']:.1f}–{psnr['high']:.1f}) / {value['kid']:.0f}"

    head = ["noisy latent", *(f"sigma {sigma:g}" for sigma in study["sigmas"])]
    rows = [[name, *(cell(values[str(sigma)]) for sigma in study["sigmas"])] for name, values in study["table"].items()]
    return f"""## Upscaling before or after the noise

{study["pictures"]} real pictures, noised, finished by the teacher in {study["steps"]} Euler steps without guidance
(`python -m training.studies upscaling`). PSNR to the real picture in dB with its 95% interval / KID (times 1000) in
the scorer's features. "before": upscaled, then noised, as the method has it.

{table(head, rows)}
"""


def guidance(study: dict[str, Any]) -> str:
    rows = [
        [
            name.removeprefix("teacher, "),
            str(r["runs"]),
            percent(r["rPrecision1"]),
            percent(r["rPrecision5"]),
            *distances(r),
        ]
        for name, r in study["table"].items()
    ]
    return f"""## The teacher's guidance and time shift

Beside the rows of the first table: {study["prompts"]} prompts, one seed (`python -m training.studies guidance`). The
shift moves the sampler's steps towards noise, 1.5 where none is named.

{table(["teacher", "denoiser runs", "R-precision@1, %", "R-precision@5, %", *DISTANCES], rows)}
"""


def teachers(study: dict[str, Any]) -> str:
    def loss(value: dict[str, float]) -> str:
        return f"{value['mean']:.3f} ({value['low']:.3f}–{value['high']:.3f})"

    rows = [
        [name, f"{r['steps']:,}", f"{r['samples']:,}", loss(r["last"]), loss(r["ema"])]
        for name, r in study["table"].items()
    ]
    sigmas = ", ".join(f"{sigma:g}" for sigma in study["sigmas"])
    return f"""## What teaches faster

Teachers from scratch, {study["minutes"]:g} minutes each on the same two cores
(`python -m training.studies teachers`): the flow-matching loss at the full size on {study["prompts"]} held-out
combinations, at sigmas {sigmas}, with its 95% interval over prompts. The rate falls to 0 over the last third
where it is not named constant. With `muon`, AdamW trains what is no matrix of a block; with `adamw`, everything.
Global-to-local: the first two thirds of the blocks see a quarter of the image tokens. One run each, and far from the
end of learning: compare the samples with those that the teacher of what ships has seen, above.

{table(["teacher", "steps", "samples", "loss of the last weights", "of the averaged ones"], rows)}
"""


def sections(studies: dict[str, Any]) -> str:
    renderers = {"guidance": guidance, "teachers": teachers, "upscaling": upscaling, "spectra": spectra}
    return "\n".join(render(studies[name]) for name, render in renderers.items() if name in studies)
