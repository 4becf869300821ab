"""Trains the CLIP-style scorer that the evaluation asks (nets/scorer.py), on real renders alone.

python -m training.stages.scorer --recipe emoji-0.7.0      # takes 60 pictures a second on two cores
"""

import numpy as np
import torch

from training.config.arguments import stage_order
from training.config.recipes import ScorerRecipe
from training.config.runs import RUNS, autocast, device, ranks, save
from training.data.captions import caption
from training.data.compositing import over
from training.data.groups import GroupSampler, contrary_captions, small_pictures
from training.data.pack import load_pack
from training.data.scenes import key
from training.method.loop import Progress, rate_factor, train_for
from training.method.losses.scorer import InfoNce, ScorerInputs
from training.nets.caption_encoder import CaptionEncoder
from training.nets.scorer import Scorer, ScorerConfig
from training.programs import run_program


def main() -> None:
    order = stage_order(ScorerRecipe, __doc__)
    recipe, config = order.recipe, ScorerConfig()
    pack = load_pack()
    pictures = small_pictures(pack, config.pixels)
    draw_rows = GroupSampler(pack.scenes, pack.weights, recipe)
    encode = CaptionEncoder()
    torch.manual_seed(1)
    model = Scorer(config).to(device())
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
    rng = np.random.default_rng(1)
    ids: dict[object, int] = {}
    identity = np.array([ids.setdefault(key(scene), len(ids)) for scene in pack.scenes])
    info_nce = InfoNce()

    def step(progress: Progress) -> dict[str, float]:
        for group in optimiser.param_groups:
            group["lr"] = recipe.lr * rate_factor(progress, recipe.warmup_steps, recipe.cooldown_minutes)
        rows = draw_rows(rng)
        rgba = torch.from_numpy(pictures[rows]).permute(0, 3, 1, 2).float().to(device()) / 255
        backgrounds = torch.rand(len(rows), 3, device=rgba.device)
        backgrounds[rng.random(len(rows)) < 0.5] = 1
        dy, dx = (int(d) for d in rng.integers(-recipe.moved, recipe.moved + 1, 2))
        rgb = over(torch.roll(rgba, (dy, dx), (2, 3)), backgrounds)
        scenes = [pack.scenes[row] for row in rows]
        text = encode([caption(scene, pack.generic, rng) for scene in scenes])
        wrong = contrary_captions(scenes, pack.generic, rng)
        wrong_text = encode(list(wrong.values())) if wrong else None
        same = torch.from_numpy(identity[rows][:, None] == identity[rows][None]).to(device())
        with autocast():
            images, texts = model.embed_images(rgb), model.embed_texts(*text)
            contrary = torch.zeros_like(texts)
            if wrong_text:
                contrary[list(wrong)] = model.embed_texts(*wrong_text)
        loss = info_nce(ScorerInputs(images, texts, model.log_scale.exp().clamp(max=100), same, contrary))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"contrastive": loss.item()}

    def checkpoint(i: int) -> None:
        save(RUNS / f"{order.name}.pt", model=model.state_dict(), step=i, recipe=order.record)

    # From scratch each time: it takes minutes, and the evaluation names its steps.
    train_for(recipe.minutes, 0, step, checkpoint, max_steps=order.max_steps)


if __name__ == "__main__":
    with ranks(ScorerRecipe.stage):
        run_program(main)
