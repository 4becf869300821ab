"""Which drawings the autoencoder is tested with: by drawing, so that no sibling of one is trained on."""

import hashlib

import numpy as np

from training.data.art import Art
from training.data.unseen import held_out_concepts

SHARED_GEOMETRY = {"fluent-3d": "fluent", "fluent-flat": "fluent"}
"""Sets that render one drawing in several looks, by the name of one of them."""


def drawing_of(style: str, slug: str) -> str:
    """What a row shows, whatever its look: rows of one drawing are all trained on or none is."""
    return f"{SHARED_GEOMETRY.get(style, style)}/{slug}"


def is_tested(style: str, slug: str, part: float = 1 / 40) -> bool:
    """Whether a drawing is one of the `part` that only tests see. By a hash of its name: it stays so whatever sets are
    rendered beside it, and in whichever order."""
    digest = hashlib.sha256(drawing_of(style, slug).encode()).digest()
    return int.from_bytes(digest[:8], "big") < part * 2**64


def split_rows(art: Art, part: float = 1 / 40) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train the autoencoder on, and rows to test it with: the tested drawings, and every held-out concept."""
    whole = held_out_concepts()
    tested = np.array(
        [
            concept.slug in whole or is_tested(style, concept.slug, part)
            for style, concept in zip(art.styles, art.concepts, strict=True)
        ]
    )
    return np.flatnonzero(~tested), np.flatnonzero(tested)
