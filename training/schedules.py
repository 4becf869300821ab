"""The scale schedules: the one place where sizes and sigmas are written down. export.py passes them to the manifest.

SwD's ladder for 128-cell latents (METHOD: sizes 64 80 96 128 at sigmas 1, .896, .737, .602) does not fit a 16-cell
grid, whose cells carry far more detail each. Every size must be even (the patch is two cells).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ScaleStep:
    size: int  # latent cells a side
    sigma: float  # noise level at which the step starts


Schedule = tuple[ScaleStep, ...]


def full(schedule: Schedule) -> Schedule:
    """The same noise levels, every step at the last size."""
    return tuple(ScaleStep(schedule[-1].size, step.sigma) for step in schedule)


# A starting point, not yet tuned by the latents' spectra. The last two steps share a size: on so small a grid the full
# size is where details appear, and one pass over it leaves them unfinished.
DEFAULT: Schedule = (ScaleStep(8, 1.0), ScaleStep(12, 0.9), ScaleStep(16, 0.75), ScaleStep(16, 0.55))
FULL: Schedule = full(DEFAULT)

SCHEDULES: dict[str, Schedule] = {"default": DEFAULT, "full-4": FULL}

# To compare with: fewer and more steps, grown and at full size, each distilled with the same budget.
TWO: Schedule = (ScaleStep(8, 1.0), ScaleStep(16, 0.75))
SIX: Schedule = (
    ScaleStep(8, 1.0),
    ScaleStep(8, 0.95),
    ScaleStep(12, 0.9),
    ScaleStep(12, 0.82),
    ScaleStep(16, 0.72),
    ScaleStep(16, 0.5),
)

# As small as the growing one on average, but of one size until the last step.
CONSTANT: Schedule = (ScaleStep(12, 1.0), ScaleStep(12, 0.9), ScaleStep(12, 0.75), ScaleStep(16, 0.55))

LADDERS: dict[str, Schedule] = {
    **SCHEDULES,
    "2": TWO,
    "full-2": full(TWO),
    "6": SIX,
    "full-6": full(SIX),
    "constant-4": CONSTANT,
}
"""All that a student can be distilled for (training/distill.py --schedule)."""

SIZES = (8, 12, 16)  # every scale that latents are cached and the teacher is trained at


def tokens(schedule: Schedule, patch: int = 2) -> int:
    """Image tokens over all steps: the first-order cost of a picture."""
    return sum((step.size // patch) ** 2 for step in schedule)
