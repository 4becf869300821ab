"""What an unfinished conversion has finished: a file in its folder that a later run reads to go on from there."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

LEDGER = "unfinished.json"


def unfinished_folder(out: Path) -> Path:
    return out.parent / f".{out.name}.unfinished"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Ledger:
    """inputs: all that decides a file's bytes. Files of other inputs are not reused."""

    def __init__(self, folder: Path, inputs: dict[str, Any]) -> None:
        self.path = folder / LEDGER
        self.inputs = inputs
        self.files: dict[str, dict[str, Any]] = {}

    @property
    def resumed(self) -> int:
        """Bytes of the files that need not be written again."""
        return sum(entry["bytes"] for entry in self.files.values())

    def resume(self) -> bool:
        """Takes over what an earlier run of the same inputs finished, as far as its bytes are still right."""
        try:
            held = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        if held.get("inputs") != json.loads(json.dumps(self.inputs)):
            return False
        for name, entry in held.get("files", {}).items():
            path = self.path.parent / name
            if path.exists() and path.stat().st_size == entry["bytes"] and sha256_of(path) == entry["sha256"]:
                self.files[name] = entry
        return True

    def finish(self, name: str, size: int, sha256: str) -> None:
        self.files[name] = {"bytes": size, "sha256": sha256}
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps({"inputs": self.inputs, "files": self.files}, indent=1), encoding="utf-8")
        os.replace(written, self.path)
