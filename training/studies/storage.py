"""Whether storing the weights otherwise costs quality: held-out prompts drawn by each variant's own ONNX files.

python -m training.export.weight_formats && python -m training.studies.storage    # → runs/variants/<name>/quality.json

The benchmark (`npm run bench -- --only 5`) shows the figure beside bytes and time.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from torch import Tensor
from tqdm import tqdm

from training.evaluate.evaluation import held_out_scenes
from training.data.heldout import plain_caption
from training.nets.scorer import load_judge
from training.method.loop import RUNS
from training.evaluate.metrics import interval, ranks
from training.method.sample import sample
from training.config.schedules import DEFAULT
from training.evaluate.scores import BATCH, CHOICES, Scorer
from training.nets.text import load_tokenizer, tokenize
from training.stages.teacher import Captioner
from training.export.weight_formats import graph_velocity


def draw(folder: Path, captions: list[str]) -> list[Tensor]:
    """Pictures (B, 4, pixels, pixels) a batch, seeds 0 and up, by the three graphs of a folder alone."""
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
def main() -> None:
    captions = [plain_caption(scene) for scene in held_out_scenes()[0]]
    scorer = Scorer(*load_judge(), Captioner())
    texts = scorer.texts(captions)
    for folder in sorted(path.parent for path in (RUNS / "variants").glob("*/manifest.json")):
        images = torch.cat([scorer.images(pictures) for pictures in draw(folder, captions)])
        rank = ranks(images, texts, CHOICES).numpy()
        top1 = interval((rank == 0).astype(np.float64))
        quality = {"top1": top1["mean"], "interval": top1, "top5": interval((rank < 5).astype(np.float64))}
        (folder / "quality.json").write_text(json.dumps(quality, indent=1) + "\n")
        print(f"{folder.name:18} top 1 {100 * top1['mean']:.1f}% ({100 * top1['low']:.1f} to {100 * top1['high']:.1f})")


if __name__ == "__main__":
    main()
