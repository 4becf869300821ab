from pathlib import Path

import numpy as np
import pytest

from training.data.art import Concept, load_art
from training.data.canvas import place, placed, resized
from training.data.captions import caption, strip_colour
from training.data.colour import COLOURS, dominant_hue, hsv, recolour, rgb
from training.data.compose import beside, pair, several
from training.data.dress import FACES, ITEMS, dress, visible
from training.data.english import numbered, with_article
from training.data.scenes import Scene

APPLE = Concept("red-apple", "red apple", "food-drink", "food-fruit", ["red apple"], ["fruit", "crisp"])
CROWN = Concept("crown", "crown", "objects", "clothing", ["crown"], ["king"])
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
    worn = dress(first, FACES["bear"], second, ITEMS["crown"])
    pairs = (pair(first, second, "and"), pair(first, second, "under"), beside(first, second, "big"), worn)
    for picture in (*pairs, several(first, 3), resized(first, 20), placed(first, "tilted")):
        assert (picture[..., :3] <= picture[..., 3:]).all()


def test_under_puts_the_first_below() -> None:
    picture = pair(disc((255, 0, 0)), disc((0, 0, 255)), "under").astype(int)
    assert picture[32:, :, 0].sum() > 10 * picture[:32, :, 0].sum()


def test_what_lies_outside_the_canvas_is_cut_off() -> None:
    canvas = np.zeros((64, 64, 4), np.uint8)
    place(canvas, disc((255, 0, 0)), -32, 40)
    assert canvas[:20, 50:].any()
    assert not canvas[:, :40].any()
    place(canvas, disc((255, 0, 0)), 70, 0)
    assert not canvas[40:, :40].any()


def test_a_hat_sits_above_the_eyes_and_glasses_on_them() -> None:
    face, blue = disc((200, 150, 100)), disc((0, 0, 255))

    def rows_of_blue(item: str) -> np.ndarray:
        picture = dress(face, FACES["smiling-face"], blue, ITEMS[item]).astype(int)
        return np.nonzero(((picture[..., 2] > 200) & (picture[..., 0] < 50)).any(1))[0]

    hat, glasses = rows_of_blue("top-hat"), rows_of_blue("sunglasses")
    assert 0 <= hat.min() < glasses.min()
    assert glasses.min() < 64 * FACES["smiling-face"].eyes < glasses.max()


def test_placements() -> None:
    picture = disc((230, 120, 20))
    picture[:32] //= 2  # so that its halves differ
    top, bottom, left, right = visible(placed(picture, "tiny"))
    assert max(bottom - top, right - left) < 0.45 * 40
    np.testing.assert_array_equal(placed(placed(picture, "upside-down"), "upside-down"), picture)
    np.testing.assert_array_equal(placed(picture, "mirrored")[:, 0], picture[:, -1])
    big, small = (visible(part) for part in np.split(beside(picture, picture, "big"), [41], 1))
    assert big[1] - big[0] > 1.5 * (small[1] - small[0])


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
        assert "crown" in caption(Scene("fluent", FOX, other=CROWN, relation="wearing"), set(), rng)
        assert "upside-down fox" in caption(Scene("fluent", FOX, placement="upside-down"), set(), rng)
        sizes = caption(Scene("fluent", FOX, other=APPLE, relation="and", placement="small"), set(), rng)
        assert sizes.index("small") < sizes.index("fox") < sizes.index("big") < sizes.index("apple")


def test_caption_words() -> None:
    assert strip_colour("red apple") == "apple"
    assert strip_colour("red") == "red"
    assert with_article("apple") == "an apple"
    assert with_article("fries") == "fries"
    assert with_article("dress") == "a dress"
    assert with_article("octopus") == "an octopus"
    assert numbered(2, "red fox") == "two red foxes"
    assert numbered(3, "strawberry") == "three strawberries"
    assert numbered(4, "cup of coffee") == "four cups of coffee"
    assert numbered(2, "glasses") == "two glasses"
    assert numbered(3, "bus") == "three buses"


def test_missing_art_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="npm run render"):
        load_art(128, tmp_path)
