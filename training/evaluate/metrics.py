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


def kid(one: Tensor, other: Tensor) -> float:
    """Kernel Inception Distance: the unbiased squared MMD with the kernel (x·y/D + 1)³ (arXiv 1801.01401), on vectors
    whose plain product is that x·y/D: the scorer's unit vectors, or Inception's features over √D. Times 1000."""

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T + 1) ** 3

    n, m = len(one), len(other)
    xx, yy, xy = kernel(one, one), kernel(other, other), kernel(one, other)
    within = (xx.sum() - xx.diagonal().sum()) / (n * (n - 1)) + (yy.sum() - yy.diagonal().sum()) / (m * (m - 1))
    return float(1000 * (within - 2 * xy.mean()))


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
