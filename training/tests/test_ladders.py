"""Ladders by rule, and what choosing one by prompt gains."""

import json

import numpy as np
import pytest

from training.config.schedules import ladder
from training.evaluate.ladders import by_spectrum, gain_by_prompt
from training.export.emoji import budgets_of
from training.export.manifest import EMOJI

MASKED = {8: 0.45, 12: 0.42}


def test_each_step_is_at_the_smallest_size_that_its_noise_allows() -> None:
    assert by_spectrum(1, MASKED) == ladder((16, 1.0))
    assert by_spectrum(2, MASKED) == ladder((8, 1.0), (16, 0.75))
    assert by_spectrum(4, MASKED) == ladder((8, 1.0), (8, 0.9), (16, 0.75), (16, 0.5))
    # Where a small size hides more, it is left earlier.
    assert by_spectrum(4, {8: 0.49, 12: 0.42}) == ladder((8, 1.0), (12, 0.9), (16, 0.75), (16, 0.5))


def test_a_choice_by_prompt_gains_what_the_things_differ_in() -> None:
    # Half of the things are nearer by the first schedule, half by the second; noise of a seed is small beside that.
    rng = np.random.default_rng(1)
    distances = 0.3 + 0.001 * rng.standard_normal((2, 40, 6))
    distances[0, :20] -= 0.1
    distances[1, 20:] -= 0.1
    found = gain_by_prompt(distances)
    assert found["gain"] == pytest.approx(0.05, abs=0.002)
    assert found["low"] > 0


def test_a_choice_by_prompt_gains_nothing_where_only_seeds_differ() -> None:
    distances = 0.3 + 0.05 * np.random.default_rng(2).standard_normal((4, 40, 6))
    found = gain_by_prompt(distances)
    assert found["low"] < 0 < found["hindsight"]
    # What the same seeds tell of themselves is not there on others.
    assert abs(found["gain"]) < found["hindsight"] / 3


def test_the_manifest_has_what_was_measured() -> None:
    manifest, budgets = json.loads((EMOJI / "manifest.json").read_text()), budgets_of()
    assert {name: manifest[name] for name in budgets} == budgets
    assert manifest["schedules"].keys() < budgets["quality"].keys()
    masked = {int(size): sigma for size, sigma in budgets["spectrum"].items()}
    assert [step.size for step in by_spectrum(6, masked)] == [8, 8, 16, 16, 16, 16]
