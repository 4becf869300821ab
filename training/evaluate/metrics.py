"""What the evaluation counts: pure functions of unit vectors. Each comes with a confidence interval over prompts."""

import numpy as np
import torch
from torch import Tensor


def interval(per_prompt: np.ndarray, seed: int = 0, resamples: int = 2000) -> dict[str, float]:
    """Mean of one number per prompt, and its 95% bootstrap interval over prompts."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, len(per_prompt), (resamples, len(per_prompt)))
    low, high = np.quantile(per_prompt[rows].mean(1), [0.025, 0.975])
    return {"mean": float(per_prompt.mean()), "low": float(low), "high": float(high)}


def ranks(images: Tensor, texts: Tensor, choices: int, seed: int = 0) -> Tensor:
    """Rank (0 is best) of each picture's own caption among `choices`: its own and random others.

    images (N, D) and texts (N, D), row by row. The same distractors for every model that is compared.
    """
    rng = np.random.default_rng(seed)
    count = len(texts)
    result = torch.zeros(count, dtype=torch.long)
    for i in range(count):
        others = rng.choice(np.delete(np.arange(count), i), choices - 1, replace=False)
        scores = images[i] @ texts[np.concatenate([[i], others])].T
        result[i] = (scores[1:] >= scores[0]).sum()
    return result


def chosen_right(image: Tensor, texts: Tensor) -> bool:
    """Whether the picture fits the first of the texts best. image (D,), texts (M, D)."""
    scores = texts @ image
    return bool(scores[0] > scores[1:].max())


def paired(one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """How much more the first has of one number per prompt, with a 95% bootstrap interval over prompts. Both are of the
    same prompts, in the same order: what a prompt's difficulty does to both cancels."""
    return interval(one - other)


def kid(one: Tensor, other: Tensor, each: int = 1) -> float:
    """Kernel Inception Distance: the unbiased squared MMD with the kernel (x·y/D + 1)³ (arXiv 1801.01401), on vectors
    whose plain product is that x·y/D: the scorer's unit vectors, or Inception's features over √D. Times 1000.

    Both sets are of the same prompts, `each` vectors a prompt, in the same order. Two vectors of one prompt are left
    out, between the sets as within them: they are alike by what they show, so that the distance would fall below 0, the
    more the fewer prompts there are, and copying would be rewarded."""

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T + 1) ** 3

    if len(one) != len(other) or len(one) % each:
        raise ValueError(f"{len(one)} and {len(other)} vectors are not of the same prompts, {each} each.")
    prompt = torch.arange(len(one)) // each
    apart = prompt[:, None] != prompt
    xx, yy, xy = (kernel(*pair)[apart].mean() for pair in ((one, one), (other, other), (one, other)))
    return float(1000 * (xx + yy - 2 * xy))


def fid(one: Tensor, other: Tensor) -> float:
    """FID (arXiv 1706.08500) of two sets of vectors (N, D) and (M, D), times 1000. Biased upwards by small sets: to be
    compared only between sets of equal sizes."""
    a, b = one.double(), other.double()
    apart = (a.mean(0) - b.mean(0)).square().sum()
    # tr((A·B)^½) by the singular values of the product of the centred sets: no root of a matrix is needed.
    product = (a - a.mean(0)) @ (b - b.mean(0)).T / ((len(a) - 1) * (len(b) - 1)) ** 0.5
    spread = a.var(0).sum() + b.var(0).sum() - 2 * torch.linalg.svdvals(product).sum()
    return float(1000 * (apart + spread))


def edge_strength(pictures: Tensor) -> Tensor:
    """(N, 3, H, W) → (N,): the mean absolute difference of neighbouring pixels. Blur lowers it, noise raises it."""
    across, down = pictures.diff(dim=3).abs().mean((1, 2, 3)), pictures.diff(dim=2).abs().mean((1, 2, 3))
    return across + down
