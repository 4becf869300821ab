"""The evaluation's counting, on pictures and captions whose scores are known."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from training.data.art import Concept
from training.data.compositing import over_white
from training.data.heldout import choose, load_held_out, plain_caption, single_scenes
from training.data.scenes import Scene, contraries, key, kind_of
from training.evaluate.evaluation import Kept, Report
from training.evaluate.metrics import chosen_right, edge_strength, fid, interval, kid, paired, ranks
from training.evaluate.scores import Embedder, alternatives, score_singles, together
from training.method.losses.scorer import InfoNce, ScorerInputs
from training.nets.scorer import Scorer, ScorerConfig


def concept(slug: str) -> Concept:
    return Concept(slug, slug, "animals-nature", "animal", [slug.replace("-", " ")], [])


CONCEPTS = {
    slug: concept(slug) for slug in ("red-apple", "dog-face", "cat-face", "fox", "robot", "fish", "rocket", "crown")
}


def test_captions_say_colour_count_and_companion():
    dog, cat = CONCEPTS["dog-face"], CONCEPTS["cat-face"]
    assert plain_caption(Scene("fluent", dog)) == "a dog"
    assert plain_caption(Scene("fluent", dog, colour="blue")) == "a blue dog"
    assert plain_caption(Scene("fluent", dog, count=3)) == "three dogs"
    assert plain_caption(Scene("fluent", dog, "blue", cat, "under")) == "a blue dog under a cat"


def test_choosing_leaves_out_what_was_seen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("training.data.heldout.KINDS", {"coloured": 8, "pair": 6, "coloured pair": 4, "several": 3})
    seen = set(choose([], lambda _: True, CONCEPTS, seed=1))
    again = choose(seen, lambda scene: scene.subject.slug != "fox", CONCEPTS, seed=1)
    assert len(again) == 21
    assert not seen & set(again)
    assert all(record[0] != "fox" for record in again)


def test_the_committed_list_holds_every_kind_once():
    class Any(dict):
        def __missing__(self, slug: str) -> Concept:
            return concept(slug)

    scenes = load_held_out(Any())
    counts = {kind: sum(kind_of(scene) == kind for scene in scenes) for kind in map(kind_of, scenes)}
    assert counts == {"coloured": 120, "pair": 100, "coloured pair": 50, "several": 30, "dressed": 40, "placed": 40}
    assert len({key(scene) for scene in scenes}) == 380


def test_single_things_have_names_of_their_own():
    twins = {**CONCEPTS, "dog": Concept("dog", "dog", "animals-nature", "animal", ["dog"], [])}
    assert plain_caption(Scene("fluent-3d", twins["dog"])) == plain_caption(Scene("fluent-3d", twins["dog-face"]))
    captions = [plain_caption(scene) for scene in single_scenes(twins)]
    assert len(set(captions)) == len(captions) >= 6
    assert len(single_scenes(twins, most=3)) == 3


def test_a_single_thing_is_known_by_the_part_of_draws_that_show_it():
    class Knows:
        def texts(self, captions: list[str]) -> torch.Tensor:
            return torch.eye(len(captions))

    scenes = single_scenes(CONCEPTS)
    right = torch.eye(len(scenes))
    report = score_singles([right, right.roll(1, 0)], scenes, Knows())  # type: ignore[arg-type]
    assert report["prompts"] == len(scenes)
    assert report["rPrecision1"]["mean"] == 0.5  # type: ignore[index]


def test_ranks_count_the_distractors_that_fit_better():
    texts = torch.eye(40)
    assert ranks(texts, texts, choices=10).tolist() == [0] * 40
    # A picture that fits every caption alike has no claim to its own.
    assert ranks(torch.ones(40, 40), texts, choices=10).tolist() == [9] * 40


def test_chosen_right_wants_more_than_a_tie():
    texts = torch.eye(3)
    assert chosen_right(texts[0], texts)
    assert not chosen_right(texts[1], texts)
    assert not chosen_right(torch.ones(3), texts)


def test_an_interval_holds_the_mean_and_narrows_with_agreement():
    wide = interval(np.array([0.0, 1.0] * 20))
    assert wide["low"] < wide["mean"] == 0.5 < wide["high"]
    assert interval(np.ones(20)) == {"mean": 1.0, "low": 1.0, "high": 1.0}


def test_kid_is_zero_for_one_distribution_and_grows_with_another():
    generator = torch.Generator().manual_seed(0)
    draw = torch.nn.functional.normalize(torch.randn(600, 8, generator=generator), dim=-1)
    moved = torch.nn.functional.normalize(draw[:300] + 1, dim=-1)
    assert abs(kid(draw[:300], draw[300:])) < 20
    assert kid(moved, draw[300:]) > 200


@pytest.mark.parametrize("count", [75, 300])
@pytest.mark.parametrize("each", [1, 4])
def test_kid_has_its_floor_at_zero_for_any_number_of_prompts(count: int, each: int):
    generator = torch.Generator().manual_seed(0)
    unit = torch.nn.functional.normalize
    prompts = torch.randn(count, 1, 16, generator=generator).expand(-1, each, -1).flatten(0, 1)
    one, other = (unit(prompts + 0.3 * torch.randn(prompts.shape, generator=generator), dim=-1) for _ in range(2))
    # With the pairs it would be -30 for 75 prompts and -8 for 300.
    assert abs(kid(one, other, each)) < 2
    assert kid(one, one, each) == pytest.approx(0, abs=1e-3)
    with pytest.raises(ValueError, match="same prompts"):
        kid(one[1:], other, each)


def test_paired_interval_sees_what_two_intervals_hide():
    rng = np.random.default_rng(0)
    difficulty = rng.random(300)
    one, other = difficulty + 0.02, difficulty + 0.01 * rng.standard_normal(300)
    assert interval(one)["low"] < interval(other)["high"]
    assert paired(one, other)["low"] > 0.015
    same = paired(difficulty, rng.permutation(difficulty))
    assert same["low"] < 0 < same["high"]


def test_fid_is_that_of_two_gaussians():
    generator = torch.Generator().manual_seed(0)
    one, other = (torch.randn(1500, 3, generator=generator) for _ in range(2))
    assert fid(one, one) == pytest.approx(0, abs=1e-6)
    assert fid(one, 2 * other + 1) == pytest.approx(1000 * (3 + 3 * (1 - 2) ** 2), rel=0.1)
    # Fewer pictures than features, as with the scorer's: still right where the sets are the same.
    few = torch.randn(10, 30, generator=generator)
    assert fid(few, few) == pytest.approx(0, abs=1e-6)


def test_questions_differ_from_the_caption_in_one_thing():
    scene = Scene("fluent", CONCEPTS["dog-face"], "blue", CONCEPTS["cat-face"], "under")
    questions = alternatives(scene, [Scene("fluent", CONCEPTS["fox"], None, CONCEPTS["robot"], "and")])
    assert questions["attribute binding"] == ["a blue dog under a cat", "a blue cat under a dog"]
    assert questions["above or below"] == ["a blue dog under a cat", "a blue dog on top of a cat"]
    assert len(questions["colour"]) == 9
    assert "count" not in questions
    worn = Scene("fluent", CONCEPTS["cat-face"], other=CONCEPTS["crown"], relation="wearing")
    assert alternatives(worn, [])["what is worn"][:3] == ["a cat wearing a crown", "a cat", "a cat wearing a top hat"]
    tiny = Scene("fluent", CONCEPTS["cat-face"], placement="tiny")
    assert alternatives(tiny, [])["size and turn"][:3] == ["a tiny cat", "a cat", "a tilted cat"]
    sizes = Scene("fluent", CONCEPTS["cat-face"], other=CONCEPTS["dog-face"], relation="and", placement="big")
    assert alternatives(sizes, []) == {"which is big": ["a big cat and a small dog", "a small cat and a big dog"]}


def test_the_scorer_learns_to_tell_two_colours_apart():
    torch.manual_seed(0)
    config = ScorerConfig(pixels=32, widths=(8, 16, 16), text_width=12, hidden=16, embedding=8)
    scorer = Scorer(config)
    optimiser = torch.optim.AdamW(scorer.parameters(), lr=3e-3)
    pictures = torch.zeros(2, 4, 32, 32)
    pictures[:, 3] = 1
    pictures[0, 0] = pictures[1, 2] = 1
    rgb = over_white(pictures)
    states, mask = torch.randn(2, 3, 12), torch.ones(2, 3)
    same = torch.eye(2, dtype=torch.bool)
    for _ in range(40):
        images, texts = scorer.embed_images(rgb), scorer.embed_texts(states, mask)
        loss = InfoNce()(ScorerInputs(images, texts, scorer.log_scale.exp(), same))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    products = scorer.embed_images(rgb) @ scorer.embed_texts(states, mask).T
    assert products.argmax(1).tolist() == [0, 1]


def test_pictures_of_one_thing_are_no_negatives_of_each_other():
    images = torch.nn.functional.normalize(torch.ones(2, 4), dim=-1)
    alone = InfoNce()(ScorerInputs(images, images, torch.tensor(10.0), torch.ones(2, 2, dtype=torch.bool)))
    assert alone.item() == pytest.approx(0)


def test_a_contrary_caption_is_one_more_negative_where_there_is_one():
    images = torch.nn.functional.normalize(torch.ones(2, 4), dim=-1)
    same = torch.ones(2, 2, dtype=torch.bool)
    contrary = torch.stack([images[0], torch.zeros(4)])
    # The first picture fits its own caption and the contrary one alike, the second has no wrong one.
    loss = InfoNce()(ScorerInputs(images, images, torch.tensor(10.0), same, contrary))
    assert loss.item() == pytest.approx(math.log(2) / 4)


def test_contraries_turn_one_thing_round():
    dog, cat = CONCEPTS["dog-face"], CONCEPTS["cat-face"]
    on = Scene("fluent-3d", dog, "blue", cat, "on top of")
    assert {name: plain_caption(scene) for name, scene in contraries(on).items()} == {
        "above or below": "a blue dog under a cat",
        "attribute binding": "a blue cat on top of a dog",
    }
    assert contraries(Scene("fluent-3d", dog, other=cat, relation="and")) == {}
    assert contraries(Scene("fluent-3d", dog, other=CONCEPTS["crown"], relation="wearing")) == {}


def test_blur_weakens_edges_and_a_flat_picture_has_none():
    picture = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    blurred = torch.nn.functional.avg_pool2d(picture, 3, 1, 1)
    assert (edge_strength(blurred) < 0.5 * edge_strength(picture)).all()
    assert edge_strength(torch.ones(1, 3, 8, 8)).item() == 0


def test_patches_are_the_quarters_of_each_picture():
    torch.manual_seed(0)
    config = ScorerConfig()
    scorer = Scorer(config).eval().requires_grad_(False)
    embedder = Embedder(scorer, config, encode=None)  # type: ignore[arg-type]  # no captions here
    pictures = torch.rand(3, 4, 128, 128)
    seen = embedder.see(pictures)
    assert seen.edges.shape == (3,)
    torch.testing.assert_close(seen.patches[1], embedder.images(pictures[:1, :, :64, 64:])[0])
    torch.testing.assert_close(seen.patches[4 * 2 + 2], embedder.images(pictures[2:, :, 64:, :64])[0])
    larger = embedder.see(pictures.repeat_interleave(2, 2).repeat_interleave(2, 3))
    torch.testing.assert_close(larger.patches, seen.patches)
    both = together([seen, seen])
    assert both.images.shape[0] == 6
    assert both.patches.shape[0] == 24


def test_what_was_measured_before_a_stop_is_not_measured_again(tmp_path: Path):
    path = tmp_path / "evaluation.json"
    made: list[str] = []

    def measured(name: str, training: dict[str, float] | None = None) -> Report:
        made.append(name)
        return {"runs": 4, **({"training": training} if training else {})}

    first = Kept(path, {"student": "one"})
    first.get("student", lambda: measured("student"))
    first.get("other", lambda: measured("other", {"minutes": 2.0}), {"minutes": 2.0})
    again = Kept(path, {"student": "one"})
    assert again.get("student", lambda: measured("student")) == {"runs": 4}
    again.get("other", lambda: measured("other", {"minutes": 2.0}), {"minutes": 2.0})
    assert made == ["student", "other"]
    again.get("other", lambda: measured("other", {"minutes": 3.0}), {"minutes": 3.0})
    Kept(path, {"student": "two"}).get("student", lambda: measured("student"))
    assert made == ["student", "other", "other", "student"]
