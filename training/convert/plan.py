"""What a conversion will need and write, known before it begins: shapes tell everything, no weight is read."""

from dataclasses import dataclass
from pathlib import Path

from training.convert.checkpoint import Checkpoint
from training.convert.components import Written, write_component
from training.convert.errors import ConversionError
from training.convert.graph import SCORES
from training.convert.licence import Terms, terms_of
from training.convert.lora import Lora
from training.convert.model import Component, RealModel
from training.convert.recognise import recognise
from training.convert.schedules import default_schedule
from training.convert.stored_graph import Form, Style
from training.convert.tokenizer_files import load_tokenizer

MOST_FILES = 256  # of one part's weights
BASE_MEMORY = 700_000_000  # Python with torch, and the pictures for the preview
SPEED = {"f32": 150e6, "f16": 150e6, "q8": 60e6, "q4": 50e6}
"""Bytes of the checkpoint in a second on one CPU core, roughly."""


@dataclass(frozen=True)
class Request:
    checkpoint: Path
    out: Path
    form: Form = "q4"
    shard: int = 128_000_000
    lora: Path | None = None
    decoder: Path | None = None
    schedule: str | None = None
    text_form: Form | None = None  # the text encoders'; None for the same
    name: str | None = None

    def form_of(self, component: Component) -> Form:
        """Text encoders may be stored with fewer bits than the denoiser, or with more."""
        return self.text_form or self.form if component.reads_text else self.form


@dataclass(frozen=True)
class Plan:
    request: Request
    model: RealModel
    written: list[Written]
    schedule: str
    terms: Terms

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.written)

    @property
    def memory(self) -> int:
        """A stored array, and the same numbers in float32 twice: as they are read, and as they are changed."""
        largest = max(part.largest for part in self.written)
        whole = any(part.form == "f32" for part in self.written)
        return BASE_MEMORY + largest * (3 if whole else 5)

    @property
    def seconds(self) -> float:
        return 20 + sum(part.source / SPEED[part.form] for part in self.written)

    def phases(self, style: Style) -> dict[str, int]:
        """Bytes in use in the browser while the prompt is read and while the picture is drawn: estimates."""
        *encoders, denoiser, decoder = self.written
        model = self.model
        cells, width = model.sample**2, 2 if style.half else 4
        pixels = cells * model.cell**2
        text = sum(part.memory[part.component.style(style, part.form)] for part in encoders)
        weights = denoiser.memory[denoiser.component.style(style, denoiser.form)]
        weights += decoder.memory[decoder.component.style(style, decoder.form)]
        decoding = 2 if decoder.component.halves and style.half else 4
        drawing = max(cells * model.activation_width * width + SCORES, pixels * model.decoder_width * decoding)
        return {"text": text + 150_000_000, "draw": weights + drawing + 150_000_000}


def make_plan(request: Request) -> Plan:
    """Raises `ConversionError` for whatever would stop the conversion, as far as shapes can tell."""
    model = recognise(request.checkpoint, request.decoder)
    lora = Lora(request.lora) if request.lora else None
    written = [write_component(part, request.form_of(part), request.shard, lora) for part in model.components]
    check_files(written)
    # Read at the end of a conversion only, which takes hours.
    Checkpoint(model.root / "vae")
    for encoder in model.encoders:
        load_tokenizer(encoder.tokenizer)
    schedule = request.schedule or default_schedule(
        model.family, model.schedules, request.lora.name if request.lora else None
    )
    if schedule not in model.schedules:
        known = ", ".join(model.schedules)
        raise ConversionError(f"There is no schedule '{schedule}' for {model.family}. Choose one of: {known}.")
    return Plan(request, model, written, schedule, terms_of(model.family, model.root))


def check_files(written: list[Written]) -> None:
    """Raises `ConversionError` for more files than the engine takes (src/manifest/schema.ts)."""
    most = max(len(part.shards) for part in written)
    if most > MOST_FILES or sum(len(part.shards) for part in written) > 3 * MOST_FILES:
        raise ConversionError(
            f"--shard is so small that one part would be {most} files, and a model has at most {MOST_FILES} a part. "
            "Give a larger one, such as --shard 128M."
        )


def describe(plan: Plan) -> str:
    """What a person reads before the conversion begins."""
    request, model = plan.request, plan.model
    lines = [f"{request.checkpoint}: {model.family}" + (f", LoRA {request.lora}" if request.lora else ", no LoRA")]
    lines.append(f"Weights as {request.form}, to {request.out} (schedule {plan.schedule}; {plan.terms.name}):")
    for part in plan.written:
        graphs = len(part.component.styles(part.form))
        count = f"{len(part.shards)} file{'s' if len(part.shards) != 1 else ''}"
        readers = "one graph" if graphs == 1 else f"{graphs} graphs"
        lines.append(f"  {part.component.stem:15} {gigabytes(part.bytes)} as {part.form}, in {count}, for {readers}")
    lines.append(f"Needs {gigabytes(plan.bytes)} of disk, {gigabytes(plan.memory)} of memory and about ")
    lines[-1] += f"{duration(plan.seconds)}. It reads {gigabytes(sum(part.source for part in plan.written))}."
    full = f"{model.sample * model.cell} pixels a side"
    lines.append(f"Made for {full}" + (f", and draws up to {model.most * model.cell}." if model.most else "."))
    for style, label in ((Style(fused=False), "float32"), (Style(half=True, fused=False), "shader-f16")):
        if style.half and request.form == "f32":
            continue
        phases = plan.phases(style)
        lines.append(
            f"In the browser, with {label}: about {gigabytes(phases['text'])} while the prompt is read, "
            f"{gigabytes(phases['draw'])} while the picture is drawn."
        )
    return "\n".join(lines)


def gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"


def duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 100 else f"{seconds:.0f} seconds"
