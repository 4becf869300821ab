"""The teacher: a multi-resolution DiT trained by flow matching on the latent pack.

python -m training.stages.teacher --minutes 60                          # again and again: it resumes
python -m training.stages.teacher --minutes 20 --cooldown-minutes 20    # the last slice: the rate falls to zero
"""

import argparse
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from training.data.captions import caption
from training.config.editions import EDITION
from training.method.flow import add_noise, random_sigmas
from training.nets.global_local import GlobalToLocalDiT
from training.data.pack import Pack, load_pack
from training.method.loop import RUNS, Ema, autocast, device, load, rate_factor, save, train_for
from training.nets.model import DiT
from training.nets.text import load_text_encoder, load_tokenizer, tokenize


@dataclass(frozen=True)
class TrainConfig:
    batches: tuple[tuple[int, float, int], ...] = EDITION.teacher_batches
    optimiser: str = "muon"
    muon_lr: float = 3e-3  # for the blocks' matrices, scaled to AdamW's update size
    adam_lr: float = 8e-4  # for the rest
    drop_caption: float = 0.1  # guidance needs a model of pictures without a prompt
    ema: float = 0.999


MODELS = {"same": DiT, "global-to-local": GlobalToLocalDiT}
"""By what the blocks see."""


class Captioner:
    """Captions to padded token states, cut to the longest of the batch."""

    def __init__(self) -> None:
        self.encoder = load_text_encoder().to(device())
        self.tokenizer = load_tokenizer()

    @torch.no_grad()
    def __call__(self, captions: list[str]) -> tuple[Tensor, Tensor]:
        ids, mask = tokenize(self.tokenizer, captions)
        longest = int(mask.sum(1).max())
        ids, mask = ids[:, :longest].to(device()), mask[:, :longest].to(device())
        with autocast():
            states = self.encoder(ids, mask)
        return states.float(), mask.float()


def optimisers(model: DiT, config: TrainConfig) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks (not the modulation: see RECIPE), AdamW for everything else; or AdamW for
    all, to compare with."""
    matrices = [p for n, p in model.blocks.named_parameters() if p.ndim == 2 and "modulation" not in n]
    if config.optimiser == "adamw":
        matrices = []
    chosen = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    adamw = torch.optim.AdamW(rest, lr=config.adam_lr, betas=(0.9, 0.95), weight_decay=0.0)
    if not matrices:
        return [adamw]
    muon = torch.optim.Muon(matrices, lr=config.muon_lr, weight_decay=0.0, adjust_lr_fn="match_rms_adamw")
    return [muon, adamw]


def draw_batch(pack: Pack, size: int, count: int, rng: np.random.Generator) -> tuple[np.ndarray, Tensor]:
    """Rows drawn by their weights, and their latents (count, C, size, size)."""
    rows = rng.choice(len(pack.weights), count, p=pack.weights)
    return rows, torch.from_numpy(pack.latents[size][rows]).float().to(device())


def captions_of(pack: Pack, rows: np.ndarray, drop: float, rng: np.random.Generator) -> list[str]:
    return ["" if rng.random() < drop else caption(pack.scenes[row], pack.generic, rng) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--cooldown-minutes", type=float, default=0, help="the learning rate falls to 0 at the end")
    parser.add_argument("--batch", type=float, default=1.0, help="part of the usual batch")
    parser.add_argument("--max-steps", type=int, default=None)
    parser.add_argument("--optimiser", choices=["muon", "adamw"], default=TrainConfig.optimiser)
    parser.add_argument("--adam-lr", type=float, default=TrainConfig.adam_lr)
    parser.add_argument("--blocks", choices=MODELS, default="same")
    parser.add_argument("--name", default="teacher", help="of the checkpoint in training/runs")
    args = parser.parse_args()

    config = TrainConfig(optimiser=args.optimiser, adam_lr=args.adam_lr)
    pack = load_pack()
    captioner = Captioner()
    torch.manual_seed(0)
    model = MODELS[args.blocks](EDITION.dit).to(device())
    ema = Ema(model, config.ema)
    optims = optimisers(model, config)
    base_rates = [group["lr"] for optim in optims for group in optim.param_groups]
    path = RUNS / f"{args.name}.pt"
    first, samples = 0, 0
    if path.exists():
        state = load(path)
        model.load_state_dict(state["model"])
        for optim, saved in zip(optims, state.get("optimisers", ()), strict=False):
            optim.load_state_dict(saved)
        ema.shadow, first, samples = state["ema"], state["step"], state["samples"]
    rng = np.random.default_rng(first)
    generator = torch.Generator().manual_seed(first)
    sizes, parts, counts = zip(*config.batches, strict=True)
    batch_of = {size: max(1, round(count * args.batch)) for size, count in zip(sizes, counts, strict=True)}

    def step(i: int, minutes_left: float) -> dict[str, float]:
        nonlocal samples
        factor = rate_factor(i, 100, minutes_left, args.cooldown_minutes)
        rates = iter(base_rates)
        for optim in optims:
            for group in optim.param_groups:
                group["lr"] = next(rates) * factor
        size = int(rng.choice(sizes, p=parts))
        rows, x0 = draw_batch(pack, size, batch_of[size], rng)
        text, mask = captioner(captions_of(pack, rows, config.drop_caption, rng))
        sigma = random_sigmas(len(rows), generator).to(device())
        noise = torch.randn(x0.shape, generator=generator).to(device())
        with autocast():
            velocity = model(add_noise(x0, noise, sigma), 1000 * sigma, text, mask)
        loss = (velocity.float() - (noise - x0)).square().mean()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optim in optims:
            optim.step()
            optim.zero_grad(set_to_none=True)
        ema.update(model, i)
        samples += len(rows)
        return {f"velocity{size}": loss.item(), "samples": float(samples)}

    def checkpoint(i: int) -> None:
        save(
            path,
            model=model.state_dict(),
            ema=ema.shadow,
            optimisers=[optim.state_dict() for optim in optims],
            step=i,
            samples=samples,
        )

    train_for(args.minutes, first, step, checkpoint, max_steps=args.max_steps)


if __name__ == "__main__":
    main()
