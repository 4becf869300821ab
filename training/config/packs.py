"""What a pack is composed of: the recipes of emoji 0.7.0's (the defaults), 1.0's and 1.1's."""

from dataclasses import dataclass, field, replace
from typing import ClassVar


@dataclass(frozen=True)
class PackRecipe:
    stage: ClassVar[str] = "pack"
    seed: int = 0
    # The three Fluent sets share their drawings, so a small model learns one shape and three looks of it.
    styles: tuple[tuple[str, float], ...] = (("fluent-3d", 0.5), ("fluent", 0.25), ("fluent-flat", 0.25))
    alone: tuple[str, ...] = ()  # styles with too few drawings for anything but single things
    even: bool = False  # a concept that few sets draw is shown as often as one that all draw
    recoloured: int = 6000
    seen: float = 0.0  # part of the visible thing that a colour must fall on
    pairs: int = 6000
    coloured_pairs: float = 0.35  # part of the pairs whose first object is recoloured: "a blue cat and a dog"
    several: int = 1500
    placed: int = 2000
    big_and_small: int = 1000
    varied: int = 0  # singles at a random size, place and tilt, some mirrored
    free_hues: int = 0  # things without a colour of their own, in any; no caption names it
    overlapping: int = 0  # one on, in front of or behind another
    riding: int = 0
    settings: int = 0  # in the rain, on the moon, at night
    layouts: bool = False  # composed pictures take random places and sizes, no part below 0.4 of the side
    whole: bool = False  # what is held out stays out of every kind of scene, and whole concepts with it
    # Parts of a batch. A small model must see the plain objects first: emoji's first 176,000 samples were mixed 0.72,
    # 0.16, 0.09, 0.03, its next 150,000 0.58, 0.17, 0.17, 0.08, both without the last two kinds.
    mix: dict[str, float] = field(
        default_factory=lambda: {
            "single": 0.52,
            "recoloured": 0.15,
            "pair": 0.15,
            "several": 0.06,
            "dressed": 0.07,
            "placed": 0.05,  # or of two sizes
        }
    )
    everyday: float = 4.0  # how much oftener an everyday thing is drawn than another of its group


EMOJI_1_0 = PackRecipe(
    # Several drawings under one caption, so that two seeds need not draw the same picture; the Fluent sets lead, for
    # their look is the default one.
    styles=(
        ("fluent-3d", 0.42),
        ("fluent", 0.17),
        ("fluent-flat", 0.17),
        ("noto", 0.09),
        ("twemoji", 0.05),
        ("noto-v1", 0.03),
        ("emojione", 0.02),
        ("fxemoji", 0.01),
        ("streamline", 0.02),
        ("fluent-color", 0.01),
        ("flat-color", 0.005),
        ("streamline-color", 0.005),
    ),
    alone=("fluent-color", "flat-color", "streamline-color"),
    even=True,
    recoloured=3500,
    seen=0.25,  # "a purple hammer" whose handle alone was purple taught the word nothing
    pairs=4500,
    several=1200,
    placed=1500,
    big_and_small=800,
    varied=6500,
    free_hues=2500,
    overlapping=3000,
    riding=800,
    settings=1500,
    layouts=True,
    whole=True,
    # Plain, upright singles lead: with as many turned and mirrored ones, shapes came out broken more often than those
    # of emoji 0.7 (docs/RESULTS.md, the study).
    mix={
        "single": 0.32,
        "varied": 0.16,
        "recoloured": 0.09,
        "free hue": 0.05,
        "pair": 0.11,
        "several": 0.05,
        "dressed": 0.05,
        "placed": 0.03,
        "overlapping": 0.08,
        "riding": 0.025,
        "setting": 0.035,
    },
)

EMOJI_1_1 = replace(
    EMOJI_1_0,
    # Judges who knew neither preferred emoji 0.7.1's shapes to 0.13's (docs/RESULTS.md, the blind study) after a tenth
    # of the training: a small model draws one drawing of a thing well, or many badly. So the Fluent sets, which share
    # their drawings, and upright things in the middle.
    styles=(("fluent-3d", 0.5), ("fluent", 0.2), ("fluent-flat", 0.2), ("noto", 0.06), ("twemoji", 0.04)),
    varied=1500,
    free_hues=0,
    overlapping=2500,
    settings=1200,
    mix={
        "single": 0.48,
        "varied": 0.03,
        "recoloured": 0.11,
        "pair": 0.13,
        "several": 0.05,
        "dressed": 0.06,
        "placed": 0.03,
        "overlapping": 0.06,
        "riding": 0.02,
        "setting": 0.03,
    },
)
