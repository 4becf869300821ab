"""The decoding half of autoencoder.py as an ONNX graph."""

from pathlib import Path

from torch import nn

from training.export.onnx_graph import FLOAT, Graph
from training.nets.autoencoder import Autoencoder, ResidualBlock


def convolution(g: Graph, x: str, name: str, layer: nn.Conv2d) -> str:
    weight = g.matrix(f"{name}.weight", layer.weight, 0)
    padding = [*layer.padding, *layer.padding]
    return g.op("Conv", x, weight, g.parameter(f"{name}.bias", layer.bias), pads=padding, strides=[*layer.stride])


def layer_of(g: Graph, x: str, name: str, layer: nn.Module) -> str:
    match layer:
        case nn.Conv2d():
            return convolution(g, x, name, layer)
        case ResidualBlock():
            inner = g.op("Relu", convolution(g, g.op("Relu", x), f"{name}.a", layer.a))
            return g.op("Add", x, convolution(g, inner, f"{name}.b", layer.b))
        case nn.ReLU():
            return g.op("Relu", x)
        case nn.PixelShuffle():
            return g.op("DepthToSpace", x, blocksize=layer.upscale_factor, mode="CRD")
        case _:
            raise TypeError(f"decoder.{name}: no ONNX operator is known for {type(layer).__name__}")


def write_decoder(autoencoder: Autoencoder, path: Path, graph: Graph | None = None) -> None:
    """graph: an empty one, which decides how weights are stored."""
    channels = len(autoencoder.mean)
    g = graph or Graph()
    latent = g.input("latent", FLOAT, ["batch", channels, "height", "width"])
    x = g.op("Mul", latent, g.parameter("std", autoencoder.std))
    x = g.op("Add", x, g.parameter("mean", autoencoder.mean))
    for i, layer in enumerate(autoencoder.decoder):
        x = layer_of(g, x, f"decoder.{i}", layer)
    half = g.constant(0.5)
    g.op("Add", g.op("Mul", x, half), half, output="picture")
    g.save(path, "picture", ["batch", 4, "picture height", "picture width"])
