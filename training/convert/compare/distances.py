"""How far a converted model is from its reference: each part on the reference's own inputs, then the whole."""

from dataclasses import dataclass

import numpy as np

from training.convert.compare.converted import Converted, Step
from training.convert.compare.reference import Reference


@dataclass(frozen=True)
class Distance:
    part: str
    value: float  # relative L2
    note: str = ""


def relative(found: np.ndarray, wanted: np.ndarray) -> float:
    """‖found − wanted‖ / ‖wanted‖."""
    if found.shape != wanted.shape:
        raise ValueError(f"shapes differ: {found.shape} and {wanted.shape}")
    difference = found.astype(np.float64) - wanted
    return float(np.linalg.norm(difference) / np.linalg.norm(wanted.astype(np.float64)))


def part_distances(model: Converted, reference: Reference, schedule: list[Step]) -> list[Distance]:
    """Text encoders on diffusers' ids, the denoiser on its latents and conditioning, the decoder on its last x0."""
    rows = []
    for encoder, ids in zip(model.graphs["textEncoders"], reference.ids, strict=True):
        for name, value in model.encode_ids(encoder, ids).items():
            rows.append(Distance(name, relative(value, reference.conditioning[name])))
    for i, (size, sigma) in enumerate(schedule):
        velocity = model.velocity(reference.latents[i], sigma, reference.conditioning)
        note = f"step {i + 1}, {size[0]} x {size[1]} cells, sigma {sigma:.4f}"
        rows.append(Distance("velocity", relative(velocity, reference.velocities[i]), note))
    rows.append(Distance("decoder", relative(model.decode(reference.estimates[-1]), reference.picture)))
    return rows


def whole_distances(
    model: Converted, reference: Reference, prompt: str, seed: int, schedule: list[Step]
) -> list[Distance]:
    """From the prompt to the picture; the errors of all parts add up."""
    same = [
        model.ids(encoder, prompt) == ids
        for encoder, ids in zip(model.graphs["textEncoders"], reference.ids, strict=True)
    ]
    drawn = model.draw(model.encode(prompt), [seed], schedule)
    rows = [Distance("ids", 0.0 if all(same) else 1.0, "equal" if all(same) else f"equal: {same}")]
    for i, (found, wanted) in enumerate(zip(drawn.estimates, reference.estimates, strict=True)):
        rows.append(Distance("x0", relative(found, wanted), f"step {i + 1}"))
    found, wanted = (np.rint(255 * np.clip(p, 0, 1)) for p in (drawn.picture, reference.picture))
    off = np.abs(found - wanted)
    note = f"{100 * float((off > 0).mean()):.2f}% of the 8-bit values differ, by {int(off.max())} at most"
    rows.append(Distance("picture", relative(drawn.picture, reference.picture), note))
    return rows


def table(rows: list[Distance], title: str) -> str:
    lines = [title, f"  {'part':16}{'relative L2':>12}"]
    lines += [f"  {row.part:16}{row.value:12.1e}  {row.note}".rstrip() for row in rows]
    return "\n".join(lines)
