"""THE BENCH: a tree of spirals on gold leaf, over cloaks of eyes, rectangles and flowers."""

import math

import numpy as np
from PIL import Image, ImageDraw

from stylize.samples import surfaces
from stylize.samples.surfaces import Grid, Size

LEAF: Size = (576, 720)
UNIT = LEAF[1] * 2  # drawn at twice the size; lengths below are in heights of the picture
Point = tuple[float, float]
JEWELS = ("#b3262e", "#1f5f8f", "#2f7a5a", "#e8e0c8", "#d9782f", "#5b2a6a", "#1a1a20", "#e9c34a")
BOUGHS = ((-1.60, -1, 0.15), (-2.90, 1, 0.20), (-0.24, -1, 0.20), (-2.45, -1, 0.20), (-0.70, 1, 0.20), (-1.98, 1, 0.25),
          (-1.15, -1, 0.26), (-2.22, -1, 0.30), (-0.92, 1, 0.30))  # heading, side it curls to, reach  # fmt: skip


def golden_tree() -> Image.Image:
    """Spirals grow from one trunk; relief and burnished leaf come last, as on a real gilded panel."""
    rng = np.random.default_rng(1908)
    image = surfaces.picture(_gilded(rng)).resize((LEAF[0] * 2, UNIT))
    pen = ImageDraw.Draw(image)
    _meadow(pen, rng)
    _cloak(image, 0.15, 0.60, 0.16, _rectangles(rng))
    _cloak(image, 0.665, 0.63, 0.15, _rosettes(rng))
    _tree(pen, rng)
    _jewels(pen, rng)
    flat = surfaces.array(image.resize(LEAF, Image.Resampling.LANCZOS))
    height = surfaces.blur(flat.mean(axis=2), 0.8) * 2 + 1.2 * surfaces.noise(LEAF, 6, rng, octaves=3)
    return surfaces.picture(surfaces.relief(flat, height, 0.22, shine=0.35))


def _gilded(rng: np.random.Generator) -> Grid:
    """Sheets of leaf, each with its own tone, burnished, cracked and flecked."""
    x, y = surfaces.grids(LEAF)
    sheets = rng.random((9, 8), np.float32)
    seam_x, seam_y = x * 8 + 0.05 * np.sin(30 * y), y * 8 + 0.05 * np.sin(27 * x)
    sheet = sheets[seam_y.astype(int), np.clip(seam_x.astype(int), 0, 7)]
    cloud = surfaces.noise(LEAF, 130, rng, octaves=5)
    tone = 0.15 + 0.55 * cloud + 0.22 * sheet + 0.16 * (surfaces.noise(LEAF, 5, rng, octaves=2) - 0.5)
    gold = surfaces.ramp(tone, surfaces.colours("6f4a14", "a8741f", "cf9a30", "e6bd55", "f6e09a"))
    seam = np.minimum(np.abs(seam_x % 1 - 0.5), np.abs(seam_y % 1 - 0.5))
    gold *= 1 - 0.18 * surfaces.smoothstep(0.03, 0.0, 0.5 - np.abs(0.5 - seam))[..., None]
    right, down = seam_x % 1 - 0.5, seam_y % 1 - 0.5
    scroll = np.abs((np.hypot(right, down) * 7 - np.arctan2(down, right) / (2 * math.pi)) % 1 - 0.5)
    gold *= 1 - 0.20 * (surfaces.smoothstep(0.16, 0.08, scroll) * surfaces.smoothstep(0.35, 0.55, cloud))[..., None]
    flecks = surfaces.smoothstep(0.84, 0.92, surfaces.noise(LEAF, 5, rng, octaves=2))
    return surfaces.lay(gold, surfaces.colours("fbeeb8")[0], 0.35 * flecks)


def _ring(pen: ImageDraw.ImageDraw, centre: Point, radius: float, fill: str, *, flat: float = 1.0) -> None:
    x, y, size = centre[0] * UNIT, centre[1] * UNIT, radius * UNIT
    pen.ellipse((x - size, y - size * flat, x + size, y + size * flat), fill=fill)


def _flower(pen: ImageDraw.ImageDraw, centre: Point, radius: float, rng: np.random.Generator) -> None:
    outer, inner, heart = rng.permutation(len(JEWELS))[:3]
    _ring(pen, centre, radius, JEWELS[outer])
    _ring(pen, centre, radius * 0.68, JEWELS[inner])
    for turn in np.linspace(0, 2 * math.pi, 8)[:7]:
        spot = centre[0] + radius * 0.82 * math.cos(turn), centre[1] + radius * 0.82 * math.sin(turn)
        _ring(pen, spot, radius * 0.14, "#f6e3a0")
    _ring(pen, centre, radius * 0.34, JEWELS[heart])


def _meadow(pen: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    pen.polygon(
        [(0, 0.82 * UNIT), (0.4 * UNIT, 0.79 * UNIT), (UNIT, 0.83 * UNIT), (UNIT, UNIT), (0, UNIT)],
        fill="#2d4a2a",
    )
    for x, y in rng.uniform((-0.02, 0.80), (0.82, 1.02), (520, 2)):
        _ring(
            pen,
            (x, y),
            rng.uniform(0.004, 0.010),
            str(rng.choice(["#4f7a35", "#7fa044", "#1f3d2f", "#c9a63a"])),
        )
    for x, y in rng.uniform((0.0, 0.83), (0.80, 1.0), (85, 2)):
        _flower(pen, (x, y), rng.uniform(0.009, 0.021), rng)


def _cloak(image: Image.Image, centre: float, top: float, half: float, pattern: Image.Image) -> None:
    """A bell of patterned cloth that stands in the meadow."""
    mask = Image.new("L", image.size)
    t = np.linspace(0, 1, 40)
    right = half * np.sin(t * math.pi / 2) ** 0.36 * (0.62 + 0.38 * t)
    y = top + (0.95 - top) * t
    outline = [(centre - r, b) for r, b in zip(right, y, strict=True)] + [
        (centre + r, b) for r, b in zip(right, y, strict=True)
    ][::-1]
    points = [(a * UNIT, b * UNIT) for a, b in outline]
    ImageDraw.Draw(mask).polygon(points, fill=255)
    image.paste(pattern, (0, 0), mask)
    ImageDraw.Draw(image).line([*points, points[0]], fill="#3a2410", width=7)


def _rectangles(rng: np.random.Generator) -> Image.Image:
    cloth = Image.new("RGB", (LEAF[0] * 2, UNIT), "#c9962f")
    pen = ImageDraw.Draw(cloth)
    tones = ("#16161c", "#f2ead2", "#8f959c", "#e9c34a", "#16161c", "#7a4a1a", "#b3262e")
    for row in range(0, UNIT, 34):
        column = -int(rng.integers(40))
        while column < LEAF[0] * 2:
            wide, tall = int(rng.choice([14, 22, 34, 52])), int(rng.choice([30, 64]))
            pen.rectangle(
                (column, row, column + wide, row + tall),
                fill=str(rng.choice(tones)),
                outline="#5f3f12",
                width=3,
            )
            if wide > 30:
                pen.rectangle((column + 10, row + 9, column + wide - 10, row + 22), fill=str(rng.choice(tones)))
            column += wide
    return cloth


def _rosettes(rng: np.random.Generator) -> Image.Image:
    cloth = Image.new("RGB", (LEAF[0] * 2, UNIT), "#a8502a")
    pen = ImageDraw.Draw(cloth)
    for x, y in rng.uniform((0.45, 0.58), (0.8, 1), (700, 2)):
        _ring(pen, (x, y), 0.006, str(rng.choice(["#e9c34a", "#c9762f", "#7a2a2a"])))
    for x, y in rng.uniform((0.45, 0.58), (0.8, 1), (330, 2)):
        _flower(pen, (x, y), rng.uniform(0.012, 0.028), rng)
    return cloth


def _tree(pen: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    for heading, curl, reach in BOUGHS:
        _branch(pen, (0.40, 0.56), heading, curl * reach, 0.0135, depth=2)
    rise = np.linspace(0, 1, 120)
    spine = np.stack([0.40 + 0.012 * np.sin(9 * rise), 0.93 - 0.40 * rise], axis=1)
    _stem(pen, spine, 0.040 - 0.027 * rise**0.6)
    for x, y in spine[rng.integers(0, 70, 60)] + rng.normal(0, 0.012, (60, 2)):
        wide, tall = rng.uniform(4, 9, 2)
        box = (x * UNIT - wide, y * UNIT - tall, x * UNIT + wide, y * UNIT + tall)
        pen.rectangle(box, fill=str(rng.choice(["#e9c34a", "#f2ead2", "#16161c", "#5f3f12", "#c9762f"])))


def _branch(pen: ImageDraw.ImageDraw, start: Point, heading: float, reach: float, half: float, *, depth: int) -> None:
    """A stem that tightens into a spiral of size `reach` (its sign is the side it curls to) and sends out others."""
    t, side = np.linspace(0, 1, 170), math.copysign(1, reach)
    stride = 3.7 * abs(reach) / len(t)
    bend = side * stride / (abs(reach) * (0.55 * (1 - t) + 0.05) * np.where(t < 0.25, 4.0, 1.0))
    headings = heading + np.cumsum(bend)
    path = np.array(start) + np.cumsum(stride * np.stack([np.cos(headings), np.sin(headings)], axis=1), axis=0)
    for step in (34, 58) if depth else ():
        smaller = -reach * (0.62 - 0.002 * (step - 34))
        _branch(pen, tuple(path[step]), headings[step] - side * 0.7, smaller, half * 0.6, depth=depth - 1)
    _stem(pen, path, np.maximum(half * (1 - 0.75 * t), 0.0024))


def _stem(pen: ImageDraw.ImageDraw, path: Grid, half: Grid) -> None:
    """Dark outline, bronze body, a row of gold dots along it."""
    for extra, fill in ((0.0024, "#2f1c0c"), (0.0, "#7d4a1c")):
        for (x, y), radius in zip(path, half, strict=True):
            _ring(pen, (x, y), radius + extra, fill)
    for (x, y), radius in zip(path[::5], half[::5], strict=True):
        _ring(pen, (x, y), min(radius * 0.42, 0.004), "#e2b04a")


def _jewels(pen: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    """Eyes and triangles hung in the crown."""
    for x, y in rng.uniform((0.03, 0.03), (0.77, 0.48), (34, 2)):
        if rng.random() < 0.5:
            _eye(pen, (x, y), rng.uniform(0.013, 0.021))
        else:
            size = rng.uniform(0.011, 0.019)
            corners = [((x + a * size) * UNIT, (y + b * size) * UNIT) for a, b in ((-1, 0.8), (1, 0.8), (0, -1))]
            pen.polygon(corners, fill=str(rng.choice(JEWELS)), outline="#3a2410", width=4)


def _eye(pen: ImageDraw.ImageDraw, centre: Point, radius: float) -> None:
    for share, fill in ((1.15, "#3a2410"), (1.0, "#f2e8c8"), (0.62, "#1f5f8f"), (0.34, "#14141a")):
        _ring(pen, centre, radius * share, fill, flat=0.66 if share > 0.9 else 0.9)
