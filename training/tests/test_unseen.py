"""What is held out stays out: concepts, combinations, and drawings with all their looks."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.config.packs import EMOJI_1_0
from training.data import split, unseen
from training.data.arrange import RIDES
from training.data.art import Art, load_art
from training.data.captions import EVERYDAY
from training.data.dress import FACES, ITEMS
from training.data.heldout import held_out_keys
from training.data.relations import HUELESS, LARGE, plan_scenes
from training.data.scenes import Scene
from training.data.split import drawing_of, is_tested, split_rows
from training.data.unseen import QUOTA, choose_concepts, combinations, held_out_concepts, shows_held_out
from training.data.weather import NEEDED
from training.tests.drawn import SIZE, concept, write_art


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Art:
    return load_art(SIZE, write_art(tmp_path_factory.mktemp("art")))


def test_the_committed_concepts_are_sixty_and_none_that_training_needs() -> None:
    chosen = held_out_concepts()
    assert len(chosen) == sum(QUOTA.values()) == 60
    sky = {slug for needed in NEEDED.values() for slug in needed}
    combined = {slug for subject, _, other, *_ in held_out_keys() for slug in (subject, other)}
    assert not chosen & {*EVERYDAY, *FACES, *ITEMS, *RIDES, *HUELESS, *LARGE, *sky, *combined}


def test_the_rule_covers_all_groups_and_keeps_what_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unseen, "QUOTA", {"animals-nature": 4, "objects": 2})
    monkeypatch.setattr(unseen, "OF_SUBGROUP", 3)
    beasts = {f"beast-{i}": replace(concept("fox"), slug=f"beast-{i}") for i in range(10)}
    bugs = {f"bug-{i}": replace(concept("fox"), slug=f"bug-{i}", subgroup="animal-bug") for i in range(10)}
    tools = {f"tool-{i}": replace(concept("crown"), slug=f"tool-{i}") for i in range(10)}
    every = beasts | bugs | tools
    kept = {"beast-1", *(f"tool-{i}" for i in range(8))}
    chosen = choose_concepts(every, kept, seed=3)
    assert Counter(every[slug].group for slug in chosen) == {"animals-nature": 4, "objects": 2}
    assert max(Counter(every[slug].subgroup for slug in chosen).values()) <= 3
    assert {slug for slug in chosen if slug.startswith("tool")} == {"tool-8", "tool-9"}
    assert "beast-1" not in chosen
    assert choose_concepts(every, kept, seed=3) == chosen
    assert choose_concepts(every, kept, seed=4) != chosen


def test_no_scene_shows_a_held_out_concept_in_any_style(art: Art) -> None:
    assert "otter" in held_out_concepts()
    few = replace(EMOJI_1_0, recoloured=10, pairs=20, several=5, placed=5, varied=20, free_hues=5)
    plan = plan_scenes(art, few)
    assert not [s for s in plan.scenes if "otter" in (s.subject.slug, s.other.slug if s.other else "")]
    assert [s for s in plan_scenes(art, replace(few, whole=False)).scenes if s.subject.slug == "otter"]


def test_held_out_combinations_stay_out_of_every_relation() -> None:
    coloured, together = combinations()
    slug, colour = sorted(coloured)[0]
    thing = concept(slug)
    assert shows_held_out(Scene("noto", thing, colour), frozenset())
    assert shows_held_out(Scene("noto", thing, colour, concept("hut"), "and"), frozenset())
    assert not shows_held_out(Scene("noto", thing, "any"), frozenset())
    one, other = sorted(sorted(pair) for pair in together)[0]
    for relation in ("on", "behind", "riding", "next to"):
        assert shows_held_out(Scene("noto", concept(one), other=concept(other), relation=relation), frozenset())
        assert shows_held_out(Scene("noto", concept(other), other=concept(one), relation=relation), frozenset())


def test_sibling_looks_of_one_drawing_go_together(art: Art) -> None:
    part = 0.4
    tested = {drawing_of(art.styles[i], art.concepts[i].slug) for i in split_rows(art, part)[1]}
    train, test = split_rows(art, part)
    assert not np.intersect1d(train, test).size
    assert len(train) + len(test) == len(art)
    assert tested.isdisjoint(drawing_of(art.styles[i], art.concepts[i].slug) for i in train)
    for slug in {c.slug for c in art.concepts}:
        assert len({is_tested(style, slug, part) for style in ("fluent", "fluent-3d", "fluent-flat")}) == 1
    # Another set's drawing of the same thing is another drawing.
    assert any(is_tested("fluent", c.slug, part) != is_tested("noto", c.slug, part) for c in art.concepts)
    assert "otter" in {art.concepts[i].slug for i in test}


def test_the_split_is_the_same_whatever_else_is_rendered(art: Art, tmp_path: Path) -> None:
    fewer = [i for i, style in enumerate(art.styles) if style != "fluent"]
    part = Art(art.pixels[fewer], [art.styles[i] for i in fewer], [art.concepts[i] for i in fewer])

    def names(of: Art) -> set[tuple[str, str]]:
        return {(of.styles[i], of.concepts[i].slug) for i in split.split_rows(of)[1] if of.styles[i] != "fluent"}

    assert names(art) == names(part)
    shares = np.mean([is_tested("noto", f"thing-{i}") for i in range(4000)])
    assert abs(shares - 1 / 40) < 0.01
