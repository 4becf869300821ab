"""Alpha compositing of premultiplied RGBA tensors: the one place where it is written down.

Pictures of whole numbers that are drawn over one another are data/canvas.py's.
"""

import numpy as np
import torch
from torch import Tensor


def over(pictures: Tensor, colour: Tensor) -> Tensor:
    """Premultiplied (B, 4, H, W) over colours (B, 3) or (3,) → (B, 3, H, W)."""
    return pictures[:, :3] + (1 - pictures[:, 3:]) * colour[..., None, None]


def over_white(pictures: Tensor) -> Tensor:
    """Premultiplied (B, 4, H, W) → (B, 3, H, W)."""
    return over(pictures, torch.ones(3, device=pictures.device))


def composite(pictures: Tensor, colour: Tensor) -> Tensor:
    """As `over`, the alpha kept as fourth channel."""
    return torch.cat([over(pictures, colour), pictures[:, 3:]], 1)


def shown(pictures: Tensor) -> np.ndarray:
    """(B, 4, H, W) premultiplied in [0, 1] → uint8 (B, H, W, 3) over white."""
    return (over_white(pictures).clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
