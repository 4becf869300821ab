"""Files that others read are written whole or not at all: beside the old one, then put in its place."""

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write text, UTF-8. Whatever ends it before it is done, a full disk or a signal, leaves the old file as it was."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    partial.replace(path)
