"""The teacher's optimisers."""

import torch
from torch import Tensor

from training.config.recipes import TeacherRecipe
from training.method.muon import BatchedMuon
from training.nets.model import DiT


def shared_out(model: DiT, recipe: TeacherRecipe) -> tuple[list[Tensor], list[Tensor]]:
    """Muon's parameters and AdamW's: Muon's are the matrices inside the blocks, or none. A block's modulation is left
    to AdamW: it is six maps in one matrix, which Muon would orthogonalise together."""
    matrices = [p for n, p in model.blocks.named_parameters() if p.ndim == 2 and "modulation" not in n]
    if recipe.optimiser == "adamw":
        matrices = []
    chosen = {id(p) for p in matrices}
    return matrices, [p for p in model.parameters() if id(p) not in chosen]


def optimisers(model: DiT, recipe: TeacherRecipe) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks, AdamW for everything else; or AdamW for all, to compare with."""
    matrices, rest = shared_out(model, recipe)
    adamw = torch.optim.AdamW(rest, lr=recipe.adam_lr, betas=(0.9, 0.95), weight_decay=0.0)
    if not matrices:
        return [adamw]
    muon = torch.optim.Muon(matrices, lr=recipe.muon_lr, weight_decay=0.0, adjust_lr_fn="match_rms_adamw")
    return [muon, adamw]


def capturable_optimisers(model: DiT, recipe: TeacherRecipe) -> list[torch.optim.Optimizer]:
    """The same, for a step that is captured in a CUDA graph: learning rates are tensors."""
    matrices, rest = shared_out(model, recipe)
    at = rest[0].device
    gpu = at.type == "cuda"
    rate = torch.tensor(recipe.adam_lr, device=at)
    adamw = torch.optim.AdamW(rest, rate, betas=(0.9, 0.95), weight_decay=0.0, capturable=gpu, fused=gpu)
    return [BatchedMuon(matrices, recipe.muon_lr), adamw] if matrices else [adamw]
