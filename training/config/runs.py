"""The machine that a run is on: its folders, device, precision, processes, and how weights are saved and read back.

Under `torchrun` every process is a rank: it has its own device, draws the same random numbers as the others, takes its
part of each batch (`mine`), and averages gradients with them (`parallel`). A batch in a recipe is one rank's, so that
two ranks train as one would with batches twice as large.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from training.config.editions import EDITION
from training.config.whole_file import replacing

TRAINING = Path(__file__).parents[1]
DATA = Path(os.environ.get("SCALEWISE_DATA", TRAINING / ".data"))
"""Rendered pictures, the latent packs and Inception's weights."""
ALL_RUNS = Path(os.environ.get("SCALEWISE_RUNS", TRAINING / "runs"))
"""Checkpoints of every edition: `Edition.folder` says where in it."""
RUNS = EDITION.folder(ALL_RUNS)
"""Checkpoints of this edition."""
RANK, WORLD = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
"""Which process this is and of how many, as torchrun says."""


def device() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")


def autocast() -> torch.autocast:
    """bf16 autocast; SCALEWISE_PRECISION=float32 turns it off, to compare runs. On a CPU without AVX512-BF16 or AMX
    bf16 is emulated and up to 50x slower, so it is off there."""
    wanted = os.environ.get("SCALEWISE_PRECISION") != "float32"
    if torch.cuda.is_available():
        return torch.autocast("cuda", torch.bfloat16, enabled=wanted)
    flags = Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    return torch.autocast("cpu", torch.bfloat16, enabled=wanted and ("avx512_bf16" in flags or "amx_bf16" in flags))


def spent() -> float:
    """Seconds of the budget's clock. SCALEWISE_CLOCK=processor: of this process's threads on a CPU, for runs that are
    compared on a machine which has other work."""
    if os.environ.get("SCALEWISE_CLOCK") == "processor":
        return time.process_time() / torch.get_num_threads()
    return time.monotonic()


def compiles() -> bool:
    """Whether SCALEWISE_COMPILE=1 asks for it, on a GPU."""
    return device().type == "cuda" and os.environ.get("SCALEWISE_COMPILE") == "1"


def compiled(model: nn.Module) -> nn.Module:
    """The model, its blocks compiled where that is asked for. Its weights keep their names."""
    if compiles():
        for block in model.blocks:  # type: ignore[union-attr]
            block.compile(dynamic=False)
    return model


def loaders() -> int:
    """Processes that prepare batches beside training: none on a CPU, which has better things to do."""
    return min(12, max(1, (os.cpu_count() or 1) - 3)) if device().type == "cuda" else 0


@contextmanager
def ranks(stage: str | None = None) -> Iterator[None]:
    """Connects the processes that torchrun started, by nccl on GPUs and gloo on CPUs; nothing for one process.

    stage: the name of a stage that knows only one process. Raises ValueError where there are more.
    """
    if WORLD == 1:
        yield
        return
    if stage:
        raise ValueError(f"the stage {stage} runs in one process: start it without torchrun")
    if device().type == "cuda":
        torch.cuda.set_device(device())
    dist.init_process_group("nccl" if device().type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def parallel(module: nn.Module) -> nn.Module:
    """The module with gradients averaged over the ranks. Call it as a function: its methods average nothing."""
    if WORLD == 1:
        return module
    ids = [device().index] if device().type == "cuda" else None
    return DistributedDataParallel(module, device_ids=ids, broadcast_buffers=False)


Rows = TypeVar("Rows", Tensor, np.ndarray, list[str])


def mine(rows: Rows) -> Rows:
    """This rank's part of samples that all ranks drew alike. Raises ValueError where they cannot be shared out evenly:
    the mean of the ranks' means would not be the mean of all."""
    if len(rows) % WORLD:
        raise ValueError(f"{len(rows)} samples cannot be shared out evenly over {WORLD} processes")
    each = len(rows) // WORLD
    return rows[RANK * each : (RANK + 1) * each]


def seeded(seed: int) -> torch.Generator:
    """Of this device: a GPU draws its own random numbers, a hundred times faster than it is handed a CPU's."""
    return torch.Generator(device()).manual_seed(seed)


def shared_noise(latents: Tensor, generator: torch.Generator) -> Tensor:
    """Gaussian noise for this rank's latents (B, ...), drawn for all ranks' alike."""
    shape = (len(latents) * WORLD, *latents.shape[1:])
    noise = torch.randn(shape, generator=generator, device=generator.device)
    return mine(noise).to(latents.device)


def agreed(value: float) -> float:
    """Rank 0's value on every rank. Clocks differ, and a rank that stops alone leaves the others waiting."""
    if WORLD == 1:
        return value
    shared = torch.tensor([value], dtype=torch.float64, device=device())
    dist.broadcast(shared, 0)
    return shared.item()


def save(path: Path, **state: object) -> None:
    """Write whole or not at all, so that a run cut short leaves the last checkpoint intact. Only rank 0 writes."""
    if RANK:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as partial:
        torch.save(state, partial)


def load(path: Path) -> dict[str, Any]:
    return torch.load(path, map_location=device(), weights_only=True)
