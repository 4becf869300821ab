"""Sharpens the decoder after the encoder is fixed: latents, and all that was trained on them, stay as they are.

python -m training.decoder --minutes 20 --cooldown-minutes 10
"""

import argparse

import numpy as np
import torch
from torch import nn

from training.art import load_art
from training.autoencoder import (
    load_autoencoder,
    psnr,
    random_crops,
    reconstruction_loss,
    split,
)
from training.editions import EDITION
from training.loop import RUNS, Ema, autocast, device, load, rate_factor, save, train_for


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=96)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--cooldown-minutes", type=float, default=10, help="the learning rate falls to 0 at the end")
    parser.add_argument("--max-steps", type=int, default=None)
    args = parser.parse_args()

    config = EDITION.autoencoder
    art = load_art(EDITION.pixels)
    rows, held_out = split(art)
    test = held_out.to(device())
    model = load_autoencoder()
    model.decoder.requires_grad_(True)
    optimiser = torch.optim.AdamW(model.decoder.parameters(), lr=args.lr, betas=(0.9, 0.99), weight_decay=0)
    ema = Ema(model.decoder, 0.998)
    path = RUNS / "decoder.pt"
    first = 0
    if path.exists():
        state = load(path)
        model.decoder.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        ema.shadow, first = state["ema"], state["step"]
    rng = np.random.default_rng(first)

    def step(i: int, minutes_left: float) -> dict[str, float]:
        for group in optimiser.param_groups:
            group["lr"] = args.lr * rate_factor(i, 50, minutes_left, args.cooldown_minutes)
        batch = random_crops(art.pixels, rows, args.batch, args.crop, rng).to(device())
        background = torch.rand(args.batch, 3, 1, 1, device=device())
        with autocast():
            with torch.no_grad():
                latent = model.encode(batch)
            output = model.decode(latent + config.latent_noise * torch.randn_like(latent)).float()
        loss = reconstruction_loss(output, batch, background)
        loss.backward()
        nn.utils.clip_grad_norm_(model.decoder.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        ema.update(model.decoder, i)
        return {"loss": loss.item()}

    def checkpoint(i: int) -> None:
        trained = {name: value.clone() for name, value in model.decoder.state_dict().items()}
        model.decoder.load_state_dict(ema.shadow)
        print(f"step {i}: held-out PSNR {psnr(model, test):.2f} dB", flush=True)
        model.decoder.load_state_dict(trained)
        save(path, model=trained, optimiser=optimiser.state_dict(), ema=ema.shadow, step=i)

    train_for(args.minutes, first, step, checkpoint, max_steps=args.max_steps)


if __name__ == "__main__":
    main()
