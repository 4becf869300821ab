"""The three networks in PyTorch on one CPU thread, for `npm run bench` to compare ONNX Runtime's WASM with."""

import json
import time
from collections.abc import Callable, Iterable
from typing import TextIO

import onnx
import torch
from onnx import TensorProto, helper
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from training.config.editions import EDITION, ModelConfig
from training.nets.autoencoders import AnyAutoencoder
from training.nets.model import DiT
from training.nets.text import MAX_TOKENS, TextConfig, TextEncoder

FLOP_SIZES = (8, 16, 32)


def denoiser_inputs(config: ModelConfig, size: int, batch: int = 1) -> tuple[Tensor, ...]:
    """Latent (B, C, size, size), timestep (B,), text states (B, T, width), text mask (B, T)."""
    return (
        torch.randn(batch, config.channels, size, size),
        torch.full((batch,), 500.0),
        torch.randn(batch, MAX_TOKENS, config.text_width),
        torch.ones(batch, MAX_TOKENS),
    )


def denoiser_flops(sizes: Iterable[int] = FLOP_SIZES) -> dict[str, int]:
    """Operations of one call for one image, a multiply-add counted as two; products alone, as is the custom."""
    model = DiT(EDITION.dit).eval()
    counts = {}
    for size in sizes:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(*denoiser_inputs(EDITION.dit, size))
        counts[str(size)] = counter.get_total_flops()
    return counts


def matmul_graph() -> onnx.ModelProto:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["a", "b"], ["c"])],
        "matmul",
        [value("a", TensorProto.FLOAT, ["m", "k"]), value("b", TensorProto.FLOAT, ["k", "n"])],
        [value("c", TensorProto.FLOAT, ["m", "n"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    return model


class Subjects:
    """What can be timed, by name; each call returns a function that runs it once."""

    def __init__(self, text: TextConfig, dit: ModelConfig, autoencoder: AnyAutoencoder) -> None:
        self.text_encoder = TextEncoder(text).eval()
        self.dit = DiT(dit).eval()
        self.autoencoder = autoencoder.eval()

    def text(self, size: int) -> Callable[[], Tensor]:
        ids, mask = torch.ones(1, size, dtype=torch.int64), torch.ones(1, size, dtype=torch.int64)
        return lambda: self.text_encoder(ids, mask)

    def denoiser(self, size: int) -> Callable[[], Tensor]:
        inputs = denoiser_inputs(self.dit.config, size)
        return lambda: self.dit(*inputs)

    def decoder(self, size: int) -> Callable[[], Tensor]:
        latent = torch.randn(1, self.dit.config.channels, size, size)
        return lambda: self.autoencoder.decode(latent)

    def matmul(self, size: int) -> Callable[[], Tensor]:
        a, b = torch.randn(size, size), torch.randn(size, size)
        return lambda: a @ b


def serve(subjects: Subjects, requests: Iterable[str], out: TextIO) -> None:
    """Answers {"graph": "text" | "denoiser" | "decoder" | "matmul", "size": n} with {"ms": milliseconds of one call}.

    size: tokens of text, latent cells a side, or the matrices' side. The first line says what answers.
    """
    capability = torch.backends.cpu.get_cpu_capability()
    threads = torch.get_num_threads()
    print(json.dumps({"torch": torch.__version__, "capability": capability, "threads": threads}), file=out, flush=True)
    runs: dict[tuple[str, int], Callable[[], Tensor]] = {}
    for line in requests:
        request = json.loads(line)
        key = (request["graph"], request["size"])
        if key not in runs:
            runs[key] = getattr(subjects, request["graph"])(request["size"])
        started = time.perf_counter()
        runs[key]()
        print(json.dumps({"ms": 1000 * (time.perf_counter() - started)}), file=out, flush=True)
