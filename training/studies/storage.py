"""Whether storing the weights otherwise costs quality: held-out prompts drawn by each weight format's own ONNX files.

python -m training.export.formats && python -m training.studies storage    # → runs/weight-formats/<name>/quality.json

The benchmark (`npm run bench -- --only 5`) shows the figure beside bytes and time.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from torch import Tensor
from tqdm import tqdm

from training.config.schedules import DEFAULT
from training.data.heldout import plain_caption
from training.evaluate.evaluation import held_out_scenes
from training.evaluate.metrics import interval, ranks
from training.evaluate.scores import BATCH, CHOICES, Embedder
from training.export.weight_formats import FOLDER, graph_velocity
from training.method.sample import sample
from training.nets.caption_encoder import CaptionEncoder
from training.nets.text import load_tokenizer, tokenize
from training.nets.trained import load_scorer


def draw(folder: Path, captions: list[str]) -> list[Tensor]:
    """Pictures (B, 4, pixels, pixels) by batch, seeds 0 and up, by the three graphs of a folder alone."""
    text, denoiser, decoder = (
        ort.InferenceSession(folder / f"{graph}.onnx") for graph in ("text-encoder", "denoiser", "decoder")
    )
    tokenizer = load_tokenizer()
    drawn = []
    for start in tqdm(range(0, len(captions), BATCH), desc=folder.name, mininterval=20):
        part = captions[start : start + BATCH]
        ids, mask = tokenize(tokenizer, part)
        longest = int(mask.sum(1).max())
        ids, mask = ids[:, :longest], mask[:, :longest]
        states = text.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
        x0 = sample(graph_velocity(denoiser, states, mask), DEFAULT, list(range(start, start + len(part))))[-1]
        drawn.append(torch.from_numpy(decoder.run(None, {"latent": x0.numpy()})[0]).clamp(0, 1))
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
        (folder / "quality.json").write_text(json.dumps(quality, indent=1) + "\n")
        shown = " to ".join(f"{100 * first[end]:.1f}" for end in ("low", "high"))
        print(f"{folder.name:18} R-precision@1 {100 * first['mean']:.1f}% ({shown})")
