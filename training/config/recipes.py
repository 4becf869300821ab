"""How every shipped stage was trained: one frozen instance per release, a reason on each line that is no default.

    python -m training.stages.student --recipe emoji-0.7.0

The defaults are the method's (docs/METHOD.md, sections 4 and 5). Sizes of nets and batches are the edition's. What a
stage trained with is kept in its checkpoint, and the manifest of the exported model records it.
"""

import math
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any, ClassVar, TypeVar

from training.config.autoencoder_recipes import (
    AutoencoderRecipe,
    DecoderRecipe,
    NativeAutoencoderRecipe,
    NativeDecoderRecipe,
)
from training.config.editions import EDITION
from training.config.packs import EMOJI_1_0, EMOJI_1_1, PackRecipe


@dataclass(frozen=True)
class TeacherRecipe:
    stage: ClassVar[str] = "teacher"
    minutes: float = 120
    cooldown_minutes: float = 22
    warmup_steps: int = 100
    batch: float = 1.0  # part of the edition's batches
    optimiser: str = "muon"  # or "adamw", for all parameters
    muon_lr: float = 3e-3  # for the blocks' matrices, scaled to AdamW's update size
    adam_lr: float = 8e-4  # for the rest
    blocks: str = "same"  # or "global-to-local"
    start_from: str = ""  # another edition, whose teacher it starts as
    shift: float = 1.5  # of the noise levels towards noise
    drop_caption: float = 0.1  # guidance needs a model of pictures without a prompt
    ema: float = 0.999


@dataclass(frozen=True)
class FakeNetRecipe:
    """What DMD and the GAN need beside the student (method/adversary.py)."""

    updates: int = 5  # per update of the student (DMD2's two time-scale rule)
    guidance: float = 3.0  # of the teacher that DMD compares with
    shift: float = 1.5  # of the noise levels, as in the teacher's training
    dmd_highest: float = 0.7  # of the unshifted noise levels: up to sigma 0.78, as in SwD
    head_weight: float = 1e-2  # of the discriminator loss; a larger one wrecks the fake net
    lr: float = 1e-4


@dataclass(frozen=True)
class StudentRecipe:
    stage: ClassVar[str] = "student"
    minutes: float = 20
    cooldown_minutes: float = 8
    warmup_steps: int = 50
    batch: float = 1.0  # part of the edition's batches
    schedules: tuple[str, ...] = ("default",)  # names in config/schedules.py; half of the updates are for the first
    losses: dict[str, float] = field(default_factory=lambda: {"mmd": 1.0, "huber": 0.5})  # weights (method/losses)
    # What the first step learns. "real": pictures by all losses. "teacher": the guided teacher's own picture of the
    # same noise, without DMD and GAN, so that other noise stays another picture (DP-DMD, arXiv 2602.03139).
    first_step: str = "real"
    teacher_steps: int = 8  # of the teacher's picture
    consistency: int = 0  # noise levels of consistency distillation (LCM), in place of the schedules' own; 0: SwD
    feature_sigma: float = 0.6  # features are compared at noise levels up to this
    own_estimates: float = 0.5  # of the later steps start from what the student drew (DMD2, section 4.5)
    drop_caption: float = 0.05
    lr: float = 1e-4
    ema: float = 0.995
    seed: int = 0  # of what is drawn at random: another run of the same recipe
    fake: FakeNetRecipe = FakeNetRecipe()


@dataclass(frozen=True)
class ScorerRecipe:
    stage: ClassVar[str] = "scorer"
    minutes: float = 14
    cooldown_minutes: float = 7
    warmup_steps: int = 50
    # A batch is groups of pictures that share their subject, so that colours, counts and companions must be told apart.
    groups: int = 40
    group_size: int = 4
    lr: float = 1e-3
    weight_decay: float = 0.05
    moved: int = 4  # pixels that a picture is moved by at most


@dataclass(frozen=True)
class Recipe:
    """All stages of one release."""

    name: str
    edition: str
    autoencoder: AutoencoderRecipe = field(default_factory=AutoencoderRecipe)
    native_autoencoder: NativeAutoencoderRecipe = field(default_factory=NativeAutoencoderRecipe)
    pack: PackRecipe = field(default_factory=PackRecipe)
    teacher: TeacherRecipe = TeacherRecipe()
    student: StudentRecipe = field(default_factory=StudentRecipe)
    decoder: DecoderRecipe = field(default_factory=DecoderRecipe)
    native_decoder: NativeDecoderRecipe = field(default_factory=NativeDecoderRecipe)
    scorer: ScorerRecipe = ScorerRecipe()


EMOJI_0_7_0 = Recipe(
    name="emoji-0.7.0",
    edition="nano",
    student=StudentRecipe(
        batch=0.5,  # an update with DMD is several times the work on two cores: more of them in the same time
        losses={
            "rbf": 1.0,  # nearer to the real renders in patch KID than the linear kernel (docs/RESULTS.md, "Losses")
            "huber": 0.25,  # most prompts name one picture; half of the default, for it blurs what DMD makes crisp
            "dmd": 1.0,  # as in SwD
            "gan": 0.005,  # as in SwD
        },
        ema=0.98,  # a polish of a few hundred steps is over before a slower average follows
        fake=FakeNetRecipe(updates=3),  # the student changes little per step; five leave it too few steps
    ),
)

EMOJI_SMALL = Recipe(
    name="emoji-small",
    edition="small",
    student=StudentRecipe(
        losses={"mmd": 1.0, "huber": 0.5, "dmd": 1.0, "gan": 0.005},  # all of the method's: meant for a GPU
    ),
)

EMOJI_1_0_0 = replace(
    EMOJI_0_7_0,
    name="emoji-1.0.0",
    edition="native",
    pack=EMOJI_1_0,
    teacher=TeacherRecipe(
        batch=4,  # for a GPU: many steps rather than large ones
        muon_lr=2e-3,
        adam_lr=6e-4,
    ),
    student=StudentRecipe(
        schedules=("default", "2", "6"),
        losses={"rbf": 1.0, "huber": 0.25, "dmd": 1.0, "gan": 0.005},
        first_step="teacher",
        ema=0.99,
        fake=FakeNetRecipe(updates=3, guidance=2.0),  # 3 narrows what two seeds draw to nearly one picture
    ),
)

EMOJI_1_1_0 = replace(
    EMOJI_1_0_0,
    name="emoji-1.1.0",
    pack=EMOJI_1_1,
    teacher=TeacherRecipe(  # continues the one of 1.0 on calmer pictures
        minutes=60,
        cooldown_minutes=25,
        muon_lr=6e-4,
        adam_lr=2e-4,
    ),
)
"""Not trained yet."""

RECIPES = {recipe.name: recipe for recipe in (EMOJI_0_7_0, EMOJI_1_1_0, EMOJI_1_0_0, EMOJI_SMALL)}
SHIPPED = next(recipe for recipe in reversed(RECIPES.values()) if recipe.edition == EDITION.name)
"""What a stage runs by where no recipe is named: the edition's latest."""

R = TypeVar(
    "R",
    AutoencoderRecipe,
    NativeAutoencoderRecipe,
    PackRecipe,
    TeacherRecipe,
    StudentRecipe,
    DecoderRecipe,
    NativeDecoderRecipe,
    ScorerRecipe,
)


def stage_recipe(kind: type[R], name: str) -> R:
    """A release's recipe for one stage. Raises ValueError where it is another edition's."""
    recipe = RECIPES[name]
    if recipe.edition != EDITION.name:
        raise ValueError(f"{name} is of the edition {recipe.edition}: set SCALEWISE_EDITION={recipe.edition}")
    return getattr(recipe, kind.stage)


D = TypeVar("D")


def parsed(kind: type, text: str, assignment: str) -> bool | float | str:
    """text as a value of a field's type; numbers are finite and at least 0. Raises ValueError."""
    if kind is bool:
        if text not in ("true", "false"):
            raise ValueError(f"{assignment!r}: expected true or false")
        return text == "true"
    try:
        value = kind(text)
    except ValueError:
        raise ValueError(f"{assignment!r}: expected {kind.__name__}") from None
    if isinstance(value, int | float) and not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{assignment!r}: expected a number of at least 0")
    return value


def override(recipe: D, assignment: str) -> D:
    """A recipe with `field=value`, or `losses.dmd=0` and `fake.updates=3` where a field has parts. A loss of weight 0
    is left out. Raises ValueError that names the fields there are."""
    path, _, text = assignment.partition("=")
    name, _, part = path.partition(".")
    known = [f.name for f in fields(recipe)]  # type: ignore[arg-type]
    old = getattr(recipe, name, None)
    parts = isinstance(old, dict) or is_dataclass(old)
    if name not in known or not text or bool(part) != parts:
        raise ValueError(f"{assignment!r}: write field=value, the field one of {', '.join(known)}, or field.part=value")
    if is_dataclass(old):
        value: Any = override(old, f"{part}={text}")
    elif isinstance(old, dict):
        weights = {**old, part: parsed(float, text, assignment)}
        value = {key: weight for key, weight in weights.items() if weight}
    elif isinstance(old, tuple):
        kind = type(old[0]) if old else str
        if kind is tuple:
            raise ValueError(f"{assignment!r}: {name} is set in training/config alone")
        value = tuple(parsed(kind, item, assignment) for item in text.split(","))
    else:
        value = parsed(type(old), text, assignment)
    return replace(recipe, **{name: value})  # type: ignore[type-var]


def record(recipe_name: str, recipe: R, changes: list[str]) -> dict[str, Any]:
    """What a checkpoint and the manifest keep of a recipe: its name, its fields as run, and what was set by hand."""
    return {"name": recipe_name, "fields": asdict(recipe), **({"set": changes} if changes else {})}
