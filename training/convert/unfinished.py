"""The folder that a conversion writes into until all of it is there."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training.convert.errors import ConversionError
from training.convert.ledger import LEDGER, Ledger, unfinished_folder
from training.convert.plan import Plan, gigabytes

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

VERSION = 1
"""Of the bytes that this converter writes: an unfinished conversion by another one is not taken up."""

SPARE = 200_000_000  # bytes of disk beyond the shards, for graphs and tokenizers


def identity(folder: Path | None) -> dict[str, list[int]] | None:
    """Sizes and times of a folder's files: enough to tell that another run reads the same ones."""
    if folder is None:
        return None
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): [path.stat().st_size, path.stat().st_mtime_ns] for path in files}


def check_out(out: Path) -> None:
    if out.name in ("", ".."):
        raise ConversionError(f"--out {out} names no folder. Give one that is to be made, such as models/sd35-medium.")
    if out.exists() or out.is_symlink():
        raise ConversionError(f"{out} exists. Remove it, or give another --out.")
    parent = next(parent for parent in out.resolve().parents if parent.exists())
    if not parent.is_dir():
        raise ConversionError(f"{parent} is a file, and {out} would lie in it. Give another --out.")
    if not os.access(parent, os.W_OK):
        raise ConversionError(f"{parent} may not be written to. Change its permissions, or give another --out.")


def check_room(plan: Plan) -> None:
    out = plan.request.out
    check_out(out)
    if plan.request.checkpoint.resolve() in out.resolve().parents:
        raise ConversionError(f"{out} would lie in the checkpoint, which is only read. Give another --out.")
    parent = next(parent for parent in out.resolve().parents if parent.exists())
    held = unfinished_folder(out)
    already = sum(path.stat().st_size for path in held.glob("*.bin")) if held.exists() else 0
    free, needed = shutil.disk_usage(parent).free, plan.bytes + SPARE - already
    if free < needed:
        raise ConversionError(
            f"{parent} has {gigabytes(free)} free, and {gigabytes(needed)} are needed. Make room, give another --out, "
            "or choose smaller weights (--weights q4)."
        )


@contextmanager
def held_alone(folder: Path) -> Iterator[None]:
    """Raises `ConversionError` while another process holds the folder. However a holder ends, its hold ends with it."""
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ConversionError(
            f"Another conversion is writing into {folder}. Wait for its end, or give another --out."
        ) from None
    except OSError:
        pass  # a file system without locks
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def open_unfinished(plan: Plan, say: Callable[[str], None]) -> Iterator[tuple[Path, Ledger]]:
    """The folder, with what an earlier run of the same settings finished in it, and for this process alone."""
    request = plan.request
    folder = unfinished_folder(request.out)
    folder.mkdir(parents=True, exist_ok=True)
    with held_alone(folder):
        check_out(request.out)  # Another conversion may have ended meanwhile.
        inputs: dict[str, Any] = {
            "version": VERSION,
            "checkpoint": identity(request.checkpoint),
            "lora": identity(request.lora),
            "decoder": identity(request.decoder),
            "form": [request.form, request.text_form],
            "shard": request.shard,
        }
        ledger = Ledger(folder, inputs)
        if ledger.resume():
            say(f"Going on with {folder}: {len(ledger.files)} finished files are kept ({gigabytes(ledger.resumed)}).")
        elif left := list(folder.iterdir()):
            for path in left:
                path.unlink()
            if any(path.name == LEDGER for path in left):
                say(f"Starting clean: {folder} was left by a conversion of other files or settings.")
        yield folder, ledger
