"""Convolutional parts that Stable Diffusion's autoencoders and SDXL's UNet share."""

import numpy as np

from training.convert.graph import ModelGraph


def conv(
    g: ModelGraph, x: str, name: str, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, bias: bool = True
) -> str:
    """Padded so that a stride of 1 keeps the size."""
    parameters = [g.tensor(f"{name}.weight", outputs, inputs, kernel, kernel)]
    if bias:
        parameters.append(g.tensor(f"{name}.bias", outputs))
    return g.op("Conv", x, *parameters, pads=[kernel // 2] * 4, strides=[stride, stride])


def group_norm(g: ModelGraph, x: str, name: str, channels: int, groups: int, epsilon: float) -> str:
    """(B, C, H, W). As InstanceNormalization of (B, groups, all the rest), which every backend has."""
    flat = g.op("Reshape", x, g.integers(0, groups, -1))
    ones, zeros = g.number(np.ones(groups)), g.number(np.zeros(groups))
    normed = g.op("InstanceNormalization", flat, ones, zeros, epsilon=epsilon)
    normed = g.op("Reshape", normed, g.op("Shape", x))
    scale, bias = (
        g.op("Reshape", g.tensor(f"{name}.{part}", channels), g.integers(1, -1, 1, 1)) for part in ("weight", "bias")
    )
    return g.op("Add", g.op("Mul", normed, scale), bias)


def resnet(
    g: ModelGraph,
    x: str,
    name: str,
    inputs: int,
    outputs: int,
    groups: int,
    epsilon: float,
    time: tuple[str, int] | None = None,
) -> str:
    """diffusers' ResnetBlock2D. time: silu of the time embedding (B, 1, width), and its width."""
    hidden = conv(
        g, g.silu(group_norm(g, x, f"{name}.norm1", inputs, groups, epsilon)), f"{name}.conv1", inputs, outputs
    )
    if time:
        shift = g.linear(time[0], f"{name}.time_emb_proj", time[1], outputs, form="q8" if g.form == "q4" else None)
        hidden = g.op("Add", hidden, g.op("Reshape", shift, g.integers(0, outputs, 1, 1)))
    hidden = conv(
        g, g.silu(group_norm(g, hidden, f"{name}.norm2", outputs, groups, epsilon)), f"{name}.conv2", outputs, outputs
    )
    if inputs != outputs:
        x = conv(g, x, f"{name}.conv_shortcut", inputs, outputs, 1)
    return g.op("Add", x, hidden)


def doubled(g: ModelGraph, x: str) -> str:
    """Each cell becomes 2 x 2 equal ones."""
    scales = g.constant([1, 1, 2, 2])
    return g.op(
        "Resize", x, "", scales, mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric"
    )
