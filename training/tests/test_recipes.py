"""Recipes by name, what may be changed about them, and what is kept of them."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from training.config.arguments import stage_order
from training.config.recipes import (
    EMOJI_0_7_0,
    RECIPES,
    NativeAutoencoderRecipe,
    StudentRecipe,
    TeacherRecipe,
    override,
    stage_recipe,
)
from training.config.schedules import LADDERS
from training.data.pack import Pack
from training.export import emoji
from training.method import loop
from training.method.loop import Run
from training.studies.students import STUDENTS, settings


def test_the_shipped_student_s_recipe_is_what_it_was_distilled_by() -> None:
    recipe = RECIPES["emoji-0.7.0"].student
    assert recipe.losses == {"rbf": 1.0, "huber": 0.25, "dmd": 1.0, "gan": 0.005}
    assert (recipe.batch, recipe.ema, recipe.fake.updates, recipe.lr) == (0.5, 0.98, 3, 1e-4)
    assert (recipe.minutes, recipe.cooldown_minutes) == (20, 8)


def test_recipes_are_frozen_and_name_schedules_that_exist() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        EMOJI_0_7_0.teacher.minutes = 1  # type: ignore[misc]
    for recipe in RECIPES.values():
        assert set(recipe.student.schedules) <= LADDERS.keys()


def test_another_edition_s_recipe_is_refused() -> None:
    with pytest.raises(ValueError, match="set SCALEWISE_EDITION=small"):
        stage_recipe(TeacherRecipe, "emoji-small")


def test_fields_are_set_by_their_types_and_parts() -> None:
    recipe = StudentRecipe()
    assert override(recipe, "lr=5e-5").lr == 5e-5
    assert override(recipe, "schedules=2,6").schedules == ("2", "6")
    assert override(recipe, "fake.updates=3").fake.updates == 3
    assert override(recipe, "losses.dmd=1").losses == {"mmd": 1.0, "huber": 0.5, "dmd": 1.0}
    assert override(recipe, "losses.mmd=0").losses == {"huber": 0.5}
    assert recipe == StudentRecipe()
    for wrong in ("rate=1", "lr", "fake.rate=1", "lr.x=5", "fake=3", "losses=3", "losses.=1"):
        with pytest.raises(ValueError, match="write field=value, the field one of"):
            override(recipe, wrong)
    for wrong in ("lr=abc", "lr=nan", "lr=-1", "fake.updates=2.5", "losses.dmd=inf"):
        with pytest.raises(ValueError, match=r"': expected"):
            override(recipe, wrong)
    assert override(NativeAutoencoderRecipe(), "equivariant_parts=0.5").equivariant_parts == (0.5,)


def test_a_cooldown_keeps_its_part_of_another_time() -> None:
    order = stage_order(StudentRecipe, "Doc.", ["--minutes", "5", "--set", "ema=0.9"])
    assert (order.recipe.minutes, order.recipe.cooldown_minutes, order.recipe.ema) == (5, 2, 0.9)
    assert order.record["name"] == "emoji-1.0.0"
    assert order.record["fields"]["minutes"] == 5
    assert order.record["set"] == ["ema=0.9"]
    assert stage_order(StudentRecipe, "Doc.", ["--cooldown-minutes", "0"]).recipe.cooldown_minutes == 0


def test_compared_students_differ_from_the_first_in_what_they_are_called_for() -> None:
    def made(name: str) -> StudentRecipe:
        return stage_order(StudentRecipe, "Doc.", settings(name)).recipe

    reference = made("default-4")
    assert reference.losses == {"mmd": 1.0, "huber": 0.5, "dmd": 1.0, "gan": 0.005}
    assert made("full-2") == dataclasses.replace(reference, schedules=("full-2",))
    assert made("rbf").losses == {"rbf": 1.0, "huber": 0.5, "dmd": 1.0, "gan": 0.005}
    assert made("mmd-only").losses == {"mmd": 1.0}
    assert (made("consistency").losses, made("consistency").consistency) == ({"huber": 1.0}, 16)
    assert stage_order(StudentRecipe, "Doc.", settings("rbf", 1)).recipe == dataclasses.replace(made("rbf"), seed=1)
    assert len({str(made(name)) for name in STUDENTS}) == len(STUDENTS)


def test_the_manifest_records_the_recipe_of_every_stage_that_kept_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emoji, "RUNS", tmp_path)
    order = stage_order(TeacherRecipe, "Doc.", [])
    torch.save({"step": 1, "recipe": order.record}, tmp_path / "teacher.pt")
    torch.save({"step": 1}, tmp_path / "student.pt")  # from before recipes were kept
    made_by = {"name": "emoji-1.0.0", "fields": {"seed": 0}}
    recipes = emoji.recipes_of(Pack({}, [], np.zeros(0), set(), made_by))
    assert recipes.keys() == {"teacher", "pack"}
    assert json.loads(json.dumps(recipes))["teacher"]["fields"]["muon_lr"] == 2e-3


@pytest.mark.parametrize("kept", ["optimiser", "optimisers", None])
def test_checkpoints_of_earlier_versions_continue(
    kept: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They hold one optimiser or a list of them; those restored from averaged weights hold none."""
    monkeypatch.setattr(loop, "RUNS", tmp_path)
    model = torch.nn.Linear(3, 2)
    old = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model(torch.ones(1, 3)).sum().backward()
    old.step()
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    state = {"model": weights, "ema": {name: value + 1 for name, value in weights.items()}, "step": 7, "samples": 9}
    if kept:
        state[kept] = old.state_dict() if kept == "optimiser" else [old.state_dict()]
    torch.save(state, tmp_path / "teacher.pt")

    fresh = torch.nn.Linear(3, 2)
    optimiser = torch.optim.AdamW(fresh.parameters(), lr=2e-3)
    run = Run("teacher", fresh, [optimiser], 0.99)
    assert (run.first, run.state["samples"]) == (7, 9)
    assert torch.equal(fresh.weight, weights["weight"])
    assert torch.equal(run.ema.shadow["weight"], weights["weight"] + 1)
    assert len(optimiser.state) == (2 if kept else 0)
    assert run.rates == [[2e-3]]  # the recipe's, not the checkpoint's
