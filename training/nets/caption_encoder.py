"""Captions to what the DiT reads."""

import torch
from torch import Tensor

from training.config.runs import autocast, compiles, device
from training.nets.text import MAX_TOKENS, load_text_encoder, load_tokenizer, tokenize

TextStates = tuple[Tensor, Tensor]
"""Token states (B, T, width) and their mask (B, T)."""


class CaptionEncoder:
    """Captions to padded token states, cut to the longest of the batch."""

    def __init__(self) -> None:
        self.encoder = load_text_encoder().to(device())
        self.tokenizer = load_tokenizer()

    def __call__(self, captions: list[str]) -> TextStates:
        return self.states(*self.tokens(captions))

    def tokens(self, captions: list[str]) -> tuple[Tensor, Tensor]:
        """Ids and mask, int64 (B, T). Compiled blocks get all lengths padded to one: each more is compiled anew."""
        ids, mask = tokenize(self.tokenizer, captions)
        longest = MAX_TOKENS if compiles() else int(mask.sum(1).max())
        return ids[:, :longest], mask[:, :longest]

    @torch.no_grad()
    def states(self, ids: Tensor, mask: Tensor) -> TextStates:
        ids, mask = ids.to(device()), mask.to(device())
        with autocast():
            states = self.encoder(ids, mask)
        return states.float(), mask.float()
