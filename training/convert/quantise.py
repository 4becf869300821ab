"""Matrices in blocks of 32 with one float16 scale each, as onnxruntime's MatMulNBits reads them (no zero points).

8 bits: w ≈ scale · (q − 128), |q − 128| ≤ 127.  4 bits: w ≈ scale · (q − 8), two values a byte, the first in the low
half. There the scale has the sign that puts the block's largest magnitude at −8, the end that has one value more.
"""

import numpy as np

BLOCK = 32


def blocks_in(columns: int) -> int:
    return -(-columns // BLOCK)


def quantise(rows: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, k) float32 → packed (n, blocks, 32 · bits / 8) uint8 and scales (n, blocks) float16."""
    n, k = rows.shape
    padded = np.zeros((n, blocks_in(k) * BLOCK), np.float32)
    padded[:, :k] = rows
    blocks = padded.reshape(n, -1, BLOCK)
    peak = np.take_along_axis(blocks, np.abs(blocks).argmax(-1, keepdims=True), -1)[..., 0]
    scales = (np.abs(peak) / 127 if bits == 8 else peak / -8).astype(np.float16)
    # The stored scale, rounded to float16, is what the values are divided by. A block of zeros has the scale 0.
    divisor = np.where(scales == 0, np.float32(1), scales.astype(np.float32))[..., None]
    middle = 1 << (bits - 1)
    values = np.clip(np.rint(blocks / divisor), 1 - middle if bits == 8 else -middle, middle - 1) + middle
    values = values.astype(np.uint8)
    return (values if bits == 8 else values[..., 0::2] | (values[..., 1::2] << 4)), scales


def dequantise(packed: np.ndarray, scales: np.ndarray, bits: int, columns: int) -> np.ndarray:
    """The matrix (n, columns) float32 that a graph computes with."""
    values = packed if bits == 8 else np.stack([packed & 15, packed >> 4], -1).reshape(*packed.shape[:2], BLOCK)
    centred = values.astype(np.float32) - np.float32(1 << (bits - 1))
    return (centred * scales.astype(np.float32)[..., None]).reshape(len(packed), -1)[:, :columns]
