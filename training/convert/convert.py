"""Carries a plan out: into a folder beside the one that is asked for, which gets its name when all of it is there."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from training.convert.attention_check import write_attention_check
from training.convert.components import write_component
from training.convert.ledger import LEDGER, Ledger
from training.convert.licence import write_terms
from training.convert.lora import Lora
from training.convert.manifest import dtype_of, manifest
from training.convert.plan import Plan
from training.convert.preview import fit_preview
from training.convert.tokenizer_files import write_tokenizer
from training.convert.unfinished import check_room, open_unfinished


def convert(plan: Plan, say: Callable[[str], None] = print) -> None:
    check_room(plan)
    with open_unfinished(plan, say) as (folder, ledger):
        write_files(plan, folder, ledger)
        (folder / LEDGER).unlink(missing_ok=True)
        folder.rename(plan.request.out)


def write_files(plan: Plan, folder: Path, ledger: Ledger) -> None:
    request, model = plan.request, plan.model
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
