"""What is measured of drawn pictures and how it is scored: the scorer's embeddings, and the questions put to it."""

from dataclasses import dataclass, fields, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.canvas import PLACEMENTS
from training.data.colour import COLOURS
from training.data.compositing import over_white
from training.data.dress import ITEMS
from training.data.heldout import plain_caption
from training.data.scenes import Scene, contraries, kind_of
from training.evaluate.metrics import chosen_right, edge_strength, fid, interval, kid, ranks
from training.nets.caption_encoder import CaptionEncoder
from training.nets.scorer import Scorer, ScorerConfig, shrink

CHOICES = 100
BATCH = 50


@dataclass(frozen=True)
class Seen:
    """What is measured of N pictures. images: the scorer's embeddings (N, D); patches: those of each picture's quarters
    (4·N, D); edges: how strong the edges are (N,)."""

    images: Tensor
    patches: Tensor
    edges: Tensor


def together(parts: list[Seen]) -> Seen:
    return Seen(*(torch.cat([getattr(part, f.name) for part in parts]) for f in fields(Seen)))


class Embedder:
    """Embeds pictures and captions with the scorer; captions are remembered."""

    def __init__(self, scorer: Scorer, config: ScorerConfig, encode: CaptionEncoder) -> None:
        self.scorer, self.config, self.encode = scorer, config, encode
        self.known: dict[str, Tensor] = {}

    @torch.no_grad()
    def images(self, pictures: Tensor) -> Tensor:
        """(B, 4, H, W) premultiplied → (B, D)."""
        return self.scorer.embed_images(shrink(pictures.float(), self.config)).cpu()

    @torch.no_grad()
    def see(self, pictures: Tensor) -> Seen:
        """(B, 4, side, side) premultiplied, at least twice the scorer's size: a quarter is made as large as what it
        sees."""
        side = self.config.pixels
        twice = F.interpolate(pictures.float(), 2 * side, mode="area")
        patches = F.unfold(twice, side, stride=side).unflatten(1, (4, side, side)).movedim(-1, 1).flatten(0, 1)
        return Seen(self.images(pictures), self.images(patches), edge_strength(over_white(pictures)).cpu())

    @torch.no_grad()
    def texts(self, captions: list[str]) -> Tensor:
        new = sorted({caption for caption in captions if caption not in self.known})
        for start in range(0, len(new), BATCH):
            part = new[start : start + BATCH]
            self.known.update(zip(part, self.scorer.embed_texts(*self.encode(part)).cpu(), strict=True))
        return torch.stack([self.known[caption] for caption in captions])


def alternatives(scene: Scene, others: list[Scene]) -> dict[str, list[str]]:
    """Questions about a scene: name → captions of which the first is right and the others differ in one thing."""
    questions: dict[str, list[str]] = {}

    def ask(name: str, wrong: list[Scene]) -> None:
        right = plain_caption(scene)
        captions = [caption for caption in map(plain_caption, wrong) if caption != right]
        if captions:
            questions[name] = [right, *captions]

    if scene.colour:
        ask("colour", [replace(scene, colour=colour) for colour in COLOURS if colour != scene.colour])
    if scene.count > 1:
        ask("count", [replace(scene, count=count) for count in (1, 2, 3, 4) if count != scene.count])
    if scene.relation == "wearing" and scene.other:
        worn = [replace(scene, other=replace(scene.other, slug=slug)) for slug in ITEMS]
        ask("what is worn", [replace(scene, other=None, relation=None), *worn])
    elif scene.placement and not scene.other:
        ask("size and turn", [replace(scene, placement=p) for p in (None, *PLACEMENTS) if p != scene.placement])
    elif scene.other and not scene.placement:
        ask("second object", [replace(scene, other=other.subject) for other in others if other.subject != scene.other])
    for name, contrary in contraries(scene).items():
        ask(name, [contrary])
    return questions


def score_singles(images: list[Tensor], scenes: list[Scene], embedder: Embedder) -> dict[str, object]:
    """How often the scorer knows each thing's name among those of all. images: its embeddings, one per draw."""
    texts = embedder.texts([plain_caption(scene) for scene in scenes])
    found = torch.stack([ranks(drawn, texts, len(texts)) for drawn in images]).numpy()
    return {
        "prompts": len(scenes),
        "rPrecision1": interval((found == 0).mean(0)),
        "rPrecision5": interval((found < 5).mean(0)),
    }


def score(draws: list[Seen], scenes: list[Scene], embedder: Embedder, real: Seen, seed: int = 0) -> dict[str, object]:
    """draws: a list of several, each of one picture per scene."""
    images = [seen.images for seen in draws]
    captions = [plain_caption(scene) for scene in scenes]
    texts = embedder.texts(captions)
    found = torch.stack([ranks(drawn, texts, CHOICES, seed) for drawn in images]).numpy()
    rng = np.random.default_rng(seed)
    right: dict[str, list[float]] = {}
    for i, scene in enumerate(scenes):
        others = [scenes[int(j)] for j in rng.choice(len(scenes), 10, replace=False)]
        for name, captions_ in alternatives(scene, others).items():
            vectors = embedder.texts(captions_)
            right.setdefault(name, []).append(np.mean([chosen_right(drawn[i], vectors) for drawn in images]))
    kinds = {kind: np.array([kind_of(scene) == kind for scene in scenes]) for kind in map(kind_of, scenes)}
    report: dict[str, object] = {
        "rPrecision1": interval((found == 0).mean(0)),
        "rPrecision5": interval((found < 5).mean(0)),
        "perPrompt": {
            "rPrecision1": (found == 0).mean(0).tolist(),
            "rPrecision5": (found < 5).mean(0).tolist(),
        },
        "rPrecision1ByKind": {kind: interval((found == 0).mean(0)[rows]) for kind, rows in kinds.items()},
        "questions": {name: {**interval(np.array(values)), "prompts": len(values)} for name, values in right.items()},
        "kid": [kid(drawn, real.images) for drawn in images],
        "fid": [fid(drawn, real.images) for drawn in images],
        "patchKid": [kid(seen.patches, real.patches, each=4) for seen in draws],
        "edges": interval(torch.stack([seen.edges for seen in draws]).mean(0).numpy() / float(real.edges.mean())),
    }
    if len(images) > 1:
        report["likenessOfSeeds"] = interval((images[0] * images[1]).sum(1).numpy())
    return report


def enlarged(pictures: Tensor, side: int) -> Tensor:
    """Pictures of a smaller scale as they are compared: as large as the real ones."""
    if pictures.shape[-1] == side:
        return pictures
    return F.interpolate(pictures, side, mode="bicubic").clamp(0, 1)
