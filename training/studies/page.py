"""The studies' part of docs/RESULTS.md, and its figure, from docs/studies.json."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

FIGURE = "spectra.svg"


def spectra_figure(study: dict[str, Any], path: Path) -> None:
    """Power of the clean latents by frequency, and what power noise has against them at each step."""
    with mpl.rc_context({"svg.hashsalt": "scalewise", "font.size": 10}):
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.subplots()
        for size, power in sorted(study["power"].items(), key=lambda item: int(item[0])):
            axes.plot(range(1, len(power)), power[1:], marker="o", label=f"latents of {size} cells")
        for sigma in sorted({step["sigma"] for step in study["steps"]} - {1.0}):
            drowned = (sigma / (1 - sigma)) ** 2
            axes.axhline(drowned, linestyle="--", linewidth=1, color="grey", zorder=0)
            axes.annotate(f"noise at sigma {sigma:g}", (8, drowned), (0, 3), textcoords="offset points", ha="right")
        axes.set(yscale="log", xlabel="waves across the picture", ylabel="power (of white noise: 1)")
        axes.margins(y=0.1)
        axes.legend(loc="lower left")
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def spectra(study: dict[str, Any]) -> str:
    rows = [
        f"| {step['size']} | {step['sigma']:g} | {'–' if step['drowned'] is None else format(step['drowned'], '.2f')} |"
        for step in study["steps"]
    ]
    ahead = [step for step in study["steps"] if step["drowned"] is not None and step["sigma"] < step["drowned"]]
    verdict = (
        "Every step of the schedule that is smaller than the picture is above it."
        if not ahead
        else "Below it: " + ", ".join(f"{step['size']} cells at {step['sigma']:g}" for step in ahead) + "."
    )
    return f"""## Latent spectra

![Power of the latents by frequency, against the noise of each step]({FIGURE})

The last column is the noise level above which nothing of the full-size latent is visible that the step's size cannot
hold, measured on {study["latents"]:,} latents (`python -m training.studies.spectra`). {verdict}
The authors' schedules, too, keep far above this bound: what upscaling puts in has to drown as well.

| size, cells | sigma of the step | enough noise from |
| --- | --- | --- |
{chr(10).join(rows)}
"""


def upscaling(study: dict[str, Any]) -> str:
    def cell(value: dict[str, Any]) -> str:
        psnr = value["psnr"]
        return f"{psnr['mean']:.1f} ({psnr['low']:.1f}–{psnr['high']:.1f}) / {value['kernelDistance']:.0f}"

    head = ["noisy latent", *(f"sigma {sigma:g}" for sigma in study["sigmas"])]
    rows = [[name, *(cell(values[str(sigma)]) for sigma in study["sigmas"])] for name, values in study["table"].items()]
    lines = "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ["---"] * len(head), *rows])
    return f"""## Upscaling before or after the noise

{study["pictures"]} real pictures, noised, finished by the teacher in {study["steps"]} Euler steps without guidance
(`python -m training.studies.upscaling`). PSNR to the real picture in dB with its 95% interval / kernel distance (times
1000) in the judge's features. "before": upscaled, then noised, as the method has it.

{lines}
"""


def sections(studies: dict[str, Any]) -> str:
    parts = [
        render(studies[name])
        for name, render in {"upscaling": upscaling, "spectra": spectra}.items()
        if name in studies
    ]
    return "\n".join(parts)
