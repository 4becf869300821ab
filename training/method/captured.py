"""A training step as one CUDA graph: the GPU runs it again and again, and Python launches nothing."""

from collections.abc import Callable
from typing import TypeVar

import torch

from training.config.runs import device

T = TypeVar("T")
WARM_UP = 3
"""Steps before the capture: they allocate, compile and choose kernels."""


def captured(step: Callable[[], T]) -> Callable[[], T]:
    """step, captured; what it returns is overwritten by the next call. It takes its random numbers from the device's
    default generator and makes its gradients anew. On a CPU, step itself."""
    if device().type != "cuda":
        return step
    beside = torch.cuda.Stream()
    beside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(beside):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(beside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = step()

    def replay() -> T:
        graph.replay()
        return result

    return replay
