"""The autoencoder: premultiplied RGBA pictures to latents of 8 or 16 pixels a cell, and back.

    python -m training.nets.autoencoder --minutes 25

The heavy layers work at the resolution of the cells and twice that; a last pixel shuffle makes the pixels, so that a
decode stays cheap in a browser. No norms: they would tie a cell's value to the rest of the picture, and latents here
are resized between scales.
"""

import argparse

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.data.art import Art, load_art
from training.config.editions import EDITION, AutoencoderConfig
from training.method.loop import RUNS, Ema, autocast, device, load, rate_factor, save, train_for

TINY_AUTOENCODER = AutoencoderConfig(
    encoder_widths=(24, 32), encoder_blocks=(1, 1), decoder_widths=(32, 24, 16), decoder_blocks=(1, 1, 1)
)


class ResidualBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.a = nn.Conv2d(width, width, 3, padding=1)
        self.b = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.b.weight)
        nn.init.zeros_(self.b.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.b(F.relu(self.a(F.relu(x))))


class Autoencoder(nn.Module):
    """encode: (B, 4, H, W) in [0, 1] premultiplied → (B, C, H/cell, W/cell), unit variance a channel once
    `normalise`d. decode: the inverse. H and W are multiples of a cell's pixels."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        quarter, eighth = config.encoder_widths
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(64, quarter, 3, padding=1),
            *(ResidualBlock(quarter) for _ in range(config.encoder_blocks[0])),
            nn.Conv2d(quarter, eighth, 2, stride=2),
            *(ResidualBlock(eighth) for _ in range(config.encoder_blocks[1])),
            nn.ReLU(),
            nn.Conv2d(eighth, config.channels, 3, padding=1),
        )
        widths = config.decoder_widths
        layers: list[nn.Module] = [nn.Conv2d(config.channels, widths[0], 3, padding=1)]
        for width, blocks, following in zip(widths, config.decoder_blocks, [*widths[1:], None], strict=True):
            layers += [ResidualBlock(width) for _ in range(blocks)]
            if following:
                layers += [nn.Conv2d(width, following * 4, 1), nn.PixelShuffle(2)]
        self.decoder = nn.Sequential(*layers, nn.ReLU(), nn.Conv2d(widths[-1], 16, 3, padding=1), nn.PixelShuffle(2))
        self.register_buffer("mean", torch.zeros(config.channels, 1, 1))
        self.register_buffer("std", torch.ones(config.channels, 1, 1))

    def encode(self, picture: Tensor) -> Tensor:
        seen = F.avg_pool2d(picture, self.config.finer) if self.config.finer > 1 else picture
        return (self.encoder(seen * 2 - 1) - self.mean) / self.std

    def decode(self, latent: Tensor) -> Tensor:
        return self.decoder(latent * self.std + self.mean) * 0.5 + 0.5

    @torch.no_grad()
    def normalise(self, pictures: Tensor) -> None:
        """Measure each channel's mean and deviation over the pictures; encode and decode then use them."""
        raw = self.encode(pictures) * self.std + self.mean
        self.mean.copy_(raw.mean((0, 2, 3)).view(-1, 1, 1))
        self.std.copy_(raw.std((0, 2, 3)).view(-1, 1, 1))


def composite(picture: Tensor, background: Tensor) -> Tensor:
    """Premultiplied RGBA over a colour (B, 3, 1, 1), the alpha kept as fourth channel."""
    return torch.cat([picture[:, :3] + (1 - picture[:, 3:]) * background, picture[:, 3:]], 1)


def gradients(x: Tensor) -> tuple[Tensor, Tensor]:
    return x[..., 1:, :] - x[..., :-1, :], x[..., :, 1:] - x[..., :, :-1]


def reconstruction_loss(output: Tensor, target: Tensor, background: Tensor) -> Tensor:
    """L1 on colours over a random background and on alpha, plus half the L1 of gradients for crisp edges."""
    a, b = composite(output, background), composite(target, background)
    loss = (a - b).abs().mean()
    for da, db in zip(gradients(a), gradients(b), strict=True):
        loss = loss + 0.5 * (da - db).abs().mean()
    return loss


def random_crops(pixels: np.ndarray, rows: np.ndarray, count: int, crop: int, rng: np.random.Generator) -> Tensor:
    """(count, 4, crop, crop) in [0, 1]: cuts of whole pictures at full, 3/4 or half size, flipped, colours swapped."""
    size = pixels.shape[1]
    scaled = int(rng.choice([size, size, size * 3 // 4, size // 2]))
    scaled = max(scaled, crop)
    out = torch.empty(count, 4, crop, crop)
    for i in range(count):
        picture = torch.tensor(pixels[rng.choice(rows)]).permute(2, 0, 1)[None] / 255
        if scaled != size:
            picture = F.interpolate(picture, scaled, mode="area")
        y, x = rng.integers(0, scaled - crop + 1, 2)
        cut = picture[0, :, y : y + crop, x : x + crop]
        if rng.random() < 0.5:
            cut = cut.flip(-1)
        if rng.random() < 0.5:  # new colours for the same lines
            cut = torch.cat([cut[torch.from_numpy(rng.permutation(3))], cut[3:]])
        out[i] = cut
    return out


def equivariance_loss(model: Autoencoder, picture: Tensor, latent: Tensor, background: Tensor) -> Tensor:
    """The sampler resizes latents, so a resized latent must mean the resized picture (arXiv 2502.14831)."""
    small = F.interpolate(picture, scale_factor=0.5, mode="area")
    resized = F.interpolate(latent, scale_factor=0.5, mode="area")
    decoded = reconstruction_loss(model.decode(resized), small, background)
    return 0.25 * decoded + 0.1 * (model.encode(small) - resized).abs().mean()


@torch.no_grad()
def psnr(model: Autoencoder, pictures: Tensor) -> float:
    """Decibels of whole pictures over grey, in float32."""
    grey = torch.full((len(pictures), 3, 1, 1), 0.5, device=pictures.device)
    output = composite(model.decode(model.encode(pictures)).clamp(0, 1), grey)
    return float(-10 * torch.log10((output - composite(pictures, grey)).square().mean()))


def split(art: Art) -> tuple[np.ndarray, Tensor]:
    """Rows to train on, and 96 pictures (96, 4, size, size) in [0, 1] of the one in forty that never are."""
    held_out = np.arange(0, len(art), 40)
    pictures = torch.from_numpy(art.pixels[held_out[:96]]).permute(0, 3, 1, 2).float() / 255
    return np.setdiff1d(np.arange(len(art)), held_out), pictures


def load_autoencoder() -> Autoencoder:
    """The averaged autoencoder, with the decoder of training/decoder.py where that stage has run."""
    model = Autoencoder(EDITION.autoencoder).to(device())
    model.load_state_dict(load(RUNS / "autoencoder.pt")["ema"])
    if (RUNS / "decoder.pt").exists():
        model.decoder.load_state_dict(load(RUNS / "decoder.pt")["ema"])
    return model.eval().requires_grad_(False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--crop", type=int, default=8 * EDITION.autoencoder.cell)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--max-steps", type=int, default=None)
    parser.add_argument("--cooldown-minutes", type=float, default=0, help="the learning rate falls to 0 at the end")
    args = parser.parse_args()

    config = EDITION.autoencoder
    art = load_art(EDITION.pixels)
    rows, held_out = split(art)
    test = held_out.to(device())
    model = Autoencoder(config).to(device(), memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.lr, betas=(0.9, 0.99), weight_decay=0)
    ema = Ema(model, 0.999)
    first = 0
    path = RUNS / "autoencoder.pt"
    if path.exists():
        state = load(path)
        model.load_state_dict(state["model"])
        if "optimiser" in state:  # training/checkpoint.py keeps none
            optimiser.load_state_dict(state["optimiser"])
        ema.shadow, first = state["ema"], state["step"]
    rng = np.random.default_rng(first)

    def step(i: int, minutes_left: float) -> dict[str, float]:
        for group in optimiser.param_groups:
            group["lr"] = args.lr * rate_factor(i, 100, minutes_left, args.cooldown_minutes)
        batch = random_crops(art.pixels, rows, args.batch, args.crop, rng).to(device())
        batch = batch.contiguous(memory_format=torch.channels_last)
        background = torch.rand(args.batch, 3, 1, 1, device=device())
        with autocast():
            latent = model.encode(batch)
            output = model.decode(latent + config.latent_noise * torch.randn_like(latent)).float()
            loss = reconstruction_loss(output, batch, background) + 1e-4 * latent.square().mean()
            equivariance = equivariance_loss(model, batch, latent, background) if i % 2 else torch.zeros(())
        (loss + equivariance).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        ema.update(model, i)
        return {"loss": loss.item(), **({"equivariance": equivariance.item()} if i % 2 else {})}

    def checkpoint(i: int) -> None:
        averaged = Autoencoder(config).to(device())
        averaged.load_state_dict(ema.shadow)
        averaged.normalise(test)
        shadow = averaged.state_dict()
        print(f"step {i}: held-out PSNR {psnr(averaged, test):.2f} dB", flush=True)
        save(path, model=model.state_dict(), optimiser=optimiser.state_dict(), ema=shadow, step=i)

    train_for(args.minutes, first, step, checkpoint, max_steps=args.max_steps)


if __name__ == "__main__":
    main()
