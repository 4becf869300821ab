"""A latent pack that lies whole on the device, captions' states too, so that drawing a batch needs no Python."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.config.runs import device
from training.data.pack import Pack, captions_of
from training.nets.caption_encoder import CaptionEncoder, TextStates
from training.nets.text import MAX_TOKENS

AT_ONCE = 2048
"""Captions that the text encoder reads together."""


@dataclass(frozen=True)
class ResidentPack:
    """latents: size → float16 (rows, C, size, size). ends: float64 (rows,), the running sum of the rows' weights, which
    add up to 1. captions: int64 (rows, wordings), places in the states. states: (captions, T, width) and mask
    (captions, T); those of the empty prompt come first."""

    latents: dict[int, Tensor]
    ends: Tensor
    captions: Tensor
    states: Tensor
    mask: Tensor

    def draw(self, size: int, count: int, drop_caption: float) -> tuple[Tensor, TextStates]:
        """Clean latents (count, C, size, size), by weight, with one of their captions each, or with none."""
        at = self.ends.device
        rows = torch.searchsorted(self.ends, torch.rand(count, device=at, dtype=torch.float64))
        rows = rows.clamp(max=len(self.ends) - 1)  # the sum of the weights may be a little under 1
        wording = torch.randint(self.captions.shape[1], (count,), device=at)
        captions = self.captions[rows, wording]
        captions = torch.where(torch.rand(count, device=at) < drop_caption, 0, captions)
        return self.latents[size][rows].float(), (self.states[captions].float(), self.mask[captions].float())


def wordings_of(pack: Pack, wordings: int, encode: CaptionEncoder, seed: int) -> tuple[Tensor, Tensor]:
    """Captions of every row as ids, int16 (captions, T), the empty one first; and which are whose, (rows, wordings)."""
    rng = np.random.default_rng(seed)
    known: dict[str, int] = {"": 0}
    places = np.zeros((len(pack.scenes), wordings), np.int64)
    for row in range(len(pack.scenes)):
        for i, text in enumerate(captions_of(pack, [row] * wordings, 0, rng)):
            places[row, i] = known.setdefault(text, len(known))
    texts = list(known)
    ids = torch.zeros(len(texts), MAX_TOKENS, dtype=torch.int16)
    for start in range(0, len(texts), AT_ONCE):
        part, _ = encode.tokens(texts[start : start + AT_ONCE])
        ids[start : start + len(part), : part.shape[1]] = part
    return ids, torch.from_numpy(places)


def states_of(ids: Tensor, encode: CaptionEncoder) -> TextStates:
    """bfloat16 states (captions, T, width) and mask on this device. A token 0 is padding."""
    states, masks = [], []
    for part in ids.long().split(AT_ONCE):
        mask = (part != 0).long()
        states.append(encode.states(part, mask)[0].bfloat16())
        masks.append(mask.to(device(), torch.bfloat16))
    return torch.cat(states), torch.cat(masks)


def running_sum(weights: np.ndarray) -> Tensor:
    return torch.from_numpy(np.cumsum(weights / weights.sum())).to(device())


def resident(pack: Pack, encode: CaptionEncoder, wordings: int, seed: int = 0) -> ResidentPack:
    """wordings: captions that each row keeps; more of them take more memory (18 kB each)."""
    ids, places = wordings_of(pack, wordings, encode, seed)
    latents = {size: torch.from_numpy(kept).to(device()) for size, kept in pack.latents.items()}
    return ResidentPack(latents, running_sum(pack.weights), places.to(device()), *states_of(ids, encode))
