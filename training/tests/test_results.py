"""docs/RESULTS.md says what the figures say, and is made of those that are committed."""

import json
from pathlib import Path
from typing import Any

from training.evaluate.page import LADDERS, RESULTS, STUDENTS, STUDIES, WHERE, page
from training.evaluate.votes_page import QUESTIONS, kept_votes, preference, votes_section


def test_the_page_takes_its_figures_from_the_results():
    def share(mean: float) -> dict[str, float]:
        return {"mean": mean, "low": mean - 0.1, "high": mean + 0.1}

    report = {
        "runs": 4,
        "tokens": 180,
        "rPrecision1": share(0.317),
        "rPrecision5": share(0.5),
        "rPrecision1ByKind": {"pair": share(0.25)},
        "single": {"prompts": 80, "rPrecision1": share(0.925), "rPrecision5": share(1)},
        "questions": {"colour": {**share(0.75), "prompts": 12}},
        "kid": [41.0, 41.5],
        "fid": [123.44],
        "patchKid": [7.06],
        "inceptionKid": 3.456,
        "edges": share(0.875),
        "likenessOfSeeds": share(0.625),
    }
    setting = {
        "prompts": 300,
        "singles": 80,
        "seeds": 2,
        "pixels": 256,
        "choices": 100,
        "teacherSamples": 1234567,
        "studentSteps": 890,
        "scorerSteps": 281,
    }
    nothing: dict[str, Any] = {"setting": setting, "samplers": {}}
    results = {"setting": setting, "samplers": {"student": report}}
    text = page(results, nothing, {})
    for words in (
        "31.7 (21.7–41.7)",
        "41.2 ± 0.2",
        "| 123.4 | 7.1 |",
        "3.46",
        "87.5 (77.5–97.5)",
        "0.625",
        "1,234,567",
        "colour (12)",
        "| 92.5 (82.5–102.5) | 25.0 (15.0–35.0) |",
        "Single things are 80 everyday ones",
    ):
        assert words in text
    assert "What each part buys" not in text
    assert "no better than chance" not in text
    report["questions"]["colour"]["low"] = 0.1  # type: ignore[index]
    assert "On colour the scorer is no better than chance" in page(results, nothing, {})


def test_the_committed_page_is_made_of_the_committed_figures():
    root = Path(__file__).parents[2]
    found = [json.loads((root / path).read_text()) for path in (RESULTS, STUDENTS, STUDIES, WHERE, LADDERS)]
    assert (root / "docs/RESULTS.md").read_text() == page(*found, kept_votes(root / "docs"))


def test_votes_are_counted_for_the_set_and_not_for_the_side():
    pair = {"prompt": "a cat", "seed": "1", "question": "defects", "ms": 0}
    votes = [
        pair | {"sideOfA": "left", "answer": "right"},
        pair | {"sideOfA": "right", "answer": "right"},
        pair | {"sideOfA": "right", "answer": "equal"},
        pair | {"sideOfA": "right", "answer": "left"},
    ]
    assert preference(votes).tolist() == [1.0, 0.0, 0.5, 1.0]
    every = [vote | {"question": question} for vote in votes for question in QUESTIONS]
    sets = {"a": {"name": "old"}, "b": {"name": "new"}}
    text = votes_section({"sets": sets, "votes": every, "pairs": 4, "seed": "7"}, "votes.json")
    assert "| defects: Which has fewer defects? | 2 | 1 | 1 | 62.5 (" in text
