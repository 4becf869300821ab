"""Three models of one code, and all that differs between them. SCALEWISE_EDITION chooses; the default is native.

native  256 px, 16 cells: what models/emoji holds
nano    what emoji 0.7 and 0.8 were: the same net on latents of 128 px; native's autoencoder started from its
small   256 px, 32 cells, for a GPU: every stage runs, but it has not been trained yet
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class ModelConfig:
    """The DiT (model.py)."""

    channels: int = 8  # of the latent
    patch: int = 2  # cells a side of one token
    width: int = 256
    depth: int = 8
    heads: int = 4
    text_width: int = 384  # of the text encoder's token states


@dataclass(frozen=True)
class AutoencoderConfig:
    channels: int = 8  # 4 loses thin strokes, 16 is harder for the DiT to model
    encoder_widths: tuple[int, int] = (96, 160)  # at 1/4 and 1/8 of what is encoded
    encoder_blocks: tuple[int, int] = (2, 3)
    # From a cell to half the picture's size, each twice as large as the one before: it runs in the browser, so it is
    # small. Three make eight pixels of a cell, four sixteen.
    decoder_widths: tuple[int, ...] = (160, 64, 32)
    decoder_blocks: tuple[int, ...] = (2, 2, 1)
    latent_noise: float = 0.05  # makes the decoder forgive small errors of the denoiser

    @property
    def cell(self) -> int:
        """Pixels a side of what one cell of the latent becomes."""
        return 2 ** len(self.decoder_widths)

    @property
    def finer(self) -> int:
        """How many pixels a side are averaged to one before they are encoded, eight of them a cell: lines and edges
        are plain enough here for the decoder to make up the rest."""
        return self.cell // 8


@dataclass(frozen=True)
class NativeAutoencoderConfig:
    """nets/native_autoencoder.py: 16 pixels per cell, encoded as they are."""

    channels: int = 16
    nested: int = 8  # channels that decode without the rest
    fine: int = 48  # width at a quarter of the picture's side
    fine_blocks: int = 2
    widths: tuple[int, int] = (96, 160)  # at an eighth and a sixteenth
    blocks: tuple[int, int] = (3, 4)
    decoder_widths: tuple[int, ...] = (160, 64, 32, 16)
    decoder_blocks: tuple[int, ...] = (2, 2, 1, 1)
    tail: int = 12  # width at the picture's full size
    latent_noise: float = 0.15  # the denoiser's error on latents of unit variance is .16 (rms)

    @property
    def cell(self) -> int:
        """Pixels a side of what one cell of the latent becomes."""
        return 2 ** len(self.decoder_widths)


@dataclass(frozen=True)
class Edition:
    name: str
    pixels: int  # of a picture's side
    dit: ModelConfig
    autoencoder: AutoencoderConfig | NativeAutoencoderConfig
    teacher_batches: tuple[tuple[int, float, int], ...]
    """Size in cells, part of the steps, pictures a batch: batches keep the tokens of a step about equal."""
    student_batches: dict[int, int]
    """Pictures a batch by size."""
    vocabulary: str = "vocabulary.txt"
    """In nets/: the tokens that its text encoder keeps."""

    def folder(self, root: Path) -> Path:
        """Where its files lie: nano's in `root` itself, another's in a folder of its own."""
        return root if self is NANO else root / self.name


NANO = Edition(
    name="nano",
    pixels=256,
    dit=ModelConfig(),
    autoencoder=AutoencoderConfig(decoder_widths=(160, 64, 32, 16), decoder_blocks=(2, 2, 1, 1)),
    teacher_batches=((16, 0.5, 64), (12, 0.25, 96), (8, 0.25, 160)),
    student_batches={8: 96, 12: 64, 16: 40},
)

NATIVE = replace(
    NANO,
    name="native",
    dit=ModelConfig(channels=16),
    autoencoder=NativeAutoencoderConfig(),
    vocabulary="vocabulary-native.txt",
)

# 37 million parameters, and a decoder of 6.5 GFLOP a picture.
SMALL = Edition(
    name="small",
    pixels=256,
    dit=ModelConfig(width=448, depth=10, heads=7),
    autoencoder=AutoencoderConfig(
        encoder_widths=(128, 256), encoder_blocks=(2, 4), decoder_widths=(192, 96, 32), decoder_blocks=(2, 2, 1)
    ),
    teacher_batches=((32, 0.4, 256), (24, 0.2, 448), (20, 0.2, 640), (16, 0.2, 1024)),
    student_batches={16: 512, 20: 320, 24: 224, 32: 128},
)

EDITIONS = {edition.name: edition for edition in (NANO, NATIVE, SMALL)}


def chosen(name: str) -> Edition:
    """Raises ValueError that names those there are."""
    if name not in EDITIONS:
        raise ValueError(
            f"SCALEWISE_EDITION is {name!r}: set it to one of {', '.join(EDITIONS)}, or leave it unset for native"
        )
    return EDITIONS[name]


EDITION = chosen(os.environ.get("SCALEWISE_EDITION", "native"))
