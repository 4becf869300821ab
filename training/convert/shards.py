"""Weights outside their graph (ONNX external data), one after the other in files of a bounded size."""

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from training.convert.ledger import Ledger

ALIGNMENT = 64
INLINE = 1024
"""Bytes below which an array stays in the graph."""

Produce = Callable[[], Iterable[np.ndarray]]
"""Gives an array in parts whose bytes, in order, are the whole's."""


class Shards:
    """The shards of one component: `stem`.0.bin, `stem`.1.bin, …

    Where an array lies follows from sizes alone. So a run without a folder counts what a conversion will write, and a
    resumed run asks for no array of a finished shard. Graphs of one component share arrays by their key.
    """

    def __init__(
        self,
        stem: str,
        limit: int,
        folder: Path | None = None,
        ledger: Ledger | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.stem, self.limit, self.folder, self.ledger, self.progress = stem, limit, folder, ledger, progress
        self.sizes: list[int] = []
        self.largest = 0  # bytes of the largest array
        self._placed: dict[str, TensorProto] = {}
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()

    def names(self) -> list[str]:
        return [self._name(i) for i in range(len(self.sizes))]

    def _name(self, index: int) -> str:
        return f"{self.stem}.{index}.bin"

    def place(self, key: str, shape: tuple[int, ...], dtype: type[np.generic], produce: Produce) -> TensorProto:
        """The initialiser named `key`. Its array is produced at most once, and only if it has to be written."""
        if key not in self._placed:
            size = int(np.prod(shape)) * np.dtype(dtype).itemsize
            self.largest = max(self.largest, size)
            inline = self._inline(key, shape, dtype, produce) if size < INLINE else None
            self._placed[key] = inline or self._outside(key, shape, dtype, size, produce)
        return self._placed[key]

    def _inline(self, key: str, shape: tuple[int, ...], dtype: type[np.generic], produce: Produce) -> TensorProto:
        if self.folder is None:
            return numpy_helper.from_array(np.zeros(shape, dtype), key)
        parts = [np.asarray(part, dtype).reshape(-1) for part in produce()]
        return numpy_helper.from_array(np.concatenate(parts).reshape(shape), key)

    def _outside(
        self, key: str, shape: tuple[int, ...], dtype: type[np.generic], size: int, produce: Produce
    ) -> TensorProto:
        at = self.sizes[-1] + -self.sizes[-1] % ALIGNMENT if self.sizes else 0
        if not self.sizes or at + size > self.limit:
            self.close()
            self.sizes.append(0)
            at = 0
        name = self._name(len(self.sizes) - 1)
        if self.folder is not None and not (self.ledger and name in self.ledger.files):
            self._write(name, at, size, produce)
        else:
            self.progress(size)
        self.sizes[-1] = at + size
        return external(key, shape, dtype, name, at, size)

    def _write(self, name: str, at: int, size: int, produce: Produce) -> None:
        if self._file is None:
            self._file = (Path(self.folder or ".") / name).open("wb")
            self._hash = hashlib.sha256()
        self._append(bytes(at - self._file.tell()))
        for part in produce():
            self._append(np.ascontiguousarray(part).data.cast("B"))
            self.progress(part.nbytes)
        if self._file.tell() != at + size:
            raise AssertionError(f"{name}: {self._file.tell() - at} bytes were produced where {size} were announced")

    def _append(self, data: bytes | memoryview) -> None:
        assert self._file is not None
        self._file.write(data)
        self._hash.update(data)

    def close(self) -> None:
        """Finishes the shard that is open: on disk first, then in the ledger."""
        if self._file is None:
            return
        size, name = self._file.tell(), self._name(len(self.sizes) - 1)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        if self.ledger:
            self.ledger.finish(name, size, self._hash.hexdigest())


def external(
    key: str, shape: tuple[int, ...], dtype: type[np.generic], file: str, offset: int, length: int
) -> TensorProto:
    tensor = TensorProto(name=key, data_location=TensorProto.EXTERNAL)
    tensor.data_type = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    tensor.dims.extend(shape)
    for field, value in (("location", file), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=field, value=str(value))
    return tensor
