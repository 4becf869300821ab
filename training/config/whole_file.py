"""Files that others read are written whole or not at all: beside the old one, then put in its place."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path, suffix: str = ".partial") -> Iterator[Path]:
    """
    Where to write a file: beside the old one, whose place it takes once all is written. Whatever ends it before that, a
    full disk or a signal, leaves the old file as it was, and nothing beside it.
    """
    partial = path.with_name(f"{path.stem}{suffix}")
    try:
        yield partial
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    partial.replace(path)


def write_whole(path: Path, text: str) -> None:
    """Write text, UTF-8, whole or not at all."""
    with replacing(path, f"{path.suffix}.partial") as partial, partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
