from pathlib import Path

import numpy as np
import pytest

from training.art import Concept, load_art
from training.captions import Scene, caption, strip_colour, with_article
from training.compose import COLOURS, dominant_hue, hsv, pair, recolour, resized, rgb, several
from training.latents import PackConfig, compose_scenes

APPLE = Concept("red-apple", "red apple", "food-drink", "food-fruit", ["red apple"], ["fruit", "crisp"])
FOX = Concept("fox", "fox", "animals-nature", "animal-mammal", ["fox"], ["curious"])


def disc(colour: tuple[int, int, int]) -> np.ndarray:
    y, x = np.mgrid[:64, :64]
    inside = (y - 32) ** 2 + (x - 32) ** 2 < 400
    return np.where(inside[..., None], np.array([*colour, 255]), 0).astype(np.uint8)


def test_hsv_and_back() -> None:
    colours = np.random.default_rng(0).random((50, 3))
    np.testing.assert_allclose(rgb(hsv(colours)), colours, atol=1e-6)


@pytest.mark.parametrize("colour", ["red", "green", "blue", "purple"])
def test_recolour_turns_the_main_hue(colour: str) -> None:
    turned = recolour(disc((230, 120, 20)), colour)
    assert turned is not None
    hue = dominant_hue(turned)
    assert hue is not None
    assert abs((hue[0] - COLOURS[colour][0] + 0.5) % 1 - 0.5) < 0.05


def test_recolour_declines_grey() -> None:
    assert recolour(disc((128, 128, 128)), "red") is None


def test_compositions_stay_premultiplied() -> None:
    first, second = disc((230, 120, 20)), disc((20, 60, 230))
    for picture in (pair(first, second, "and"), pair(first, second, "under"), several(first, 3), resized(first, 20)):
        assert (picture[..., :3] <= picture[..., 3:]).all()


def test_under_puts_the_first_below() -> None:
    picture = pair(disc((255, 0, 0)), disc((0, 0, 255)), "under").astype(int)
    assert picture[32:, :, 0].sum() > 10 * picture[:32, :, 0].sum()


def test_captions_name_what_is_there() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        blue = caption(Scene("fluent-flat", FOX, colour="blue"), set(), rng)
        assert "blue" in blue
        assert "fox" in blue
        both = caption(Scene("fluent-3d", APPLE, other=FOX, relation="under"), set(), rng)
        assert "apple" in both
        assert "fox" in both
        assert both.index("apple") < both.index("fox")
        assert "three" in caption(Scene("fluent", APPLE, count=3), set(), rng)


def test_caption_words() -> None:
    assert strip_colour("red apple") == "apple"
    assert strip_colour("red") == "red"
    assert with_article("apple") == "an apple"
    assert with_article("fries") == "fries"
    assert with_article("dress") == "a dress"


def test_missing_art_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="npm run render"):
        load_art(128, tmp_path)


def test_scenes_keep_their_part_of_the_mix(art_folder: Path) -> None:
    config = PackConfig(recoloured=20, pairs=10, several=5)
    scenes, weights, pictures = compose_scenes(load_art(128, art_folder), config, 0)
    assert len(scenes) == len(weights) == len(pictures)
    assert abs(weights.sum() - 1) < 1e-9
    paired = sum(w for w, scene in zip(weights, scenes, strict=True) if scene.other)
    assert abs(paired - config.mix[2]) < 1e-9
