"""A pack: what it plans, how it is written, and that no two packs' files are ever taken for one."""

import hashlib
import itertools
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.config.packs import EMOJI_1_0, PackRecipe
from training.config.recipes import RECIPES, SHIPPED
from training.data import composed as composed_module
from training.data import pack as pack_module
from training.data.art import Art, load_art
from training.data.composed import (
    drawn_by,
    identity_of,
    is_composed,
    open_pictures,
    pictures_of,
    scenes_of,
    write_composed,
)
from training.data.mix import Plan, weighed
from training.data.pack import load_pack, load_scenes, scene_pictures
from training.data.relations import plan_scenes
from training.data.scenes import key, kind_of
from training.tests.drawn import SIZE, STYLES, write_art

FEW = {
    "recoloured": 12,
    "pairs": 12,
    "several": 8,
    "placed": 8,
    "big_and_small": 6,
    "varied": 20,
    "free_hues": 10,
    "overlapping": 20,
    "riding": 8,
    "settings": 20,
}
SMALL = replace(EMOJI_1_0, **FEW)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_art(tmp_path_factory.mktemp("art"))


@pytest.fixture
def art(folder: Path) -> Art:
    return load_art(SIZE, folder)


@pytest.fixture
def plan(art: Art) -> Plan:
    return plan_scenes(art, SMALL)


def test_every_kind_has_its_part_of_the_mix(plan: Plan) -> None:
    weights = weighed(plan, SMALL.mix)
    kinds = np.array(plan.kinds)
    assert set(plan.kinds) == set(SMALL.mix)
    for kind, part in SMALL.mix.items():
        assert weights[kinds == kind].sum() == pytest.approx(part / sum(SMALL.mix.values()))
    assert SMALL.mix["varied"] == SMALL.mix["single"] / 2
    shown = {kind_of(scene) for scene in plan.scenes}
    assert shown >= {"single", "coloured", "pair", "several", "dressed", "placed", "overlapping", "riding", "setting"}


def test_the_same_recipe_plans_and_draws_the_same(art: Art, plan: Plan) -> None:
    again = plan_scenes(art, SMALL)
    assert again.scenes == plan.scenes
    assert again.layouts == plan.layouts
    other = plan_scenes(art, replace(SMALL, seed=1))
    assert other.scenes != plan.scenes
    for row in range(0, len(plan), 9):
        np.testing.assert_array_equal(plan.picture(row), again.picture(row))


def test_all_pictures_are_premultiplied_and_of_one_size(plan: Plan) -> None:
    for row in range(len(plan)):
        picture = plan.picture(row)
        assert picture.shape == (SIZE, SIZE, 4)
        assert picture.dtype == np.uint8
        assert (picture[..., :3] <= picture[..., 3:]).all()
        assert picture.any()


def test_icons_show_single_things_and_letters_stay_readable(plan: Plan) -> None:
    assert {scene.style for scene in plan.scenes} == set(STYLES)
    assert {kind_of(s) for s in plan.scenes if s.style == "flat-color"} <= {"single", "coloured"}
    turned = [s.subject.slug for s, kind in zip(plan.scenes, plan.kinds, strict=True) if kind in ("varied", "placed")]
    assert "alarm-clock" not in turned


def test_what_few_sets_draw_is_shown_as_often(art: Art) -> None:
    rows = [
        i for i, (s, c) in enumerate(zip(art.styles, art.concepts, strict=True)) if c.slug != "house" or s == "noto"
    ]
    few = Art(art.pixels[rows], [art.styles[i] for i in rows], [art.concepts[i] for i in rows])
    plan = plan_scenes(few, replace(SMALL, **dict.fromkeys(FEW, 0)))
    of = {"house": 0.0, "automobile": 0.0}
    for scene, kind, weight in zip(plan.scenes, plan.kinds, plan.weights, strict=True):
        if kind == "single" and scene.subject.slug in of:
            of[scene.subject.slug] += weight
    assert of["house"] == pytest.approx(of["automobile"])


def test_emoji_0_7_0_is_as_it_was(art: Art) -> None:
    assert SHIPPED.name == "emoji-1.0.0"
    assert RECIPES["emoji-0.7.0"].pack == PackRecipe()
    assert RECIPES["emoji-1.0.0"].pack == EMOJI_1_0
    plain = plan_scenes(art, replace(PackRecipe(), recoloured=6, pairs=6, several=3, placed=4, big_and_small=2))
    assert set(plain.layouts) == {None}
    assert {scene.style for scene in plain.scenes} == {"fluent-3d", "fluent", "fluent-flat"}
    # Found with the code that made the pack of 0.7.0, on the same drawings.
    found = [key(s) for s, kind in zip(plain.scenes, plain.kinds, strict=True) if kind in ("pair", "several")]
    assert found == EXPECTED_0_7_0
    pictures = b"".join(plain.picture(row).tobytes() for row in range(len(plain)))
    assert hashlib.sha256(pictures).hexdigest() == PICTURES_0_7_0


def composed(folder: Path, art: Art, recipe: PackRecipe, path: Path) -> str:
    identity = identity_of(recipe, art)
    write_composed(path, plan_scenes(art, recipe), recipe, identity, {"name": "test"}, lambda _: None)
    return identity


@pytest.fixture
def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_module, "DATA", folder)
    monkeypatch.setattr(pack_module, "EDITION", replace(pack_module.EDITION, pixels=SIZE))


@pytest.mark.usefixtures("opened")
def test_a_pack_is_read_back_as_it_was_planned(folder: Path, art: Art, plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "latents-nano.npz"
    identity = composed(folder, art, SMALL, path)
    assert is_composed(path, identity)
    pack = load_scenes(path)
    assert pack.scenes == plan.scenes
    np.testing.assert_array_equal(pack.weights, weighed(plan, SMALL.mix))
    pictures = scene_pictures(pack, path)
    assert isinstance(pictures, np.memmap)
    for row in range(0, len(plan), 7):
        np.testing.assert_array_equal(pictures[row], plan.picture(row))


@pytest.mark.usefixtures("opened")
def test_several_processes_draw_the_same_pictures(art: Art, tmp_path: Path) -> None:
    recipe = replace(SMALL, **dict.fromkeys(FEW, 2))
    identity = identity_of(recipe, art)
    counts: list[int] = []
    for jobs in (1, 3):
        path = tmp_path / f"{jobs}.npz"
        write_composed(path, plan_scenes(art, recipe), recipe, identity, {}, counts.append, jobs)
    one, three = (pictures_of(tmp_path / f"{jobs}.npz", identity).read_bytes() for jobs in (1, 3))
    assert one == three
    assert counts[: len(counts) // 2] == counts[len(counts) // 2 :] == list(range(1, len(counts) // 2 + 1))


def test_an_identity_is_of_recipe_seed_art_and_code(art: Art, tmp_path: Path) -> None:
    recipes = (SMALL, replace(SMALL, seed=1), replace(SMALL, pairs=13), replace(SMALL, mix={**SMALL.mix, "pair": 0.2}))
    identities = [identity_of(recipe, art) for recipe in recipes]
    identities.append(identity_of(SMALL, replace(art, identity="another")))
    assert all(one != other for one, other in itertools.combinations(identities, 2))
    assert identity_of(SMALL, art) == identities[0]
    for file in Path(composed_module.__file__).parent.glob("*.*"):
        shutil.copy(file, tmp_path)
    assert drawn_by(tmp_path) == drawn_by()
    (tmp_path / "colour.py").write_text("another")
    assert drawn_by(tmp_path) != drawn_by()


@pytest.mark.usefixtures("opened")
def test_latents_and_pictures_of_two_packs_are_never_paired(folder: Path, art: Art, tmp_path: Path) -> None:
    path = tmp_path / "latents-nano.npz"
    first = composed(folder, art, SMALL, path)
    np.savez(path, identity=np.array(first), **{f"latents{size}": np.zeros(1) for size in pack_module.SIZES})
    old = load_pack(path)
    # As many scenes, other ones: composing was run again and stopped before the latents were made.
    second = composed(folder, art, replace(SMALL, seed=1), path)
    with pytest.raises(ValueError, match="latents of another pack"):
        load_pack(path)
    with pytest.raises(ValueError, match="of another pack"):
        scene_pictures(old, path)
    assert not pictures_of(path, first).exists()
    assert pictures_of(path, second).exists()


@pytest.mark.usefixtures("opened")
def test_pictures_cut_short_are_not_taken(folder: Path, art: Art, tmp_path: Path) -> None:
    path = tmp_path / "latents-nano.npz"
    recipe = replace(SMALL, **dict.fromkeys(FEW, 0))
    identity = identity_of(recipe, art)

    class Stopped(Exception):
        pass

    def stop(count: int) -> None:
        if count == 3:
            raise Stopped

    with pytest.raises(Stopped):
        write_composed(path, plan_scenes(art, recipe), recipe, identity, {}, stop)
    assert not is_composed(path, identity)
    assert not scenes_of(path).exists()
    with pytest.raises(FileNotFoundError, match=r"training\.stages\.pack"):
        load_scenes(path)
    composed(folder, art, recipe, path)
    with pytest.raises(ValueError, match="pictures for 1 scenes"):
        open_pictures(path, identity, 1)
    records = json.loads(scenes_of(path).read_text())["scenes"]
    assert records[0].keys() == {"style", "subject"}


EXPECTED_0_7_0 = [
    ("banana", "red", "crescent-moon", "on top of", 1, None),
    ("red-apple", "black", "crescent-moon", "next to", 1, None),
    ("fox", None, "automobile", "next to", 1, None),
    ("droplet", None, "cat-face", "under", 1, None),
    ("star", "pink", "cloud", "and", 1, None),
    ("bicycle", None, "crescent-moon", "and", 1, None),
    ("automobile", None, None, None, 3, None),
    ("automobile", None, None, None, 2, None),
    ("automobile", None, None, None, 3, None),
]
PICTURES_0_7_0 = "641cde9c86b6837813c2591294a594aa07c8acdd7994f6a9d38bfc532b5114cd"
