"""Captions to what the DiT reads."""

import torch
from torch import Tensor

from training.config.runs import autocast, device
from training.nets.text import load_text_encoder, load_tokenizer, tokenize

TextStates = tuple[Tensor, Tensor]
"""Token states (B, T, width) and their mask (B, T)."""


class CaptionEncoder:
    """Captions to padded token states, cut to the longest of the batch."""

    def __init__(self) -> None:
        self.encoder = load_text_encoder().to(device())
        self.tokenizer = load_tokenizer()

    @torch.no_grad()
    def __call__(self, captions: list[str]) -> TextStates:
        ids, mask = tokenize(self.tokenizer, captions)
        longest = int(mask.sum(1).max())
        ids, mask = ids[:, :longest].to(device()), mask[:, :longest].to(device())
        with autocast():
            states = self.encoder(ids, mask)
        return states.float(), mask.float()
