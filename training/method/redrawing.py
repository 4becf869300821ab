"""What the decoder learns on: latents that the student draws again, of pictures that it is not tested with."""

import numpy as np
import torch
from torch import Tensor

from training.config.schedules import DEFAULT
from training.data.art import Art
from training.data.crops import split
from training.data.pack import Pack
from training.method.flow import add_noise
from training.method.rollout import draw
from training.nets.caption_encoder import TextStates
from training.nets.model import DiT


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
def drawn_again(student: DiT, latents: Tensor, text: TextStates, generator: torch.Generator) -> Tensor:
    """Clean latents of the last size as the student's last step draws them."""
    sigma = DEFAULT[-1].sigma
    noise = torch.randn(latents.shape, generator=generator).to(latents.device)
    noisy = add_noise(latents, noise, torch.full((len(latents),), sigma, device=latents.device))
    return draw(student, noisy, sigma, text)
