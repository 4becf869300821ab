"""A contrastive image-text net that scores pictures. It is trained on real renders alone and never on generated ones,
and takes no part in any training loss: only so can it say how well a model follows its prompts.

    python -m training.nets.scorer --minutes 12      # takes 60 pictures a second on two cores; evaluate.py tests it
"""

import argparse
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.data.captions import Scene, caption, contraries
from training.data.heldout import key
from training.data.pack import Pack, load_pack, scene_pictures
from training.method.loop import RUNS, autocast, device, load, rate_factor, save, train_for
from training.stages.teacher import Captioner

PATH = RUNS / "judge.pt"


@dataclass(frozen=True)
class JudgeConfig:
    pixels: int = 64
    widths: tuple[int, int, int] = (32, 64, 128)
    text_width: int = 384
    hidden: int = 192
    embedding: int = 256
    # A batch is groups of pictures that share their subject, so that colours, counts and companions must be told apart.
    groups: int = 40
    group_size: int = 4
    lr: float = 1e-3
    shift: int = 4  # pixels that a picture is moved by at most


class ResidualBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Judge(nn.Module):
    """Pictures and captions to unit vectors of one space; their products say how well they fit."""

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for width in config.widths:
            layers += [nn.Conv2d(before, width, 4, stride=2, padding=1), ResidualBlock(width)]
            before = width
        # The place of things matters ("on top of"), so the last cells are not averaged before the projection.
        self.image = nn.Sequential(*layers, nn.AvgPool2d(2), nn.Flatten(), nn.SiLU())
        cells = (config.pixels // 2 ** (len(config.widths) + 1)) ** 2
        self.image_out = nn.Linear(before * cells, config.embedding)
        self.text_in = nn.Linear(config.text_width, config.hidden)
        self.text = nn.TransformerEncoderLayer(
            config.hidden, 4, 2 * config.hidden, dropout=0.0, batch_first=True, norm_first=True
        )
        self.text_out = nn.Linear(config.hidden, config.embedding)
        self.log_scale = nn.Parameter(torch.tensor(2.5))

    def embed_images(self, rgb: Tensor) -> Tensor:
        """(B, 3, pixels, pixels) in [0, 1] → (B, embedding)."""
        return F.normalize(self.image_out(self.image(2 * rgb - 1)).float(), dim=-1)

    def embed_texts(self, states: Tensor, mask: Tensor) -> Tensor:
        """Token states (B, T, text_width), mask (B, T) → (B, embedding)."""
        tokens = self.text(self.text_in(states), src_key_padding_mask=mask == 0)
        mean = (tokens * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize(self.text_out(mean).float(), dim=-1)


def contrastive_loss(
    images: Tensor, texts: Tensor, scale: Tensor, same: Tensor, contrary: Tensor | None = None
) -> Tensor:
    """Symmetric InfoNCE. same (B, B): pairs that show the same thing and so are no negatives of each other.
    contrary (B, D): one more negative for each picture, all zeros where there is none."""
    logits = scale * images @ texts.T
    others = same & ~torch.eye(len(same), dtype=torch.bool, device=same.device)
    logits = logits.masked_fill(others, -torch.inf)
    target = torch.arange(len(logits), device=logits.device)
    by_text = F.cross_entropy(logits.T, target)
    if contrary is not None:
        wrong = scale * (images * contrary).sum(1, keepdim=True)
        logits = torch.cat([logits, wrong.masked_fill(~contrary.any(1, keepdim=True), -torch.inf)], 1)
    return (F.cross_entropy(logits, target) + by_text) / 2


def on_background(pictures: Tensor, colour: Tensor) -> Tensor:
    """Premultiplied (B, 4, H, W) in [0, 1] over colours (B, 3) → (B, 3, H, W)."""
    return pictures[:, :3] + (1 - pictures[:, 3:]) * colour[:, :, None, None]


def shrink(pictures: Tensor, config: JudgeConfig) -> Tensor:
    """(B, 4, H, W) of any size to the judge's, over white, as every picture is judged."""
    small = F.interpolate(pictures, config.pixels, mode="area")
    return on_background(small, torch.ones(len(small), 3, device=small.device)).clamp(0, 1)


def small_pictures(pack: Pack, config: JudgeConfig) -> np.ndarray:
    """Every scene of the pack as the judge sees it: uint8 (count, pixels, pixels, 4)."""
    pictures = scene_pictures(pack)
    small = np.empty((len(pictures), config.pixels, config.pixels, 4), np.uint8)
    for i in range(0, len(pictures), 64):
        part = torch.tensor(pictures[i : i + 64]).permute(0, 3, 1, 2).float()
        small[i : i + 64] = F.interpolate(part, config.pixels, mode="area").round().permute(0, 2, 3, 1)
    return small


def load_judge() -> tuple[Judge, JudgeConfig]:
    """Raises FileNotFoundError that names the command which trains it."""
    if not PATH.exists():
        raise FileNotFoundError(f"{PATH} is missing: run `python -m training.nets.scorer` first")
    config = JudgeConfig()
    model = Judge(config).to(device())
    model.load_state_dict(load(PATH)["model"])
    return model.eval().requires_grad_(False), config


class GroupSampler:
    """Rows of scenes in groups that share a subject."""

    def __init__(self, scenes: list[Scene], weights: np.ndarray, config: JudgeConfig) -> None:
        self.config = config
        self.weights = weights
        self.subject = [scene.subject.slug for scene in scenes]
        self.rows: dict[str, list[int]] = {}
        for row, slug in enumerate(self.subject):
            self.rows.setdefault(slug, []).append(row)

    def __call__(self, rng: np.random.Generator) -> np.ndarray:
        anchors = rng.choice(len(self.weights), self.config.groups, p=self.weights)
        groups = [rng.choice(self.rows[self.subject[row]], self.config.group_size - 1) for row in anchors]
        return np.concatenate([anchors, *groups])


def contrary_captions(scenes: list[Scene], generic: set[str], rng: np.random.Generator) -> dict[int, str]:
    """By row of the scene: a wrong caption, told from a right one only by which thing is where, or how."""
    chosen = {row: list(contraries(scene).values()) for row, scene in enumerate(scenes)}
    return {row: caption(wrong[int(rng.integers(len(wrong)))], generic, rng) for row, wrong in chosen.items() if wrong}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--max-steps", type=int, default=None)
    args = parser.parse_args()
    config = JudgeConfig()
    pack = load_pack()
    pictures = small_pictures(pack, config)
    sampler = GroupSampler(pack.scenes, pack.weights, config)
    captioner = Captioner()
    torch.manual_seed(1)
    model = Judge(config).to(device())
    optimiser = torch.optim.AdamW(model.parameters(), lr=config.lr, weight_decay=0.05)
    rng = np.random.default_rng(1)
    ids: dict[object, int] = {}
    identity = np.array([ids.setdefault(key(scene), len(ids)) for scene in pack.scenes])

    def step(i: int, minutes_left: float) -> dict[str, float]:
        for group in optimiser.param_groups:
            group["lr"] = config.lr * rate_factor(i, 50, minutes_left, args.minutes / 2)
        rows = sampler(rng)
        rgba = torch.from_numpy(pictures[rows]).permute(0, 3, 1, 2).float().to(device()) / 255
        backgrounds = torch.rand(len(rows), 3, device=rgba.device)
        backgrounds[rng.random(len(rows)) < 0.5] = 1
        dy, dx = (int(d) for d in rng.integers(-config.shift, config.shift + 1, 2))
        rgb = on_background(torch.roll(rgba, (dy, dx), (2, 3)), backgrounds)
        scenes = [pack.scenes[row] for row in rows]
        text = captioner([caption(scene, pack.generic, rng) for scene in scenes])
        wrong = contrary_captions(scenes, pack.generic, rng)
        wrong_text = captioner(list(wrong.values())) if wrong else None
        same = torch.from_numpy(identity[rows][:, None] == identity[rows][None]).to(device())
        with autocast():
            images, texts = model.embed_images(rgb), model.embed_texts(*text)
            contrary = torch.zeros_like(texts)
            if wrong_text:
                contrary[list(wrong)] = model.embed_texts(*wrong_text)
        loss = contrastive_loss(images, texts, model.log_scale.exp().clamp(max=100), same, contrary)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return {"contrastive": loss.item()}

    def checkpoint(i: int) -> None:
        save(PATH, model=model.state_dict(), step=i)

    train_for(args.minutes, 0, step, checkpoint, max_steps=args.max_steps)


if __name__ == "__main__":
    main()
