"""The DiT with global-to-local blocks, to compare with: the first two thirds see tokens of twice the patch.

A quarter of the image tokens in those blocks makes a step cheaper, and so gives more of them in the same time (MPDiT).
Nothing that ships is one: `python -m training.studies teachers` says what it buys.
"""

import torch
from torch import Tensor, nn

from training.config.editions import ModelConfig
from training.nets.model import DiT


class GlobalToLocalDiT(DiT):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        d, p = config.width, 2 * config.patch
        self.coarse_depth = 2 * config.depth // 3
        self.coarse_patchify = nn.Conv2d(config.channels, d, p, stride=p)
        self.refine = nn.Linear(d, 4 * d)  # a coarse token to the four fine ones in its place

    def forward(
        self, latent: Tensor, timestep: Tensor, text: Tensor, text_mask: Tensor, feature_block: int | None = None
    ) -> Tensor:
        """As DiT's; height and width have to be multiples of two patches. Features are not given out: ValueError."""
        if feature_block is not None:
            raise ValueError("features of a global-to-local DiT have two sizes: distil a DiT of one patch size")
        x, context = self.embed(latent, timestep, text, text_mask)
        words, fine = x[:, : text.shape[1]], x[:, text.shape[1] :]

        coarse = self.coarse_patchify(latent)
        b, d, h, w = coarse.shape
        x = torch.cat([words, coarse.flatten(2).transpose(1, 2)], 1)
        x = self.transform(x, self.context(context[0], h, w, text_mask), 0, self.coarse_depth)

        words, coarse = x[:, : text.shape[1]], x[:, text.shape[1] :]
        refined = self.refine(coarse).view(b, h, w, 2, 2, d).transpose(2, 3).reshape(b, 4 * h * w, d)
        x = torch.cat([words, fine + refined], 1)
        return self.velocity(self.transform(x, context, self.coarse_depth, len(self.blocks)), context, latent)


MODELS = {"same": DiT, "global-to-local": GlobalToLocalDiT}
"""By what the blocks see (TeacherRecipe.blocks)."""
