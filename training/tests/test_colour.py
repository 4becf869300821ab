"""A colour word must be seen in the picture."""

import numpy as np

from training.data.captions import caption, noun_phrase
from training.data.colour import colour_seen, dominant_hue, recolour, turned_to
from training.data.compose import compose
from training.data.mix import Hues
from training.data.scenes import ANY_COLOUR, Layout, Scene, key
from training.tests.drawn import SIZE, concept, drawings


def hammer(handle: int) -> np.ndarray:
    """A grey head and a brown handle, `handle` pixels wide of 48."""
    picture = np.zeros((SIZE, SIZE, 4), np.uint8)
    picture[8:56, 8:56] = (128, 128, 128, 255)
    picture[8:56, 8 : 8 + handle] = (150, 90, 30, 255)
    return picture


def test_a_colour_that_falls_on_too_little_does_not_count() -> None:
    little, enough = hammer(6), hammer(16)
    assert abs((colour_seen(little) or 0) - 6 / 48) < 0.02
    assert recolour(little, "purple") is not None  # as emoji 0.7.0 had it
    assert recolour(little, "purple", seen=0.25) is None
    assert recolour(enough, "purple", seen=0.25) is not None
    of = {"noto": {"hammer": (concept("hammer"), little), "axe": (concept("axe"), enough)}}
    scenes = [Scene("noto", concept("hammer")), Scene("noto", concept("axe"))]
    assert [Hues(of, 0.25).turn(scene) for scene in scenes] == [False, True]
    assert [Hues(of, 0.0).turn(scene) for scene in scenes] == [True, True]


def test_a_pale_or_dark_part_has_no_colour_to_the_eye() -> None:
    for pale_or_dark in ((60, 42, 28), (225, 215, 235)):
        picture = hammer(4)
        picture[8:56, 12:56, :3] = pale_or_dark
        assert (colour_seen(picture) or 0) < 0.15


def test_grey_has_no_hue_to_turn() -> None:
    assert colour_seen(hammer(0)) is None
    assert turned_to(hammer(0), 0.5) is None


def test_a_free_hue_is_random_and_unnamed() -> None:
    art = drawings({"automobile": (230, 20, 20)})
    car = Scene("noto", art["automobile"][0], colour=ANY_COLOUR)
    hues = set()
    for seed in range(12):
        picture = compose(car, art, Layout(seed))
        assert picture is not None
        found = dominant_hue(picture)
        assert found is not None
        hues.add(round(found[0], 1))
    assert len(hues) > 4
    rng = np.random.default_rng(0)
    named = concept("automobile")
    named.names.extend(["red car"])
    for _ in range(60):
        assert "red" not in caption(Scene("noto", named, colour=ANY_COLOUR), set(), rng)
        assert "any" not in noun_phrase(car, set(), rng)
    assert key(car) == key(Scene("noto", art["automobile"][0]))
