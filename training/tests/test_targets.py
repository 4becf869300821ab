"""The targets' verdicts follow the figures."""

from typing import Any

from training.evaluate.targets import STUDENT, targets


def report(top5: float, kernel: list[float], tokens: int = 180) -> dict[str, Any]:
    return {"rPrecision5": {"mean": top5}, "kid": kernel, "patchKid": [1.0, 3.0], "tokens": tokens}


def verdicts(samplers: dict[str, Any], students: dict[str, Any] | None = None) -> list[str]:
    rows = [line for line in targets(samplers, students or {}).splitlines() if line.startswith("| ")][2:]
    return [row.split(" | ")[-1].removesuffix(" |") for row in rows]


def test_the_student_is_held_against_the_best_teacher():
    samplers = {STUDENT: report(0.95, [0.0]), "teacher, 16 Euler steps, guidance 3": report(0.96, [0.0])}
    assert verdicts(samplers) == ["yes", "yes"]
    assert verdicts(samplers | {"teacher, 16 Euler steps, guidance 2": report(0.99, [0.0])}) == ["yes", "**no**"]
    assert verdicts({STUDENT: report(0.79, [0.0])}) == ["**no**"]


def test_a_target_that_no_training_reaches_as_well_is_shown_beside():
    samplers = {STUDENT: report(0.95, [0.0]), "teacher in the student's place (untrained sampler)": report(0.9, [0.0])}
    assert "95.0% (untrained sampler 90.0%)" in targets(samplers, {})


def test_a_tie_is_no_win_and_a_loss_no_tie():
    def of(own: float, full4: float, full2: float) -> list[str]:
        students = {"default-4": own, "full-4": full4, "full-2": full2}
        around = {
            f"student-{name}-run-{2 + i}": report(1, [kernel + i]) | {"training": {}}
            for name, kernel in students.items()
            for i in (-1, 1)
        }
        return verdicts({STUDENT: report(0.9, [0.0])}, students=around)[1:]

    assert of(-60, -60, -50) == ["yes", "yes"]
    assert of(-60, -61.9, -58.1) == ["yes", "**no**"]
    assert of(-60, -62.1, -57.9) == ["**no**", "yes"]


def test_without_the_student_there_is_nothing_to_tell():
    assert targets({"teacher, 16 Euler steps, guidance 3": report(0.9, [0.0])}, {}) == ""
