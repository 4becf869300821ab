"""What docs/RESULTS.md says of docs/where.json."""

from typing import Any

from training.evaluate.tables import table

PAIRED = ("128 px", "autoencoder")
"""Rows whose pictures are of the very drawing that they are compared with: only there a PSNR means something."""


def where_section(found: dict[str, Any]) -> str:
    rows = [
        [
            name,
            f"{row['features']:.3f}",
            f"{row['psnr']:.1f}" if any(word in name for word in PAIRED) else "–",
            f"{100 * row['details']:.0f}",
            f"{100 * row['finest']:.0f}",
        ]
        for name, row in found["table"].items()
    ]
    head = ["pictures", "feature distance", "PSNR, dB", "power at 16–32 waves, %", "at 32–64 waves, %"]
    return f"""## Where the error sits

{table(head, rows)}

{found["things"]} everyday things in the 3D look, {found["seeds"]} seeds each, by `python -m training.evaluate.where`
([where.json](where.json)): the visible thing is cut out and enlarged to one size, and compared with its drawing.
Feature distance: |a − b| / |b| in the features of an InceptionV3 that has seen none of these drawings; the drawing
itself would be 0. Power: of the picture over the drawing's, by waves across the thing; less than 100 is soft. The
layouts from 0.9 on differ by seed, and half of the single things are tilted or mirrored; those of 0.7.1 never were. The
distance counts that as an error. The decoder from 0.12 on was trained on the early maps of this very net, whose last
ones the distance is taken from: of its gain here a part is that.

"""
