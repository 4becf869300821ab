"""Batches and captions for the scorer, which must tell apart what looks alike."""

import numpy as np
import torch
import torch.nn.functional as F

from training.config.recipes import ScorerRecipe
from training.config.runs import device
from training.data.captions import caption
from training.data.pack import Pack, scene_pictures
from training.data.scenes import Scene, contraries


def small_pictures(pack: Pack, pixels: int) -> np.ndarray:
    """Every scene of the pack as the scorer sees it: uint8 (count, pixels, pixels, 4)."""
    pictures = scene_pictures(pack)
    small = np.empty((len(pictures), pixels, pixels, 4), np.uint8)
    for i in range(0, len(pictures), 64):
        part = torch.tensor(pictures[i : i + 64]).to(device()).permute(0, 3, 1, 2).float()
        small[i : i + 64] = F.interpolate(part, pixels, mode="area").round().permute(0, 2, 3, 1).cpu()
    return small


class GroupSampler:
    """Rows of scenes in groups that share a subject."""

    def __init__(self, scenes: list[Scene], weights: np.ndarray, recipe: ScorerRecipe) -> None:
        self.recipe = recipe
        self.weights = weights
        self.subject = [scene.subject.slug for scene in scenes]
        self.rows: dict[str, list[int]] = {}
        for row, slug in enumerate(self.subject):
            self.rows.setdefault(slug, []).append(row)

    def __call__(self, rng: np.random.Generator) -> np.ndarray:
        anchors = rng.choice(len(self.weights), self.recipe.groups, p=self.weights)
        groups = [rng.choice(self.rows[self.subject[row]], self.recipe.group_size - 1) for row in anchors]
        return np.concatenate([anchors, *groups])


def contrary_captions(scenes: list[Scene], generic: set[str], rng: np.random.Generator) -> dict[int, str]:
    """By row of the scene: a wrong caption, told from a right one only by which thing is where, or how."""
    chosen = {row: list(contraries(scene).values()) for row, scene in enumerate(scenes)}
    return {row: caption(wrong[int(rng.integers(len(wrong)))], generic, rng) for row, wrong in chosen.items() if wrong}
