"""A pack's pictures and scenes on disk, before they are encoded.

Beside a pack `latents-nano.npz` lie `latents-nano.scenes.json` and `latents-nano.pictures-<identity>.npy`. The identity
is that of the recipe and of the art; all three carry it, so that latents, scenes and pictures of two packs never meet.
"""

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from training.config.packs import PackRecipe
from training.config.whole_file import replacing, write_whole
from training.data.art import Art, Concept
from training.data.mix import Plan, weighed
from training.data.scenes import Layout, Scene

LETTERS = 16
DRAWN_BY = (
    *("arrange", "canvas", "colour", "compose", "dress", "heldout"),
    *("layouts", "mix", "relations", "scenes", "unseen", "weather"),
)
"""Modules beside this one."""
REMEDY = "run `python -m training.stages.pack` again"


def drawn_by(folder: Path = Path(__file__).parent) -> str:
    """A hash of the code and lists that decide which pictures a recipe makes."""
    files = [folder / f"{name}.py" for name in DRAWN_BY] + sorted(folder.glob("*.json"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def identity_of(recipe: PackRecipe, art: Art) -> str:
    """The same for the same recipe (its seed is a field), art (its index holds a hash of the pictures) and code."""
    text = json.dumps([asdict(recipe), art.identity, drawn_by()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:LETTERS]


def scenes_of(path: Path) -> Path:
    return path.with_suffix(".scenes.json")


def pictures_of(path: Path, identity: str) -> Path:
    """Beside a pack: every scene of it as it was encoded, uint8 (count, pixels, pixels, 4)."""
    return path.with_suffix(f".pictures-{identity}.npy")


def scene_record(scene: Scene, layout: Layout | None = None) -> dict[str, object]:
    """What differs from a plain scene, as JSON."""
    record = {name: value for name, value in asdict(scene).items() if value is not None}
    record["subject"] = scene.subject.slug
    if scene.other:
        record["other"] = scene.other.slug
    if scene.count == 1:
        del record["count"]
    return record | ({"layout": asdict(layout)} if layout else {})


def scene_of(record: dict[str, Any], concepts: dict[str, Concept]) -> Scene:
    known = {name: value for name, value in record.items() if name != "layout"}
    other = concepts[known["other"]] if known.get("other") else None
    return Scene(**{**known, "subject": concepts[known["subject"]], "other": other})


_task: Callable[[int], None] | None = None
"""Of the processes that `each` starts: a closure reaches them by the fork alone."""


def _run(row: int) -> None:
    assert _task
    _task(row)


def each(task: Callable[[int], None], count: int, jobs: int) -> Iterator[None]:
    """Calls the task with 0 to count - 1, in `jobs` processes that share the memory-mapped files it writes to."""
    if jobs == 1:
        yield from map(task, range(count))
        return
    global _task
    _task = task
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from pool.imap_unordered(_run, range(count), chunksize=16)


def write_composed(
    path: Path,
    plan: Plan,
    recipe: PackRecipe,
    identity: str,
    made_by: dict[str, Any],
    seen: Callable[[int], None],
    jobs: int = 1,
) -> None:
    """Draws every picture of the plan, then says what they are. What an older pack left is removed last.

    made_by: of the recipe, to be kept. seen: called after each picture with how many there are. jobs: processes.
    """
    first = plan.picture(0)
    pictures = pictures_of(path, identity)
    with replacing(pictures) as partial:
        kept = np.lib.format.open_memmap(partial, "w+", np.uint8, (len(plan), *first.shape))

        def draw(row: int) -> None:
            kept[row] = plan.picture(row)

        for done, _ in enumerate(each(draw, len(plan), jobs), 1):
            seen(done)
        kept.flush()
    records = [scene_record(scene, layout) for scene, layout in zip(plan.scenes, plan.layouts, strict=True)]
    state = {
        "identity": identity,
        "recipe": made_by,
        "scenes": records,
        "kinds": plan.kinds,
        "weights": weighed(plan, recipe.mix).tolist(),
    }
    write_whole(scenes_of(path), json.dumps(state))
    for old in path.parent.glob(f"{path.stem}.pictures-*.npy"):
        if old != pictures:
            old.unlink()


def read_scenes(path: Path) -> dict[str, Any]:
    """Raises FileNotFoundError that names the remedy."""
    if not scenes_of(path).exists():
        raise FileNotFoundError(f"{scenes_of(path)} is missing: {REMEDY}")
    return json.loads(scenes_of(path).read_text())


def is_composed(path: Path, identity: str) -> bool:
    """Whether the scenes and pictures of that identity lie there already."""
    found = scenes_of(path).exists() and pictures_of(path, identity).exists()
    return found and read_scenes(path)["identity"] == identity


def open_pictures(path: Path, identity: str, count: int) -> np.ndarray:
    """Memory-mapped. Raises ValueError where they are not those of the pack."""
    pictures = pictures_of(path, identity)
    if not pictures.exists():
        raise ValueError(f"{pictures} is missing, the pictures there are of another pack: {REMEDY}")
    opened = np.load(pictures, mmap_mode="r")
    if len(opened) != count:
        raise ValueError(f"{pictures} has {len(opened)} pictures for {count} scenes: {REMEDY}")
    return opened
