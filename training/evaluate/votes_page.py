"""What docs/RESULTS.md says of docs/study-votes-*.json: blind studies of two sets of pictures (docs/STUDY.md)."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from training.evaluate.metrics import interval
from training.evaluate.tables import percent, table

QUESTIONS = {
    "relevance": "Which shows the prompt better?",
    "aesthetics": "Which looks better?",
    "complexity": "Which has more detail?",
    "defects": "Which has fewer defects?",
}


def kept_votes(folder: Path) -> dict[str, dict[str, Any]]:
    """The studies that are kept, by file, the newest first."""
    return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("study-votes-*.json"), reverse=True)}


def votes_sections(studies: dict[str, dict[str, Any]]) -> str:
    return "".join(votes_section(study, file) for file, study in studies.items())


def preference(votes: list[dict[str, Any]]) -> np.ndarray:
    """Of one question, per pair: 1 where B was preferred, 0 where A was, ½ for equal."""
    equal = np.array([vote["answer"] == "equal" for vote in votes])
    of_a = np.array([vote["answer"] == vote["sideOfA"] for vote in votes])
    return np.where(equal, 0.5, np.where(of_a, 0.0, 1.0))


def votes_section(study: dict[str, Any], file: str) -> str:
    """file: beside RESULTS.md, that holds the votes."""
    a, b = study["sets"]["a"]["name"], study["sets"]["b"]["name"]
    rows = []
    for question, asks in QUESTIONS.items():
        found = preference([vote for vote in study["votes"] if vote["question"] == question])
        counts = [str(int((found == value).sum())) for value in (1.0, 0.5, 0.0)]
        rows.append([f"{question}: {asks}", *counts, percent(interval(found))])
    return f"""## Blind study: {a} against {b}

{table(["question", f"{b} preferred", "equal", f"{a} preferred", f"share of {b}, %"], rows)}

{study["pairs"]} pairs, one for each prompt of [study-prompts.txt](study-prompts.txt), without a style where none is
named; order and sides by the seed {study["seed"]} ([{file}]({file})). Share: (preferred + ½ equal) / pairs, with its
95% bootstrap interval over prompts; 50% would be no difference. One judge, who
{study.get("judge", "had seen pictures of both models before")}, and judged from sheets of twelve pairs,
so there are no times.

"""
