"""The section on students that differ in one thing: by several runs of each."""

from typing import Any

import pytest

from training.evaluate.students_page import between_runs, by_student, students_section, verdict

SETTING = {"model": "emoji-nano 1", "prompts": 150, "seeds": 1, "scorerSteps": 281}
USUAL = {"schedule": "default", "losses": {"mmd": 1.0, "dmd": 1.0}, "guidance": 2.0, "minutes": 3.02, "step": 60}
USUAL |= {"batch": 0.5, "pictures": 1800, "fake_updates": 3, "seed": 0, "consistency": 0}


def report(kid: float, **training: object) -> dict[str, Any]:
    share = {"mean": 0.5}
    scores = {"rPrecision1": share, "rPrecision5": share, "edges": share, "inceptionKid": 0.25, "tokens": 180}
    return {**scores, "kid": [kid - 1, kid + 1], "fid": [9.0], "patchKid": [7.0], "training": {**USUAL, **training}}


def section(**students: list[dict[str, Any]]) -> str:
    samplers = {f"student-{n.replace('_', '-')}-run-{i + 1}": r for n, rs in students.items() for i, r in enumerate(rs)}
    return students_section({"setting": SETTING, "samplers": {"student": report(0), **samplers}})


def test_runs_are_of_the_student_that_they_name():
    samplers = {
        "student, 4 steps": {},
        "student-a-run-1": report(1),
        "student-a-run-2": report(2),
        "student-2": report(3),
    }
    assert {name: len(runs) for name, runs in by_student(samplers).items()} == {"a": 2, "2": 1}


def test_the_noise_between_runs_is_pooled_over_students():
    runs = {"a": [report(1), report(3)], "b": [report(10), report(10)], "c": [report(5)]}
    deviation, freedom = between_runs(runs, "kid")
    assert freedom == 2
    assert deviation == pytest.approx(1)  # ((1 - 2)² + (3 - 2)²) / 2


def test_a_difference_within_the_noise_is_undecided():
    reference = [report(10), report(12)]
    assert verdict(reference, reference, 1, 15) == ""
    assert verdict([report(12), report(14)], reference, 1, 15) == "+2.0 undecided"  # of two means: ± 2.13
    assert verdict([report(13), report(14)], reference, 1, 15) == "+2.5 worse"
    assert verdict([report(8), report(8)], reference, 1, 15) == "-3.0 better"
    assert verdict([report(8)], [report(11)], float("nan"), 0) == "-3.0"


def test_each_student_stands_in_the_table_of_what_it_differs_in():
    text = section(
        default_4=[report(10), report(12)],
        full_4=[report(9, schedule="full-4", pictures=900), report(9, schedule="full-4", pictures=900)],
        mmd_only=[report(20, losses={"mmd": 1.0})] * 2,
        mmd_only_full=[report(20, schedule="full-4", losses={"mmd": 1.0}, minutes=4.53)] * 2,
        consistency=[report(30, schedule="full-4", losses={"huber": 1.0}, consistency=16)] * 2,
    )
    sizes, rest = text.split("### Losses")
    parts, others = rest.split("### Other ways")
    rows = {"default-4": (1, 1, 1), "full-4": (1, 0, 1), "mmd-only": (0, 1, 0), "consistency": (0, 0, 1)}
    for name, counts in rows.items():
        assert tuple(part.count(f"| {name} |") for part in (sizes, parts, others)) == counts
    assert "| default-4 | `default` | 1 mmd, 1 dmd (guidance 2) | 60 | 3.02 | 101 | 180 |" in sizes
    assert "| 11.0 ± 1.0 |  |" in sizes
    assert "2.00 times with all losses and 1.50 times with MMD alone" in sizes
    assert "consistency over 16 levels" in others
    assert "for 3 or 4.5 minutes each" in text
    assert "by 0.6 (standard deviation, 5 degrees" in text
    assert students_section({"setting": SETTING, "samplers": {"student": {}}}) == ""
