"""The scale schedules: the one place where sizes and sigmas are written down (docs/METHOD.md, section 2). The manifest
passes them on to the browser, the benchmark and the tests.

SwD's ladder for 128-cell latents (arXiv 2503.16397: sizes 64 80 96 128 at sigmas 1, .896, .737, .602) does not fit
nano's 16-cell grid, whose cells carry far more detail each; small's 32 cells take its sizes by the quarter, and its
sigmas. Every size must be even (the patch is two cells).
"""

from dataclasses import dataclass

from training.config.editions import EDITION


@dataclass(frozen=True)
class ScaleStep:
    size: int  # latent cells a side
    sigma: float  # noise level at which the step starts


Schedule = tuple[ScaleStep, ...]


def ladder(*steps: tuple[int, float]) -> Schedule:
    return tuple(ScaleStep(size, sigma) for size, sigma in steps)


def full(schedule: Schedule) -> Schedule:
    """The same noise levels, every step at the last size."""
    return tuple(ScaleStep(schedule[-1].size, step.sigma) for step in schedule)


SIXTEEN_CELLS: dict[str, Schedule] = {
    # The last two steps share a size: on so small a grid the full size is where details appear, and one pass over it
    # leaves them unfinished.
    "default": ladder((8, 1.0), (12, 0.9), (16, 0.75), (16, 0.55)),
    "2": ladder((8, 1.0), (16, 0.75)),
    "6": ladder((8, 1.0), (8, 0.95), (12, 0.9), (12, 0.82), (16, 0.72), (16, 0.5)),
    # As small as the growing one on average, but of one size until the last step.
    "constant-4": ladder((12, 1.0), (12, 0.9), (12, 0.75), (16, 0.55)),
    # The default's noise levels are about the even ones moved towards noise by 3; these are the even ones.
    "even-4": ladder((8, 1.0), (12, 0.75), (16, 0.5), (16, 0.25)),
}

GROWING: dict[str, dict[str, Schedule]] = {
    "nano": SIXTEEN_CELLS,
    "native": SIXTEEN_CELLS,
    "small": {
        "default": ladder((16, 1.0), (20, 0.896), (24, 0.737), (32, 0.602)),
        "2": ladder((16, 1.0), (32, 0.737)),
        "6": ladder((16, 1.0), (16, 0.945), (20, 0.896), (24, 0.804), (32, 0.737), (32, 0.602)),
        "constant-4": ladder((24, 1.0), (24, 0.896), (24, 0.737), (32, 0.602)),
        "even-4": ladder((16, 1.0), (20, 0.75), (24, 0.5), (32, 0.25)),
    },
}

LADDERS: dict[str, Schedule] = {
    **GROWING[EDITION.name],
    **{f"full-{steps}": full(GROWING[EDITION.name][name]) for name, steps in {"default": 4, "2": 2, "6": 6}.items()},
}
"""All that a student can be distilled for (StudentRecipe.schedules)."""

DEFAULT: Schedule = LADDERS["default"]
FULL: Schedule = LADDERS["full-4"]

SCHEDULES: dict[str, Schedule] = {
    "default": DEFAULT,
    "quick": LADDERS["2"],
    "thorough": LADDERS["6"],
    "full-4": FULL,
}
"""What ships in the manifest."""

SIZES = tuple(sorted({step.size for schedule in LADDERS.values() for step in schedule}))
"""Every scale that latents are cached and the teacher is trained at."""


def tokens(schedule: Schedule, patch: int = 2) -> int:
    """Image tokens over all steps: the first-order cost of a picture."""
    return sum((step.size // patch) ** 2 for step in schedule)
