"""Reads a component's config.json: fields by name and type, and those that must have one value."""

from pathlib import Path
from typing import TypeVar

from training.convert.checkpoint import read_json
from training.convert.errors import ConversionError

T = TypeVar("T")
MOST = 2**24
"""Of any count in a config. Beyond it a mistaken one would fill the memory before shapes show it."""


class Config:
    def __init__(self, folder: Path, name: str = "config.json") -> None:
        self.path = folder / name
        self.values = read_json(self.path)

    def _typed(self, field: str, kind: type[T], default: T | None) -> T:
        value = self.values.get(field, default)
        if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
            raise ConversionError(
                f"{self.path}: '{field}' is {value!r}, and {kind.__name__} is expected. Download the folder again."
            )
        return value

    def whole(self, field: str, default: int | None = None, least: int = 1) -> int:
        value = self._typed(field, int, default)
        if not least <= value <= MOST:
            raise ConversionError(
                f"{self.path}: '{field}' is {value}, and {least} to {MOST} is expected. Download the folder again."
            )
        return value

    def real(self, field: str, default: float | None = None) -> float:
        if isinstance(self.values.get(field, default), int):
            return float(self._typed(field, int, None))
        return self._typed(field, float, default)

    def text(self, field: str, default: str | None = None) -> str:
        return self._typed(field, str, default)

    def flag(self, field: str, default: bool) -> bool:
        return self._typed(field, bool, default)

    def wholes(self, field: str, count: int | None = None, default: list[int] | None = None) -> list[int]:
        """A list of whole numbers; with `count`, one number stands for as many equal ones."""
        if count is not None and isinstance(self.values.get(field, default), int):
            return [self.whole(field)] * count
        value = self._typed(field, list, default)
        if not all(isinstance(v, int) and 0 <= v <= MOST for v in value) or count not in (None, len(value)):
            raise ConversionError(f"{self.path}: '{field}' is {value!r}. Download the folder again.")
        return value

    def require(self, **wanted: object) -> None:
        """Raises `ConversionError` where a field that is given has another value than the one this converter knows."""
        for field, value in wanted.items():
            found = self.values.get(field, value)
            if found != value:
                raise ConversionError(
                    f"{self.path}: '{field}' is {found!r}, and this converter only knows {value!r}. This architecture "
                    "cannot be converted."
                )
