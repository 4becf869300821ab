"""What docs/RESULTS.md says of samplers against each other, prompt by prompt."""

from typing import Any

import numpy as np

from training.evaluate.metrics import paired
from training.evaluate.tables import percent, table
from training.evaluate.targets import STUDENT

Reports = dict[str, dict[str, Any]]


def against_shipped(samplers: Reports) -> str:
    """How much better each is than the student that ships, prompt by prompt; nothing where that is not told."""
    shipped = samplers.get(STUDENT, {}).get("perPrompt")
    if shipped is None:
        return ""
    rows = []
    for name, report in samplers.items():
        if name == STUDENT or "perPrompt" not in report:
            continue
        one, five = (
            paired(np.array(report["perPrompt"][key]), np.array(shipped[key])) for key in ("rPrecision1", "rPrecision5")
        )
        rows.append([name, percent(one), verdict(one), percent(five), verdict(five)])
    head = ["drawn by", "R-precision@1, points more than what ships", "", "R-precision@5, points more", ""]
    return f"""### Against what ships, prompt by prompt

{table(head, rows)}

95% bootstrap intervals of the difference over the same prompts: "undecided" where 0 is within.

"""


def verdict(difference: dict[str, float]) -> str:
    return "better" if difference["low"] > 0 else "worse" if difference["high"] < 0 else "undecided"
