"""The DiT, whole: a transformer over image patches and text tokens that predicts velocity (= noise − data).

One network serves every scale: positions are normalised to the picture, so that a cell at the left edge is at the
left edge at 8x8 and at 16x16, and the size itself is an input.
"""

from math import pi

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.config.editions import ModelConfig

TINY = ModelConfig(channels=8, width=64, depth=2, heads=2, text_width=32)


def sinusoids(value: Tensor, width: int) -> Tensor:
    """(B,) → (B, width): cosines and sines at frequencies from 1 down to 1/10000."""
    half = width // 2
    frequencies = torch.exp(-torch.arange(half, device=value.device) * (9.21034 / half))
    angles = value[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], 1)


def rope_table(height: int, width: int, head_dim: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines (height·width, head_dim/2) for rotary positions: half of the pairs turn with y, half with x.

    Coordinates run from -1 to 1 across the picture whatever its size, so that positions mean the same at every scale.
    """
    pairs = head_dim // 4
    frequencies = 0.5 * pi * 2 ** torch.linspace(0, 3, pairs, device=device)
    y = (torch.arange(height, device=device) * 2 + 1) / height - 1
    x = (torch.arange(width, device=device) * 2 + 1) / width - 1
    angle_y = (y[:, None] * frequencies)[:, None, :].expand(height, width, pairs)
    angle_x = (x[:, None] * frequencies)[None, :, :].expand(height, width, pairs)
    angles = torch.cat([angle_y, angle_x], 2).reshape(height * width, 2 * pairs)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary embedding of (B, heads, N, head_dim): the first half of the channels is paired with the second."""
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class RmsNorm(nn.Module):
    """Root-mean-square norm, the mean in float32."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        factor = torch.rsqrt(x.float().square().mean(-1, keepdim=True) + 1e-6)
        return x * factor.to(x.dtype) * self.scale.to(x.dtype)


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """Softmax attention; q, k, v: (B, heads, N, head_dim). On a CPU written out: at these
    lengths plain products train four times faster there than PyTorch's fused kernel."""
    mask = mask.to(q.dtype)
    if q.is_cuda:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5 + mask
    return scores.softmax(-1) @ v


def modulated_norm(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:]) * (1 + scale) + shift


class Attention(nn.Module):
    """Self-attention over text and image tokens together. Separate q, k, v: Muon orthogonalises each on its own."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(width, width, bias=False)
        self.k = nn.Linear(width, width, bias=False)
        self.v = nn.Linear(width, width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.q_norm = RmsNorm(width // heads)
        self.k_norm = RmsNorm(width // heads)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        """x: (B, N, width). cos, sin: (N, head_dim/2). mask: (B, 1, 1, N), added to the scores."""
        b, n, d = x.shape
        shape = (b, n, self.heads, d // self.heads)
        q = rotate(self.q_norm(self.q(x).view(shape).transpose(1, 2)), cos, sin)
        k = rotate(self.k_norm(self.k(x).view(shape).transpose(1, 2)), cos, sin)
        v = self.v(x).view(shape).transpose(1, 2)
        y = attend(q, k, v, mask)
        return self.out(y.transpose(1, 2).reshape(b, n, d))


class Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.mlp_in = nn.Linear(width, 4 * width)
        self.mlp_out = nn.Linear(4 * width, width)
        self.modulation = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, condition: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        shift_a, scale_a, gate_a, shift_m, scale_m, gate_m = self.modulation(condition)[:, None].chunk(6, 2)
        x = x + gate_a * self.attention(modulated_norm(x, shift_a, scale_a), cos, sin, mask)
        return x + gate_m * self.mlp_out(F.gelu(self.mlp_in(modulated_norm(x, shift_m, scale_m))))


Context = tuple[Tensor, Tensor, Tensor, Tensor]
"""Condition (B, width), cosines and sines (N, head_dim/2), and the mask (B, 1, 1, N) that is added to the scores."""


class DiT(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        d, p = config.width, config.patch
        self.patchify = nn.Conv2d(config.channels, d, p, stride=p)
        self.text_norm = RmsNorm(config.text_width)
        self.text_in = nn.Linear(config.text_width, d)
        self.text_pooled = nn.Linear(config.text_width, d)
        self.time_in = nn.Linear(256, d)
        self.size_in = nn.Linear(1, d)
        self.condition = nn.Linear(d, d)
        self.blocks = nn.ModuleList(Block(d, config.heads) for _ in range(config.depth))
        self.final_modulation = nn.Linear(d, 2 * d)
        self.unpatchify = nn.Linear(d, config.channels * p * p)
        for zero in (self.final_modulation, self.unpatchify):
            nn.init.zeros_(zero.weight)
            nn.init.zeros_(zero.bias)

    def forward(
        self, latent: Tensor, timestep: Tensor, text: Tensor, text_mask: Tensor, feature_block: int | None = None
    ) -> Tensor:
        """Velocity (B, C, H, W) for a noisy latent (B, C, H, W).

        timestep: (B,), 1000·sigma. text: (B, T, text_width) token states. text_mask: (B, T), 1 token, 0 padding.
        feature_block: return that block's image tokens (B, h·w, width) instead; the distillation loss compares them.
        """
        x, context = self.embed(latent, timestep, text, text_mask)
        if feature_block is not None:
            return self.transform(x, context, 0, feature_block + 1)[:, text.shape[1] :]
        return self.velocity(self.transform(x, context, 0, len(self.blocks)), context, latent)

    def velocity_and_features(
        self, latent: Tensor, timestep: Tensor, text: Tensor, text_mask: Tensor, feature_block: int
    ) -> tuple[Tensor, Tensor]:
        """Both of the above by one run."""
        x, context = self.embed(latent, timestep, text, text_mask)
        x = self.transform(x, context, 0, feature_block + 1)
        features = x[:, text.shape[1] :]
        return self.velocity(self.transform(x, context, feature_block + 1, len(self.blocks)), context, latent), features

    def embed(self, latent: Tensor, timestep: Tensor, text: Tensor, text_mask: Tensor) -> tuple[Tensor, Context]:
        """Text and image tokens (B, T + h·w, width), and what every block needs beside them."""
        tokens = self.patchify(latent)
        h, w = tokens.shape[2:]
        image = tokens.flatten(2).transpose(1, 2)
        text = self.text_norm(text)
        weights = text_mask[:, :, None]
        pooled = (text * weights).sum(1) / weights.sum(1).clamp(min=1)
        size = latent.new_full((1, 1), 1.0) * (h / 8)
        c = self.time_in(sinusoids(timestep, 256)) + self.text_pooled(pooled) + self.size_in(size)
        c = F.silu(self.condition(F.silu(c)))
        return torch.cat([self.text_in(text), image], 1), self.context(c, h, w, text_mask)

    def context(self, condition: Tensor, h: int, w: int, text_mask: Tensor) -> Context:
        """For h·w image tokens after the text's."""
        b, t = text_mask.shape
        cos, sin = rope_table(h, w, self.config.width // self.config.heads, condition.device)
        cos = torch.cat([cos.new_ones(t, cos.shape[1]), cos])  # text tokens do not turn: their order is in the states
        sin = torch.cat([sin.new_zeros(t, sin.shape[1]), sin])
        visible = torch.cat([text_mask, text_mask.new_ones(b, h * w)], 1)
        return condition, cos, sin, (visible[:, None, None, :] - 1) * 1e4

    def transform(self, x: Tensor, context: Context, first: int, end: int) -> Tensor:
        """Blocks `first` to before `end`."""
        for block in self.blocks[first:end]:
            x = block(x, *context)
        return x

    def velocity(self, x: Tensor, context: Context, latent: Tensor) -> Tensor:
        b, _, height, width = latent.shape
        h, w = height // self.config.patch, width // self.config.patch
        shift, scale = self.final_modulation(context[0])[:, None].chunk(2, 2)
        out = self.unpatchify(modulated_norm(x[:, -h * w :], shift, scale))
        return F.pixel_shuffle(out.transpose(1, 2).reshape(b, -1, h, w), self.config.patch)


@torch.no_grad()
def start_with_fewer_channels(model: DiT, old: dict[str, Tensor]) -> None:
    """Makes `model` compute in its first channels what the DiT with the state_dict `old` does: of the other channels it
    sees and says nothing yet."""
    state = {name: value.clone() for name, value in old.items()}
    for name in ("patchify.weight", "unpatchify.weight", "unpatchify.bias"):
        value = torch.zeros_like(model.state_dict()[name])
        value[tuple(slice(size) for size in old[name].shape)] = old[name]
        state[name] = value
    model.load_state_dict(state)
