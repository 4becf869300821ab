"""The layers of the autoencoders as ONNX operators."""

from torch import Tensor, nn

from training.export.onnx_graph import Graph
from training.nets.autoencoder import ResidualBlock


def convolution(g: Graph, x: str, name: str, layer: nn.Conv2d) -> str:
    weight = g.matrix(f"{name}.weight", layer.weight, 0)
    padding = [*layer.padding, *layer.padding]
    return g.op("Conv", x, weight, g.parameter(f"{name}.bias", layer.bias), pads=padding, strides=[*layer.stride])


def unshuffled_weight(layer: nn.Conv2d, factor: int) -> Tensor:
    """(O, C·f², k, k) of a convolution behind a pixel unshuffle → (O, C, k·f, k·f) of the one convolution with stride f
    that does both. ONNX's own operator for an unshuffle orders its channels differently."""
    out, channels, height, width = layer.weight.shape
    cells = layer.weight.view(out, channels // factor**2, factor, factor, height, width)
    return cells.permute(0, 1, 4, 2, 5, 3).reshape(out, channels // factor**2, height * factor, width * factor)


def unshuffled(g: Graph, x: str, name: str, factor: int, layer: nn.Conv2d) -> str:
    """A pixel unshuffle by `factor` and the convolution behind it, which has stride 1."""
    weight = g.matrix(f"{name}.weight", unshuffled_weight(layer, factor), 0)
    padding = [side * factor for side in (*layer.padding, *layer.padding)]
    return g.op("Conv", x, weight, g.parameter(f"{name}.bias", layer.bias), pads=padding, strides=[factor, factor])


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
            raise TypeError(f"{name}: no ONNX operator is known for {type(layer).__name__}")


def layers_of(g: Graph, x: str, name: str, layers: nn.Sequential, first: int = 0) -> str:
    """The layers from `first` on, one after the other."""
    for i, layer in enumerate(layers):
        if i >= first:
            x = layer_of(g, x, f"{name}.{i}", layer)
    return x
