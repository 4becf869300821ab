"""Two or more drawings in one picture at random places and sizes: beside, above, on, in front of one another, riding.

Every function takes whole pictures (size, size, 4), premultiplied, and returns one. A part's longer side is at least
LEAST of the picture's side: smaller ones are lost in the latents' cells.
"""

import numpy as np

from training.data.canvas import Picture, place
from training.data.layouts import part_of, scaled

LEAST = 0.4
RIDES = {
    # Where on its width the rider sits, and how much of the rider's height sinks behind the seat's highest edge.
    "bicycle": (0.38, 0.10),
    "motorcycle": (0.42, 0.14),
    "motor-scooter": (0.40, 0.14),
    "kick-scooter": (0.55, 0.05),
    "skateboard": (0.50, 0.05),
    "horse": (0.55, 0.12),
    "elephant": (0.50, 0.10),
    "camel": (0.50, 0.10),
    "whale": (0.40, 0.10),
    "dolphin": (0.50, 0.10),
    "ox": (0.55, 0.10),
    "rhinoceros": (0.50, 0.10),
    "sauropod": (0.50, 0.10),
    "tractor": (0.35, 0.14),
    "racing-car": (0.45, 0.16),
    "sled": (0.50, 0.12),
    "flying-saucer": (0.50, 0.14),
    "canoe": (0.50, 0.20),
}


def seat_of(picture: Picture, x: int, width: int) -> int:
    """The height at which something stands on a drawing: the middle of its upper edge about the column x."""
    left, right = max(0, x - width // 2), min(picture.shape[1], x + width // 2 + 1)
    solid = picture[:, left:right, 3] > 96
    tops = np.where(solid.any(0), solid.argmax(0), picture.shape[0])
    return int(np.median(tops)) if len(tops) else 0


def shrunk_to(parts: list[Picture], length: float, axis: int) -> list[Picture]:
    """All by one factor, so that together they are no longer than `length` along the axis."""
    total = sum(part.shape[axis] for part in parts)
    if total <= length:
        return parts
    gain = length / total
    return [scaled(part, int(part.shape[0] * gain), int(part.shape[1] * gain)) for part in parts]


def placed_at(canvas: Picture, part: Picture, middle: float, bottom: float) -> None:
    """By the middle of its width and its lower edge, moved as little as keeps it inside."""
    size = canvas.shape[0]
    x = min(max(0, round(middle - part.shape[1] / 2)), size - part.shape[1])
    y = min(max(0, round(bottom - part.shape[0])), size - part.shape[0])
    place(canvas, part, y, x)


def side_by_side(first: Picture, second: Picture, rng: np.random.Generator, parts: tuple[float, float]) -> Picture:
    """The first on the left; on one ground or each at a height of its own. parts: of the side, for each."""
    size = first.shape[0]
    a, b = shrunk_to([part_of(first, parts[0]), part_of(second, parts[1])], size, 1)
    spare = size - a.shape[1] - b.shape[1]
    left, gap = sorted(rng.integers(0, spare + 1, 2))
    canvas = np.zeros_like(first)
    ground = rng.uniform(max(a.shape[0], b.shape[0]), size)
    level = rng.random() < 0.6
    for part, x in ((a, left), (b, gap + a.shape[1])):
        bottom = ground if level else rng.uniform(part.shape[0], size)
        place(canvas, part, round(bottom) - part.shape[0], int(x))
    return canvas


def stacked(upper: Picture, lower: Picture, rng: np.random.Generator) -> Picture:
    """One above the other, touching."""
    size = upper.shape[0]
    a, b = shrunk_to([part_of(upper, rng.uniform(0.44, 0.54)), part_of(lower, rng.uniform(0.46, 0.58))], size, 0)
    bottom = rng.uniform(a.shape[0] + b.shape[0], size)
    middle = rng.uniform(b.shape[1] / 2, size - b.shape[1] / 2)
    canvas = np.zeros_like(upper)
    placed_at(canvas, b, middle, bottom)
    placed_at(canvas, a, middle + rng.uniform(-0.08, 0.08) * size, bottom - b.shape[0] + 0.015 * size)
    return canvas


def on(
    first: Picture,
    second: Picture,
    rng: np.random.Generator,
    at: float = 0.5,
    sink: float | None = None,
    large: tuple[float, float] = (0.66, 0.88),
) -> Picture:
    """The first sits on the second and hides a part of it. at: where on the second's width; sink: how much of the
    first's height reaches below the second's upper edge there; large: how large the second is, from and to."""
    size = first.shape[0]
    upper = part_of(first, rng.uniform(0.44, 0.54))
    lower = part_of(second, rng.uniform(*large))
    sunk = round(upper.shape[0] * (rng.uniform(0.12, 0.25) if sink is None else sink))
    x = lower.shape[1] * at + (rng.uniform(-0.1, 0.1) * lower.shape[1] if sink is None else 0)
    seat = seat_of(lower, round(x), max(3, upper.shape[1] // 4))
    height = max(upper.shape[0] - sunk + lower.shape[0] - seat, lower.shape[0])
    if height > size:
        # The lower one gives way: it is the larger.
        gain = max(LEAST * size / max(lower.shape[:2]), (size - upper.shape[0] + sunk) / (lower.shape[0] - seat))
        gain = min(1.0, gain)
        lower = scaled(lower, round(lower.shape[0] * gain), round(lower.shape[1] * gain))
        x, seat = x * gain, round(seat * gain)
        height = upper.shape[0] - sunk + lower.shape[0] - seat
    bottom = round(rng.uniform(min(size, height), size))
    left = round(rng.uniform(0, size - lower.shape[1]))
    canvas = np.zeros_like(first)
    place(canvas, lower, bottom - lower.shape[0], left)
    placed_at(canvas, upper, left + x, bottom - lower.shape[0] + seat + sunk)
    return canvas


def hidden_part(front: np.ndarray, back: np.ndarray) -> float:
    """Of what is visible of the back one alone. Alphas (size, size)."""
    solid = back > 96
    return float((solid & (front > 96)).sum() / max(1, solid.sum()))


def in_front(front: Picture, back: Picture, rng: np.random.Generator) -> Picture:
    """The front one stands lower and covers a part of the back one, never most of it."""
    size = front.shape[0]
    best: tuple[float, Picture] | None = None
    for _ in range(6):
        far = part_of(back, rng.uniform(0.66, 0.86))
        near = part_of(front, rng.uniform(0.42, 0.54))
        canvases = [np.zeros_like(front), np.zeros_like(front)]
        bottom = rng.uniform(max(far.shape[0], 0.8 * size), 0.97 * size)
        middle = rng.uniform(far.shape[1] / 2, size - far.shape[1] / 2)
        placed_at(canvases[0], far, middle, bottom)
        aside = rng.uniform(0.15, 0.4) * (far.shape[1] + near.shape[1]) / 2
        aside *= rng.choice([-1, 1]) if abs(middle / size - 0.5) < 0.1 else np.sign(size / 2 - middle)  # where room is
        placed_at(canvases[1], near, middle + aside, bottom + rng.uniform(0.02, 0.1) * size)
        hidden = hidden_part(canvases[1][..., 3], canvases[0][..., 3])
        place(canvases[0], canvases[1], 0, 0)
        miss = max(0.0, 0.08 - hidden, hidden - 0.42)
        if best is None or miss < best[0]:
            best = miss, canvases[0]
        if miss == 0:
            break
    assert best is not None
    return best[1]


def riding(rider: Picture, ride: Picture, slug: str, rng: np.random.Generator) -> Picture:
    """slug: of the ride, one of RIDES. Both face either way."""
    at, sink = RIDES[slug]
    picture = on(rider, ride, rng, at, sink, (0.8, 0.95))
    return picture[:, ::-1].copy() if rng.random() < 0.5 else picture


def several_of(picture: Picture, count: int, rng: np.random.Generator) -> Picture:
    """Two side by side, three in a triangle, four in a square, none quite in its place."""
    size = picture.shape[0]
    part = part_of(picture, rng.uniform(0.43, 0.49))
    middles = {2: [(0.5, 0.26), (0.5, 0.74)], 3: [(0.26, 0.5), (0.74, 0.26), (0.74, 0.74)]}
    if count == 3 and rng.random() < 0.5:
        middles[3] = [(1 - y, x) for y, x in middles[3]]
    squares = [(0.26, 0.26), (0.26, 0.74), (0.74, 0.26), (0.74, 0.74)]
    canvas = np.zeros_like(picture)
    lift = rng.uniform(-0.2, 0.2) if count == 2 else 0.0
    for y, x in middles.get(count, squares):
        dy, dx = rng.uniform(-0.02, 0.02, 2)
        placed_at(canvas, part, (x + dx) * size, (y + dy + lift) * size + part.shape[0] / 2)
    return canvas
