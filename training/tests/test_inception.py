"""Inception's layers against PyTorch's own, on a net of four."""

import pytest
import torch
import torch.nn.functional as F

from training.nets.inception import FEATURES, SIDE, Inception, read_weights


def test_weights_are_read_one_after_the_other() -> None:
    index = [
        {"name": "a", "shape": [2, 2], "quantization": {"min": -1.0, "scale": 0.5, "dtype": "uint8"}},
        {"name": "b", "shape": [1], "quantization": {"min": 0.0, "scale": 0.25, "dtype": "uint8"}},
    ]
    weights = read_weights(index, bytes([0, 1, 2, 3, 4]))
    assert weights["a"].tolist() == [[-1.0, -0.5], [0.0, 0.5]]
    assert weights["b"].tolist() == [1.0]
    with pytest.raises(ValueError, match="unpack it again"):
        read_weights(index, bytes(6))


def test_a_net_of_its_layers_is_the_same_by_hand() -> None:
    torch.manual_seed(0)
    weights = {
        "conv/kernel": torch.randn(3, 3, 3, 2),
        "norm/beta": torch.randn(2),
        "norm/moving_mean": torch.randn(2),
        "norm/moving_variance": torch.rand(2) + 0.1,
    }

    def layer(kind: str, name: str, *inputs: str, **config: object) -> dict[str, object]:
        return {"kind": kind, "name": name, "config": config, "inputs": list(inputs)}

    net = Inception(
        [
            layer("InputLayer", "in"),
            layer("Conv2D", "conv", "in", kernel_size=[3, 3], strides=[2, 2], padding="valid"),
            layer("BatchNormalization", "norm", "conv", epsilon=1e-3),
            layer("Activation", "relu", "norm"),
            layer("AveragePooling2D", "pool", "relu", pool_size=[3, 3], strides=[1, 1], padding="same"),
            layer("Concatenate", "both", "relu", "pool"),
            layer("Flatten", FEATURES, "both"),
        ],
        weights,
    )
    picture = torch.rand(1, 3, SIDE, SIDE)
    opaque = torch.cat([picture, torch.ones(1, 1, SIDE, SIDE)], 1)
    x = F.conv2d(picture * 2 - 1, weights["conv/kernel"].permute(3, 2, 0, 1), stride=2)
    x = F.batch_norm(
        x, weights["norm/moving_mean"], weights["norm/moving_variance"], None, weights["norm/beta"], eps=1e-3
    )
    x = x.relu()
    # Keras leaves what is beyond the edge out of a mean.
    corner = x[:, :, :2, :2].mean((2, 3))
    features = net(opaque)
    expected = torch.cat([x.flatten(1), F.avg_pool2d(x, 3, 1, 1, count_include_pad=False).flatten(1)], 1)
    torch.testing.assert_close(features, expected / expected.shape[1] ** 0.5, atol=1e-5, rtol=1e-4)
    pooled = features[:, x.numel() :].view_as(x) * expected.shape[1] ** 0.5
    torch.testing.assert_close(pooled[:, :, 0, 0], corner, atol=1e-4, rtol=1e-4)
