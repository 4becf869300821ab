"""A graph that ONNX Runtime runs as it is written (`graphOptimizationLevel: disabled` in the manifest), for WASM.

ONNX Runtime unfolds 8-bit weights to float32 when it optimises a graph: four times the memory, and most of the time
that a session takes to make. Here they stay in 8 bits: each call casts them, and scales multiply what comes out. It
costs a call 0.6 ns a weight (WASM, 7 million weights, 8 tokens): much for a denoiser in float32, little for what is
called once a prompt.
"""

from torch import nn

from training.export.onnx_graph import FLOAT, Graph


class UnfoldedGraph(Graph):
    def product(self, x: str, name: str, layer: nn.Linear) -> str:
        stored = self.eight_bits(f"{name}.weight", layer.weight.T, 1)
        if stored is None:
            return super().product(x, name, layer)
        integers, scale = stored
        return self.op("Mul", self.op("MatMul", x, self.op("Cast", integers, to=FLOAT)), scale)
