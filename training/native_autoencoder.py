"""The autoencoder of emoji 1.0: RGBA pictures at their native 256 px to latents of 16 pixels a cell, and back.

    python -m training.native_autoencoder --minutes 120

It starts from the autoencoder of emoji 0.7.0, exactly: the old encoder saw pixels averaged two by two, which is a
special case of the new first convolution, and every new layer starts at zero. What is new:
- a fine branch, so that the encoder sees what averaging hides;
- 16 channels. The first 8 alone must also decode (nested dropout, arXiv 1402.0915), so that one run can be judged
  with either number;
- a convolution at the picture's full size, so that edges do not step two pixels at a time;
- latent noise that is ramped up to what the denoiser's error measures.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.art import load_art
from training.autoencoder import ResidualBlock, composite, gradients, random_crops, reconstruction_loss, split
from training.loop import RUNS, Ema, autocast, device, load, rate_factor, save, train_for

PIXELS = 256


@dataclass(frozen=True)
class NativeConfig:
    channels: int = 16
    nested: int = 8  # channels that must decode without the rest
    nested_share: float = 0.25  # of the pictures in a batch
    fine: int = 48  # width at a quarter of the side
    fine_blocks: int = 2
    widths: tuple[int, int] = (96, 160)  # at an eighth and a sixteenth of the side
    blocks: tuple[int, int] = (3, 4)
    decoder_widths: tuple[int, ...] = (160, 64, 32, 16)
    decoder_blocks: tuple[int, ...] = (2, 2, 1, 1)
    tail: int = 12  # width of the convolutions at full size
    latent_noise: float = 0.15  # rms error of the denoiser on latents of unit variance: .16
    noise_from: float = 0.05
    noise_steps: int = 3000  # noise at full strength from the first step collapses the encoder


class NativeAutoencoder(nn.Module):
    """encode: (B, 4, H, W) in [0, 1] premultiplied → (B, C, H/16, W/16), each channel of unit variance.
    decode: the inverse. H and W are multiples of 16."""

    def __init__(self, config: NativeConfig) -> None:
        super().__init__()
        self.config = config
        eighth, sixteenth = config.widths
        self.fine = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(64, config.fine, 3, padding=1),
            *(ResidualBlock(config.fine) for _ in range(config.fine_blocks)),
            nn.ReLU(),
            nn.Conv2d(config.fine, eighth, 2, stride=2),
        )
        self.coarse = nn.Sequential(nn.PixelUnshuffle(8), nn.Conv2d(256, eighth, 3, padding=1))
        self.encoder = nn.Sequential(
            *(ResidualBlock(eighth) for _ in range(config.blocks[0])),
            nn.Conv2d(eighth, sixteenth, 2, stride=2),
            *(ResidualBlock(sixteenth) for _ in range(config.blocks[1])),
            nn.ReLU(),
            nn.Conv2d(sixteenth, config.channels, 3, padding=1),
        )
        widths = config.decoder_widths
        layers: list[nn.Module] = [nn.Conv2d(config.channels, widths[0], 3, padding=1)]
        for width, blocks, following in zip(widths, config.decoder_blocks, [*widths[1:], None], strict=True):
            layers += [ResidualBlock(width) for _ in range(blocks)]
            if following:
                layers += [nn.Conv2d(width, following * 4, 1), nn.PixelShuffle(2)]
        self.decoder = nn.Sequential(*layers, nn.ReLU(), nn.Conv2d(widths[-1], 16, 3, padding=1), nn.PixelShuffle(2))
        self.tail = nn.Sequential(
            nn.Conv2d(4, config.tail, 3, padding=1), nn.ReLU(), nn.Conv2d(config.tail, 4, 3, padding=1)
        )
        for added in (self.fine[-1], self.tail[-1]):
            nn.init.zeros_(added.weight)
            nn.init.zeros_(added.bias)
        self.register_buffer("mean", torch.zeros(config.channels, 1, 1))
        self.register_buffer("std", torch.ones(config.channels, 1, 1))

    def encode(self, picture: Tensor) -> Tensor:
        signed = picture * 2 - 1
        return (self.encoder(self.fine(signed) + self.coarse(signed)) - self.mean) / self.std

    def decode(self, latent: Tensor) -> Tensor:
        rough = self.decoder(latent * self.std + self.mean)
        return (rough + self.tail(rough)) * 0.5 + 0.5

    def keep(self, latent: Tensor, channels: int) -> Tensor:
        """The first `channels`; the others at their mean, 0."""
        return torch.cat([latent[:, :channels], torch.zeros_like(latent[:, channels:])], 1)

    @torch.no_grad()
    def follow_statistics(self, latent: Tensor, momentum: float) -> None:
        """Moves mean and std towards those of a batch of normalised latents (B, C, h, w)."""
        mean = latent.float().mean((0, 2, 3)).view(-1, 1, 1)
        std = latent.float().std((0, 2, 3)).view(-1, 1, 1)
        self.mean.add_(momentum * mean * self.std)
        self.std.mul_(1 + momentum * (std - 1))


@torch.no_grad()
def start_from(model: NativeAutoencoder, old: dict[str, Tensor]) -> None:
    """Makes `model` compute what the autoencoder of 0.7.0 does (state_dict `old`) in its first 8 channels."""
    config = model.config
    channels = len(old["mean"])
    # (O, 4 colours × 4 × 4, 3, 3) for averaged pixels → (O, 4 colours × 8 × 8, 3, 3) for each of the four averaged.
    averaged = old["encoder.1.weight"].unflatten(1, (4, 4, 4))
    each = averaged.repeat_interleave(2, 2).repeat_interleave(2, 3).flatten(1, 3) / 4
    model.coarse[1].weight.copy_(each)
    model.coarse[1].bias.copy_(old["encoder.1.bias"])
    first, second = 2, 3  # residual blocks of the old encoder
    source = [*range(2, 2 + first), None, 2 + first, *range(3 + first, 3 + first + second), None]
    for layer, index in zip(model.encoder[:-2], source, strict=True):
        if index is not None:
            for name, value in layer.named_parameters():
                value.copy_(old[f"encoder.{index}.{name}"])
    last = 4 + first + second
    model.encoder[-1].weight[:channels] = old[f"encoder.{last}.weight"]
    model.encoder[-1].bias[:channels] = old[f"encoder.{last}.bias"]
    model.mean[:channels], model.std[:channels] = old["mean"], old["std"]
    decoder = {name.removeprefix("decoder."): value for name, value in old.items() if name.startswith("decoder.")}
    seen = torch.zeros(config.decoder_widths[0], config.channels, 3, 3)
    seen[:, :channels] = decoder["0.weight"]
    model.decoder.load_state_dict(decoder | {"0.weight": seen})


def low_frequency_loss(output: Tensor, target: Tensor, background: Tensor) -> Tensor:
    """L1 of colours averaged over 16 × 16 pixels: L1 and gradients alone forgive washed colours."""
    a, b = (F.avg_pool2d(composite(x, background), 16) for x in (output, target))
    return (a - b).abs().mean()


def picture_loss(output: Tensor, target: Tensor, background: Tensor) -> Tensor:
    squared = (composite(output, background) - composite(target, background)).square().mean()
    colour = low_frequency_loss(output, target, background)
    return reconstruction_loss(output, target, background) + 4 * squared + 0.5 * colour


def equivariance_loss(model: NativeAutoencoder, picture: Tensor, latent: Tensor, part: float, colour: Tensor) -> Tensor:
    """A resized latent must decode to the resized picture (arXiv 2502.14831). Nothing pulls at the encoder's latents of
    the small picture: that kills channels."""
    side = round(latent.shape[-1] * part)
    resized = F.interpolate(latent, side, mode="area" if part == 0.5 else "bicubic")
    small = F.interpolate(picture, side * 16, mode="area")
    return reconstruction_loss(model.decode(resized).float(), small, colour)


@torch.no_grad()
def measure(model: NativeAutoencoder, pictures: Tensor) -> dict[str, float]:
    """On held-out pictures over grey: decibels with all channels, with the nested ones, with latent noise; gradients
    (edges) as a part of the real ones; the share of the steps that lie inside 2 × 2 blocks against across them."""
    found: dict[str, list[float]] = {}
    for batch in pictures.split(16):
        grey = torch.full((len(batch), 3, 1, 1), 0.5, device=batch.device)
        real, latent = composite(batch, grey), model.encode(batch)
        noisy = latent + model.config.latent_noise * torch.randn_like(latent)
        for name, seen in (("", latent), ("nested", model.keep(latent, model.config.nested)), ("noisy", noisy)):
            error = (composite(model.decode(seen).clamp(0, 1), grey) - real).square().mean((1, 2, 3))
            found.setdefault(f"mse {name}".strip(), []).extend(error.tolist())
        drawn = composite(model.decode(latent).clamp(0, 1), grey)
        edges = [sum(d.abs().mean() for d in gradients(x)).item() for x in (drawn, real)]
        found.setdefault("edges", []).append(edges[0] / edges[1])
        steps = gradients(drawn)[1].abs().mean((0, 1, 2))
        found.setdefault("stepping", []).append((steps[0::2].mean() / steps[1::2].mean()).item())
    means = {name: float(np.mean(values)) for name, values in found.items()}
    return {name.replace("mse", "dB"): -10 * np.log10(x) if "mse" in name else x for name, x in means.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=128)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--max-steps", type=int, default=None)
    parser.add_argument("--cooldown-minutes", type=float, default=0, help="the learning rate falls to 0 at the end")
    args = parser.parse_args()

    config = NativeConfig()
    art = load_art(PIXELS)
    rows, held_out = split(art)
    test = held_out.to(device())
    model = NativeAutoencoder(config).to(device(), memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.lr, betas=(0.9, 0.99), weight_decay=0)
    first = 0
    path = RUNS / "native-autoencoder.pt"
    if path.exists():
        state = load(path)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        first = state["step"]
    else:
        start_from(model, load(RUNS / "autoencoder.pt")["ema"])
        with torch.no_grad():
            for _ in range(3):  # the new channels start at unit variance
                model.follow_statistics(model.encode(test[:32]), 1.0)
    ema = Ema(model, 0.999)
    if path.exists():
        ema.shadow = state["ema"]
    print("start:", measure(model, test), flush=True)
    rng = np.random.default_rng(first)

    def step(i: int, minutes_left: float) -> dict[str, float]:
        for group in optimiser.param_groups:
            group["lr"] = args.lr * rate_factor(i, 200, minutes_left, args.cooldown_minutes)
        noise = config.noise_from + (config.latent_noise - config.noise_from) * min(1, i / config.noise_steps)
        batch = random_crops(art.pixels, rows, args.batch, args.crop, rng).to(device())
        batch = batch.contiguous(memory_format=torch.channels_last)
        background = torch.rand(args.batch, 3, 1, 1, device=device())
        with autocast():
            latent = model.encode(batch)
            whole = (torch.rand(args.batch, 1, 1, 1, device=device()) >= config.nested_share).float()
            seen = latent * whole + model.keep(latent, config.nested) * (1 - whole)
            output = model.decode(seen + noise * torch.randn_like(seen)).float()
            # Nothing else holds the raw scale: the statistics would follow it wherever it drifts.
            variance = latent.float().var((0, 2, 3)).clamp_min(1e-4)
            loss = picture_loss(output, batch, background) + 2e-3 * variance.log().square().mean()
            equivariance = torch.zeros(())
            if i % 3 == 0:
                part = 0.5 if i % 2 else 0.75
                equivariance = 0.25 * equivariance_loss(model, batch, seen, part, background)
        (loss + equivariance).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        model.follow_statistics(latent.detach(), 0.005)
        ema.update(model, i)
        return {"loss": loss.item(), **({"equivariance": equivariance.item()} if i % 3 == 0 else {})}

    def checkpoint(i: int) -> None:
        averaged = NativeAutoencoder(config).to(device())
        averaged.load_state_dict(ema.shadow)
        figures = " ".join(f"{name} {value:.3f}" for name, value in measure(averaged, test).items())
        with torch.no_grad():
            stds = averaged.encode(test).std((0, 2, 3))
        print(f"step {i}: {figures}; deviations {' '.join(f'{x:.2f}' for x in stds.tolist())}", flush=True)
        save(path, model=model.state_dict(), optimiser=optimiser.state_dict(), ema=ema.shadow, step=i)

    train_for(args.minutes, first, step, checkpoint, checkpoint_minutes=10, max_steps=args.max_steps)


if __name__ == "__main__":
    main()
