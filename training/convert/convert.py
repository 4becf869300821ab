"""Carries a plan out: into a folder beside the one that is asked for, which gets its name when all of it is there."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from training.convert.attention_check import write_attention_check
from training.convert.components import write_component
from training.convert.errors import ConversionError
from training.convert.ledger import LEDGER, Ledger
from training.convert.licence import write_terms
from training.convert.lora import Lora
from training.convert.manifest import dtype_of, manifest
from training.convert.plan import Plan, gigabytes
from training.convert.preview import fit_preview
from training.convert.tokenizer_files import write_tokenizer

VERSION = 1
"""Of the bytes that this converter writes: an unfinished conversion by another one is not taken up."""

SPARE = 200_000_000  # bytes of disk beyond the shards, for graphs and tokenizers


def unfinished_folder(out: Path) -> Path:
    return out.parent / f".{out.name}.unfinished"


def identity(folder: Path | None) -> dict[str, list[int]] | None:
    """Sizes and times of a folder's files: enough to tell that another run reads the same ones."""
    if folder is None:
        return None
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): [path.stat().st_size, path.stat().st_mtime_ns] for path in files}


def open_unfinished(plan: Plan, say: Callable[[str], None]) -> tuple[Path, Ledger]:
    request = plan.request
    folder = unfinished_folder(request.out)
    inputs: dict[str, Any] = {
        "version": VERSION,
        "checkpoint": identity(request.checkpoint),
        "lora": identity(request.lora),
        "decoder": identity(request.decoder),
        "form": [request.form, request.text_form],
        "shard": request.shard,
    }
    ledger = Ledger(folder, inputs)
    if folder.exists():
        if ledger.resume():
            files = len(ledger.files)
            say(f"Going on with {folder}: {files} finished files are kept ({gigabytes(ledger.resumed)}).")
        else:
            shutil.rmtree(folder)
            say(f"Starting clean: {folder} was left by a conversion of other files or settings.")
    folder.mkdir(parents=True, exist_ok=True)
    return folder, ledger


def check_room(plan: Plan) -> None:
    out = plan.request.out
    if out.exists():
        raise ConversionError(f"{out} exists. Remove it, or give another --out.")
    parent = next(parent for parent in out.resolve().parents if parent.exists())
    if not parent.is_dir():
        raise ConversionError(f"{parent} is a file, and {out} would lie in it. Give another --out.")
    held = unfinished_folder(out)
    already = sum(path.stat().st_size for path in held.glob("*.bin")) if held.exists() else 0
    free, needed = shutil.disk_usage(parent).free, plan.bytes + SPARE - already
    if free < needed:
        raise ConversionError(
            f"{parent} has {gigabytes(free)} free, and {gigabytes(needed)} are needed. Make room, give another --out, "
            "or choose smaller weights (--weights q4)."
        )


def convert(plan: Plan, say: Callable[[str], None] = print) -> None:
    check_room(plan)
    request, model = plan.request, plan.model
    folder, ledger = open_unfinished(plan, say)
    lora = Lora(request.lora) if request.lora else None
    with tqdm(total=plan.bytes, unit="B", unit_scale=True, smoothing=0.1) as bar:
        for part in model.components:
            bar.set_description(part.stem)
            write_component(part, request.form_of(part), request.shard, lora, folder, ledger, bar.update)
    tokenizers = {}
    for encoder in model.encoders:
        stem = f"tokenizer-{encoder.component.stem.rpartition('-')[2]}"
        (file, config), pad = write_tokenizer(encoder.tokenizer, stem, folder)
        tokenizers[encoder.component.stem] = {
            **{"file": file, "config": config},
            **{"maxTokens": encoder.tokens, "pad": pad},
        }
    write_attention_check(folder / "attention-check.onnx", half=False)
    if request.form != "f32":
        write_attention_check(folder / "attention-check.f16.onnx", half=True)
    preview = fit_preview(model.root / "vae", model.cell)
    entries = manifest(plan, file_entries(plan, folder, ledger), tokenizers, preview)
    write_terms(plan.terms, request.lora, folder)
    (folder / "manifest.json").write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / LEDGER).unlink(missing_ok=True)
    request.out.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(request.out)


def file_entries(plan: Plan, folder: Path, ledger: Ledger) -> list[dict[str, Any]]:
    """Every file that the manifest names. Shards were hashed while they were written."""
    entries = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".onnx", ".bin", ".json") or path.name == LEDGER:
            continue
        entry = ledger.files.get(path.name)
        if entry is None:
            data = path.read_bytes()
            entry = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        entries.append({"path": path.name, **entry, "dtype": dtype_of(path.name, plan.written)})
    return entries
