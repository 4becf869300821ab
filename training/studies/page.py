"""The studies' part of docs/RESULTS.md, and its figure, from docs/studies.json."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

FIGURE = "spectra.svg"


def spectra_figure(study: dict[str, Any], path: Path) -> None:
    """Power against frequency: the clean latents, and the noise of each step as it stands against them."""
    with mpl.rc_context({"svg.hashsalt": "scalewise", "font.size": 10}):
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.subplots()
        for size, power in study["power"].items():
            cells = int(size)
            axes.plot(
                [r / cells for r in range(len(power))][1:], power[1:], marker="o", label=f"latents of {size} cells"
            )
        largest = max(map(int, study["power"]))
        for step in study["steps"]:
            ratio = step["sigma"] / (1 - step["sigma"]) if step["sigma"] < 1 else None
            if ratio:
                line = axes.axhline(ratio**2, linestyle="--", linewidth=1, color="grey")
                axes.annotate(
                    f"noise at sigma {step['sigma']:g}",
                    (0.5, ratio**2),
                    (-4, 3),
                    textcoords="offset points",
                    ha="right",
                )
                line.set_zorder(0)
        for cells in sorted({step["size"] for step in study["steps"] if step["size"] < largest}):
            axes.axvline(0.5 * cells / largest, color="grey", linewidth=1)
            axes.annotate(
                f"{cells} cells end", (0.5 * cells / largest, axes.get_ylim()[0]), (4, 6), textcoords="offset points"
            )
        axes.set(
            yscale="log",
            xlabel="frequency, cycles a cell of its own grid",
            ylabel="power (white noise of variance 1: 1)",
        )
        axes.legend()
        figure.savefig(path, metadata={"Date": None})


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

The last column is the noise level above which nothing is visible of what the step's size cannot hold, measured on
{study["latents"]:,} latents (`python -m training.studies.spectra`). {verdict}

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
