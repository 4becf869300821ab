"""The teacher's optimisers."""

import torch

from training.config.recipes import TeacherRecipe
from training.nets.model import DiT


def optimisers(model: DiT, recipe: TeacherRecipe) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks, AdamW for everything else; or AdamW for all, to compare with. A block's
    modulation is left to AdamW: it is six maps in one matrix, which Muon would orthogonalise together."""
    matrices = [p for n, p in model.blocks.named_parameters() if p.ndim == 2 and "modulation" not in n]
    if recipe.optimiser == "adamw":
        matrices = []
    chosen = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    adamw = torch.optim.AdamW(rest, lr=recipe.adam_lr, betas=(0.9, 0.95), weight_decay=0.0)
    if not matrices:
        return [adamw]
    muon = torch.optim.Muon(matrices, lr=recipe.muon_lr, weight_decay=0.0, adjust_lr_fn="match_rms_adamw")
    return [muon, adamw]
