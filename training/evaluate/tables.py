"""How docs/RESULTS.md shows figures."""

from typing import Any


def percent(value: dict[str, float]) -> str:
    return f"{100 * value['mean']:.1f} ({100 * value['low']:.1f}–{100 * value['high']:.1f})"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def spread(values: list[float]) -> float:
    """How far the farthest is from the mean."""
    return max(abs(value - mean(values)) for value in values)


def over_seeds(values: list[float]) -> str:
    shown = round(mean(values), 1) + 0.0  # no "-0.0"
    return f"{shown:.1f}" + (f" ± {spread(values):.1f}" if len(values) > 1 else "")


DISTANCES = ["KID", "FID", "patch KID", "Inception KID", "edges, %"]


def distances(report: dict[str, Any]) -> list[str]:
    return [
        over_seeds(report["kid"]),
        over_seeds(report["fid"]),
        over_seeds(report["patchKid"]),
        f"{report['inceptionKid']:.2f}",
        percent(report["edges"]),
    ]
