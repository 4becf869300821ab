"""The command line that all stages share: a recipe by name, and what may differ from run to run."""

import argparse
from dataclasses import dataclass, replace
from typing import Any, Generic

from training.config.recipes import RECIPES, SHIPPED, R, override, record, stage_recipe


@dataclass(frozen=True)
class Order(Generic[R]):
    """What a stage is asked to do. record: of the recipe, for the checkpoint. name: of the checkpoint in training/runs.
    batch_share: part of the recipe's batch on this device."""

    recipe: R
    record: dict[str, Any]
    name: str
    max_steps: int | None
    batch_share: float


def stage_order(kind: type[R], doc: str | None, arguments: list[str] | None = None) -> Order[R]:
    """doc: the main's docstring. arguments: in place of the command line's."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--recipe", choices=RECIPES, default=SHIPPED.name)
    parser.add_argument("--minutes", type=float, help="in place of the recipe's; it resumes, so several runs add up")
    parser.add_argument("--cooldown-minutes", type=float, help="at the end; by default the recipe's part of the time")
    parser.add_argument("--max-steps", type=int)
    parser.add_argument("--batch-share", type=float, default=1.0, help="part of the recipe's batch on this device")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="another recipe, for a study")
    parser.add_argument("--name", default=kind.stage, help="of the checkpoint in training/runs")
    args = parser.parse_args(arguments)
    recipe = stage_recipe(kind, args.recipe)
    minutes = recipe.minutes if args.minutes is None else args.minutes
    cooldown = recipe.cooldown_minutes * minutes / recipe.minutes
    recipe = replace(
        recipe,
        minutes=minutes,
        cooldown_minutes=cooldown if args.cooldown_minutes is None else args.cooldown_minutes,
    )
    for assignment in args.set:
        recipe = override(recipe, assignment)
    return Order(recipe, record(args.recipe, recipe, args.set), args.name, args.max_steps, args.batch_share)
