"""Sharpens the decoder after the encoder is fixed: latents, and all that was trained on them, stay as they are.

    python -m training.stages.decoder --minutes 20 --cooldown-minutes 10

What it decodes in the end are the student's latents, not the encoder's. Where there is a student, half of the latents
of the last size are therefore drawn again by its last step, from the noise level where that starts: so the decoder
learns to make clean lines and even colours of what is not quite right. The rest of the latents are the encoder's.
"""

import argparse

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.data.art import Art, load_art
from training.nets.autoencoder import load_autoencoder, psnr, reconstruction_loss, split
from training.config.editions import EDITION
from training.method.flow import add_noise
from training.data.pack import Pack, load_pack, scene_pictures
from training.method.loop import RUNS, Ema, autocast, device, load, rate_factor, save, train_for
from training.nets.model import DiT
from training.method.rollout import Text, draw
from training.config.schedules import DEFAULT, SIZES
from training.stages.teacher import Captioner, captions_of

LARGEST_PART = 0.7
"""Of the steps, at the last size; the others share the rest."""


def weights_to_train_on(pack: Pack, art: Art) -> np.ndarray:
    """The pack's, but nothing of drawings that the autoencoder is tested with."""
    tested = np.setdiff1d(np.arange(len(art)), split(art)[0])
    unseen = {(art.styles[row], art.concepts[row].slug) for row in tested}
    kept = [
        all(thing is None or (scene.style, thing.slug) not in unseen for thing in (scene.subject, scene.other))
        for scene in pack.scenes
    ]
    weights = pack.weights * kept
    return weights / weights.sum()


@torch.no_grad()
def drawn_again(student: DiT, latents: Tensor, text: Text, generator: torch.Generator) -> Tensor:
    """Clean latents of the last size as the student's last step draws them."""
    sigma = DEFAULT[-1].sigma
    noise = torch.randn(latents.shape, generator=generator).to(latents.device)
    noisy = add_noise(latents, noise, torch.full((len(latents),), sigma, device=latents.device))
    return draw(student, noisy, sigma, text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--batch", type=int, default=8, help="pictures of the last size; more of smaller ones")
    parser.add_argument("--redrawn", type=float, default=0.5, help="part of the last size's batches, by the student")
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--cooldown-minutes", type=float, default=10, help="the learning rate falls to 0 at the end")
    parser.add_argument("--max-steps", type=int, default=None)
    args = parser.parse_args()

    config = EDITION.autoencoder
    art, pack = load_art(EDITION.pixels), load_pack()
    pictures = scene_pictures(pack)
    weights = weights_to_train_on(pack, art)
    test = split(art)[1].to(device())
    model = load_autoencoder()
    model.decoder.requires_grad_(True).to(memory_format=torch.channels_last)
    student = None
    if (RUNS / "student.pt").exists():
        student, captioner = DiT(EDITION.dit).to(device()).eval(), Captioner()
        student.load_state_dict(load(RUNS / "student.pt")["ema"])
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
    generator = torch.Generator().manual_seed(first)

    def draw_batch() -> tuple[Tensor, Tensor]:
        """Latents and the pictures that they are of."""
        largest = SIZES[-1]
        size = largest if rng.random() < LARGEST_PART else int(rng.choice(SIZES[:-1]))
        rows = rng.choice(len(weights), args.batch * (largest // size) ** 2, p=weights)
        latents = torch.from_numpy(pack.latents[size][rows]).float().to(device())
        shown = torch.from_numpy(pictures[rows]).to(device()).permute(0, 3, 1, 2).float() / 255
        if student and size == largest and rng.random() < args.redrawn:
            latents = drawn_again(student, latents, captioner(captions_of(pack, rows, 0, rng)), generator)
        return latents, F.interpolate(shown, size * config.cell, mode="area")

    def step(i: int, minutes_left: float) -> dict[str, float]:
        for group in optimiser.param_groups:
            group["lr"] = args.lr * rate_factor(i, 50, minutes_left, args.cooldown_minutes)
        latents, target = draw_batch()
        background = torch.rand(len(target), 3, 1, 1, device=device())
        with autocast():
            output = model.decode(latents + config.latent_noise * torch.randn_like(latents)).float()
        loss = reconstruction_loss(output, target, background)
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
