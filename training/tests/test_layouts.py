"""Where things are drawn: random but seeded, whole, large enough, and true to what the caption says."""

import numpy as np
import pytest

from training.data.arrange import LEAST, RIDES, hidden_part, in_front, on, riding, seat_of, side_by_side, stacked
from training.data.canvas import Picture
from training.data.compose import compose
from training.data.dress import FACES, ITEMS, dress
from training.data.layouts import cut_out, lopsided, mirrors, part_of, tilts, varied
from training.data.scenes import SETTINGS, Layout, Scene
from training.tests.drawn import SIZE, concept, drawings, shape

RED, BLUE = (230, 20, 20), (20, 20, 230)
FOX, CLOCK = concept("fox"), concept("alarm-clock")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def where(picture: Picture, channel: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of what is red (0) or blue (2)."""
    return np.nonzero((picture[..., channel] > 150) & (picture[..., 2 - channel] < 100))


def longest(picture: Picture, channel: int) -> int:
    ys, xs = where(picture, channel)
    return max(np.ptp(ys), np.ptp(xs)) + 1


def transparent_border(picture: Picture) -> bool:
    return not picture[0, 0].any() or not picture[0, -1].any()


def test_a_varied_single_is_whole_and_the_same_for_a_seed() -> None:
    picture = shape(RED)
    areas, tops = [], []
    for seed in range(30):
        drawn = varied(picture, FOX, rng(seed))
        np.testing.assert_array_equal(drawn, varied(picture, FOX, rng(seed)))
        part = cut_out(drawn)
        assert 0.5 * SIZE <= max(part.shape[:2]) <= SIZE
        assert 0.7 < (part[..., 3] > 128).mean() < 0.85  # an ellipse fills pi/4 of its box: nothing was cut off
        areas.append(part.shape[1])
        tops.append(np.nonzero(drawn[..., 3].any(1))[0].min())
    assert np.ptp(areas) > 0.2 * SIZE
    assert np.ptp(tops) > 0.2 * SIZE


def test_what_has_letters_or_hands_is_never_mirrored() -> None:
    half = shape(RED)
    half[:, : SIZE // 2] //= 2  # so that the sides differ

    def darker_left(of: Picture) -> bool:
        return of[:, : of.shape[1] // 2].sum() < of[:, of.shape[1] // 2 :].sum()

    assert not mirrors(CLOCK)
    assert not mirrors(concept("books"))
    assert not mirrors(FOX.__class__("hand", "backhand index pointing left", "people-body", "hand", [], []))
    assert not tilts(CLOCK)
    assert all(darker_left(cut_out(varied(half, CLOCK, rng(seed)))) for seed in range(20))
    sides = {darker_left(cut_out(varied(half, FOX, rng(seed)))) for seed in range(20)}
    assert sides == {True, False}


def test_what_is_symmetric_is_not_called_mirrored() -> None:
    heart = shape(RED)
    leaning = heart.copy()
    leaning[:, : SIZE // 2] //= 2
    assert not lopsided(heart)
    assert lopsided(leaning)


def test_no_part_is_smaller_than_the_least() -> None:
    wide, tall = shape(RED, (2, 20, 62, 40)), shape(BLUE, (22, 2, 42, 62))
    for seed in range(25):
        for first, second in ((wide, tall), (tall, wide), (wide, shape(BLUE)), (shape(RED), tall)):
            channels = (0, 2) if first[SIZE // 2, SIZE // 2, 0] > 100 else (2, 0)
            for picture in (
                side_by_side(first, second, rng(seed), (0.45, 0.56)),
                side_by_side(first, second, rng(seed), (0.62, 0.40)),
                stacked(first, second, rng(seed)),
            ):
                # One pixel is lost at each soft edge.
                assert min(longest(picture, channel) for channel in channels) >= LEAST * SIZE - 3
            # What lies below is partly hidden: its own size is taken from what it was made of.
            assert longest(on(first, second, rng(seed)), channels[0]) >= LEAST * SIZE - 3
            assert longest(in_front(first, second, rng(seed)), channels[0]) >= LEAST * SIZE - 3


def test_a_worn_thing_is_never_lost() -> None:
    for item in ITEMS.values():
        picture = dress(np.zeros_like(shape(RED)), FACES["penguin"], shape(BLUE), item, LEAST)
        assert longest(picture, 2) >= LEAST * SIZE - 3


def test_pairs_take_many_places() -> None:
    lefts = {int(where(side_by_side(shape(RED), shape(BLUE), rng(s), (0.5, 0.5)), 0)[1].min()) for s in range(20)}
    tops = {int(where(side_by_side(shape(RED), shape(BLUE), rng(s), (0.5, 0.5)), 0)[0].min()) for s in range(20)}
    assert len(tops) > 8
    assert max(lefts) < SIZE // 3


@pytest.mark.parametrize("seed", range(12))
def test_relations_are_seen(seed: int) -> None:
    art = drawings({"fox": RED, "house": BLUE})

    def middle(relation: str) -> tuple[float, float, Picture]:
        scene = Scene("noto", art["fox"][0], other=art["house"][0], relation=relation)
        picture = compose(scene, art, Layout(seed))
        assert picture is not None
        assert transparent_border(picture)
        assert (picture[..., :3] <= picture[..., 3:]).all()
        return where(picture, 0)[0].mean(), where(picture, 2)[0].mean(), picture

    fox, house, _ = middle("on top of")
    assert fox < house
    fox, house, _ = middle("under")
    assert fox > house
    fox, house, picture = middle("on")
    assert fox < house
    assert where(picture, 0)[0].max() > where(picture, 2)[0].min()  # they overlap
    fox, house, picture = middle("in front of")
    assert fox > house
    assert longest(picture, 0) < longest(picture, 2)
    fox, house, picture = middle("behind")
    assert fox < house
    assert longest(picture, 0) > longest(picture, 2)


def test_the_one_in_front_leaves_most_of_the_other() -> None:
    for back in (shape(BLUE), shape(BLUE, (22, 2, 42, 62))):
        smallest = part_of(back, 0.66)
        for seed in range(20):
            left = len(where(in_front(shape(RED), back, rng(seed)), 2)[0])
            assert left > 0.6 * (smallest[..., 3] > 96).sum()
    assert hidden_part(shape(RED)[..., 3], shape(BLUE)[..., 3]) == 1


def test_a_rider_sits_on_the_seat() -> None:
    low = np.zeros_like(shape(BLUE))
    low[30:60, 4:60] = (20, 20, 230, 255)
    low[30:45, 4:30] = 0  # a step: the seat is lower on the left
    assert seat_of(low, 15, 5) == 45
    assert seat_of(low, 45, 5) == 30
    for slug in RIDES:
        picture = riding(shape(RED), shape(BLUE), slug, rng(3))
        red, blue = where(picture, 0)[0], where(picture, 2)[0]
        assert red.min() < blue.min() <= red.max() + 1  # the edges are soft


@pytest.mark.parametrize("relation", SETTINGS)
def test_weather_leaves_the_thing_whole_and_the_corners_empty(relation: str) -> None:
    green = (20, 200, 20)
    sky = dict.fromkeys(("cloud", "droplet", "full-moon", "crescent-moon", "star"), BLUE)
    art = drawings({"fox": RED, **sky}) | {"star": (concept("star"), shape(green))}
    for seed in range(8):
        picture = compose(Scene("noto", art["fox"][0], relation=relation), art, Layout(seed))
        assert picture is not None
        assert longest(picture, 0) >= 0.45 * SIZE - 3
        assert longest(picture, 2) >= LEAST * SIZE - 3
        assert (picture[..., 3] == 0).mean() > 0.2
    assert compose(Scene("noto", art["fox"][0], relation=relation), art) is not None
