"""Batches as functions of their step, so that processes beside training can prepare them ahead."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from training.config.runs import loaders
from training.data.pack import Pack, captions_of

T = TypeVar("T")


@dataclass(frozen=True)
class Steps(Dataset, Generic[T]):
    make: Callable[[int], T]

    def __getitem__(self, step: int) -> T:
        return self.make(step)

    def __len__(self) -> int:
        """Far more than any run takes."""
        return 10**9


def from_step(first: int, make: Callable[[int], T]) -> Iterator[T]:
    """make(first), make(first + 1), and so on: ahead of time on machines with a GPU."""
    ahead: dict[str, Any] = {"prefetch_factor": 4, "multiprocessing_context": "fork"} if loaders() else {}
    steps = Steps(make)
    return iter(DataLoader(steps, None, sampler=range(first, len(steps)), num_workers=loaders(), **ahead))


Tokens = Callable[[list[str]], tuple[Tensor, Tensor]]
"""Captions to ids and mask, each int64 (B, T)."""
Batch = tuple[int, Tensor, Tensor, Tensor]
"""A size in cells, rows of the pack (B,), and their captions' ids and mask (B, T)."""


@dataclass(frozen=True)
class Batches:
    """The teacher's.

    counts: pictures a batch, of all ranks, by size in cells. parts: how often each size is drawn.
    """

    pack: Pack
    counts: dict[int, int]
    parts: tuple[float, ...]
    drop_caption: float
    tokens: Tokens
    seed: int

    def __call__(self, step: int) -> Batch:
        rng = np.random.default_rng((self.seed, step))
        size = int(rng.choice(list(self.counts), p=self.parts))
        rows = rng.choice(len(self.pack.weights), self.counts[size], p=self.pack.weights)
        return size, torch.from_numpy(rows), *self.tokens(captions_of(self.pack, rows, self.drop_caption, rng))
