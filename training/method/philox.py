"""Counter-based Gaussian noise, the same in Python, TypeScript and WGSL.

Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011) and Box-Muller, in the layout of
torch's CUDA generator. src/kernels/philox.ts and shaders/random.wgsl are this file; integers are equal bit for bit.
"""

import numpy as np

ROUNDS = 10
MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL = 0x9E3779B9, 0xBB67AE85  # added to the key after each round
LOW = np.uint64(0xFFFFFFFF)
HIGH = np.uint64(32)


def philox4x32(counter: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Blocks of four 32-bit words, kept in uint64. counter: (4, n) words; key: two words; returns (4, n)."""
    c0, c1, c2, c3 = counter.astype(np.uint64)
    k0, k1 = key
    for _ in range(ROUNDS):
        product0, product1 = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2  # 32 x 32 -> 64 bits
        c0, c1, c2, c3 = (
            (product1 >> HIGH) ^ c1 ^ np.uint64(k0),
            product1 & LOW,
            (product0 >> HIGH) ^ c3 ^ np.uint64(k1),
            product0 & LOW,
        )
        k0, k1 = (k0 + WEYL[0]) & 0xFFFFFFFF, (k1 + WEYL[1]) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3])


def words(count: int, seed: int, step: int) -> np.ndarray:
    """The blocks of elements 0..count-1 of draw `step`: (4, count). Counter (step, 0, i low, i high)."""
    index = np.arange(count, dtype=np.uint64)
    counter = np.stack([np.full_like(index, step), np.zeros_like(index), index & LOW, index >> HIGH])
    return philox4x32(counter, (seed & 0xFFFFFFFF, seed >> 32))


def unit(word: np.ndarray) -> np.ndarray:
    """Middle of the word's cell in (0, 1], rounded to float32 as cuRAND does."""
    return word.astype(np.float32) * np.float32(2**-32) + np.float32(2**-33)


def normal(shape: tuple[int, int, int], seed: int, step: int) -> np.ndarray:
    """Standard normals of one image's latent, (C, H, W) float32: sqrt(-2 ln u) sin(2 pi t).

    `torch.manual_seed(seed); torch.randn(shape, device="cuda")` gives the same for step 0.
    """
    g0, g1, _, _ = words(int(np.prod(shape)), seed, step)
    u, t = unit(g0).astype(np.float64), unit(g1).astype(np.float64)
    return (np.sqrt(-2 * np.log(u)) * np.sin(2 * np.pi * t)).astype(np.float32).reshape(shape)
