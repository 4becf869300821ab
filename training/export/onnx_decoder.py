"""The decoding half of an autoencoder as an ONNX graph."""

from pathlib import Path

from training.export.onnx_convolutions import layers_of
from training.export.onnx_graph import FLOAT, Graph
from training.nets.autoencoders import AnyAutoencoder
from training.nets.native_autoencoder import NativeAutoencoder


def write_decoder(autoencoder: AnyAutoencoder, path: Path, graph: Graph | None = None) -> None:
    """graph: an empty one, which decides how weights are stored."""
    channels = len(autoencoder.mean)
    g = graph or Graph()
    latent = g.input("latent", FLOAT, ["batch", channels, "height", "width"])
    x = g.op("Mul", latent, g.parameter("std", autoencoder.std))
    x = g.op("Add", x, g.parameter("mean", autoencoder.mean))
    x = layers_of(g, x, "decoder", autoencoder.decoder)
    if isinstance(autoencoder, NativeAutoencoder):
        x = g.op("Add", x, layers_of(g, x, "tail", autoencoder.tail))
    half = g.constant(0.5)
    g.op("Add", g.op("Mul", x, half), half, output="picture")
    g.save(path, "picture", ["batch", 4, "picture height", "picture width"])
