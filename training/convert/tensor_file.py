"""One safetensors file, read row by row.

The safetensors library maps whole files into memory, and for PyTorch in a way that counts as memory in use: a file of
10 GB then needs a machine that has as much. Its format is simple: the header's length, the header in JSON, the bytes.
"""

import json
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from training.convert.errors import ConversionError

MAX_HEADER = 100_000_000
BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}


@dataclass(frozen=True)
class Entry:
    kind: str
    shape: tuple[int, ...]
    start: int  # bytes from the file's beginning
    end: int


class TensorFile:
    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("rb")
        except FileNotFoundError:
            raise ConversionError(f"{path} is missing. Download it.") from None
        try:
            self.entries = self._read_header()
        except (ValueError, KeyError, TypeError) as error:
            raise ConversionError(f"{path} cannot be read ({error}). Download it again.") from None

    def _read_header(self) -> dict[str, Entry]:
        length = int.from_bytes(self._file.read(8), "little")
        if not 2 <= length <= MAX_HEADER:
            raise ValueError("it does not begin as a safetensors file")
        header = json.loads(self._file.read(length))
        size, entries = self.path.stat().st_size, {}
        for name, fields in header.items():
            if name == "__metadata__":
                continue
            start, end = (8 + length + offset for offset in fields["data_offsets"])
            shape, kind = tuple(fields["shape"]), fields["dtype"]
            if end > size:
                raise ValueError(f"it ends before '{name}' does")
            if kind in BYTES and end - start != prod(shape) * BYTES[kind]:
                raise ValueError(f"'{name}' has {end - start} bytes, which are not those of {kind} numbers of {shape}")
            entries[name] = Entry(kind, shape, start, end)
        return entries

    def rows(self, name: str, start: int, stop: int | None) -> np.ndarray:
        """Rows of the first axis, float32. A tensor without axes comes whole."""
        entry = self.entries[name]
        count = entry.shape[0] if entry.shape else 1
        stop = count if stop is None else min(stop, count)
        row = (entry.end - entry.start) // max(count, 1)
        self._file.seek(entry.start + start * row)
        values = as_float32(self._file.read((stop - start) * row), entry.kind)
        return values.reshape((stop - start, *entry.shape[1:]) if entry.shape else ())


def as_float32(data: bytes, kind: str) -> np.ndarray:
    match kind:
        case "F32":
            return np.frombuffer(data, "<f4")
        case "F16":
            return np.frombuffer(data, "<f2").astype(np.float32)
        case "BF16":  # the upper half of a float32
            return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
        case "F64":
            return np.frombuffer(data, "<f8").astype(np.float32)
        case _:
            raise ConversionError(f"Numbers stored as {kind} are not read.")
