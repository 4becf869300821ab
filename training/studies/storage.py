"""Whether storing the weights otherwise costs quality: held-out prompts drawn by each weight format's own ONNX files.

python -m training.export.formats && python -m training.studies storage    # → runs/weight-formats/<name>/quality.json

The benchmark (`npm run bench -- --only 5`) shows the figure beside bytes and time.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from training.config.whole_file import write_whole
from training.data.heldout import plain_caption
from training.evaluate.evaluation import held_out_scenes
from training.evaluate.metrics import interval, ranks
from training.evaluate.scores import BATCH, CHOICES, Embedder
from training.evaluate.shipped import ShippedModel
from training.export.weight_formats import FOLDER
from training.nets.caption_encoder import CaptionEncoder
from training.nets.trained import load_scorer


def draw(folder: Path, captions: list[str]) -> list[Tensor]:
    """Pictures (B, 4, pixels, pixels) by batch, seeds 0 and up, by the three graphs of a folder alone."""
    model = ShippedModel(folder)
    drawn = []
    for start in tqdm(range(0, len(captions), BATCH), desc=folder.name, mininterval=20):
        part = captions[start : start + BATCH]
        drawn.append(model.decode(model.latents(part, list(range(start, start + len(part))))))
    return drawn


@torch.no_grad()
def run() -> None:
    captions = [plain_caption(scene) for scene in held_out_scenes()[0]]
    embedder = Embedder(*load_scorer(), CaptionEncoder())
    texts = embedder.texts(captions)
    for folder in sorted(path.parent for path in FOLDER.glob("*/manifest.json")):
        images = torch.cat([embedder.images(pictures) for pictures in draw(folder, captions)])
        rank = ranks(images, texts, CHOICES).numpy()
        first, five = (interval((rank < count).astype(np.float64)) for count in (1, 5))
        quality = {"rPrecision1": first["mean"], "interval": first, "rPrecision5": five}
        write_whole(folder / "quality.json", json.dumps(quality, indent=1) + "\n")
        shown = " to ".join(f"{100 * first[end]:.1f}" for end in ("low", "high"))
        print(f"{folder.name:18} R-precision@1 {100 * first['mean']:.1f}% ({shown})")
