"""The encoding half of the native autoencoder as an ONNX graph: the page starts from pictures with it."""

from pathlib import Path

from training.export.onnx_convolutions import layers_of, unshuffled
from training.export.onnx_graph import FLOAT, Graph
from training.nets.native_autoencoder import NativeAutoencoder


def write_encoder(autoencoder: NativeAutoencoder, path: Path) -> None:
    g = Graph()
    picture = g.input("picture", FLOAT, ["batch", 4, "picture height", "picture width"])
    signed = g.op("Sub", g.op("Mul", picture, g.constant(2)), g.constant(1))
    fine = unshuffled(g, signed, "fine.1", autoencoder.fine[0].downscale_factor, autoencoder.fine[1])
    fine = layers_of(g, fine, "fine", autoencoder.fine, first=2)
    coarse = unshuffled(g, signed, "coarse.1", autoencoder.coarse[0].downscale_factor, autoencoder.coarse[1])
    x = layers_of(g, g.op("Add", fine, coarse), "encoder", autoencoder.encoder)
    x = g.op("Sub", x, g.parameter("mean", autoencoder.mean))
    g.op("Div", x, g.parameter("std", autoencoder.std), output="latent")
    g.save(path, "latent", ["batch", len(autoencoder.mean), "height", "width"])
