"""Tiny checkpoints for the tests of the converter, made once and removed when the tests end."""

import tempfile
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from diffusers import DiffusionPipeline

from training.convert.compare.converted import Step
from training.convert.compare.reference import Reference, open_pipeline, record
from training.convert.convert import convert
from training.convert.plan import Plan, Request, make_plan
from training.convert.tiny.checkpoints import SAVE, save_lora

PROMPT, SEED = "A cute winter dragon baby, 2 wings; it's blue!", 42
FAMILIES = list(SAVE)


def quiet(_: str) -> None:
    pass


def converted(request: Request) -> Plan:
    plan = make_plan(request)
    convert(plan, quiet)
    return plan


@dataclass
class TinyModel:
    """A tiny checkpoint, its LoRA, and what diffusers draws with both."""

    family: str
    folder: Path

    @cached_property
    def checkpoint(self) -> Path:
        SAVE[self.family](self.folder / self.family)
        return self.folder / self.family

    @cached_property
    def lora(self) -> Path:
        pipeline = open_pipeline(self.checkpoint, None)
        save_lora(self.folder / f"{self.family}-lora", pipeline.unet if self.xl else pipeline.transformer)
        return self.folder / f"{self.family}-lora"

    @property
    def xl(self) -> bool:
        return self.family == "sdxl"

    @property
    def tokens(self) -> list[int]:
        return [77, 77] if self.xl else [77, 77, 48]

    @cached_property
    def pipeline(self) -> DiffusionPipeline:
        """With the LoRA merged by peft."""
        return open_pipeline(self.checkpoint, self.lora)

    def record(self, schedule: list[Step], prompt: str = PROMPT) -> Reference:
        return record(self.pipeline, prompt, SEED, schedule, self.tokens)

    def convert(self, form: str, shard: int = 100_000, lora: bool = True) -> Path:
        """The converted folder; converted at the first call."""
        out = self.folder / f"{self.family}-{form}-{shard}{'-lora' if lora else ''}"
        if not out.exists():
            converted(Request(self.checkpoint, out, form, shard, self.lora if lora else None))
        return out


@cache
def scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="convert-")


@cache
def tiny(family: str) -> TinyModel:
    return TinyModel(family, Path(scratch().name))
