"""THE BENCH: a cubist still life: guitar, bottle and glass seen through seventy facets, each from its own side."""

import math

import numpy as np
from PIL import Image, ImageDraw

from stylize.samples import surfaces
from stylize.samples.brushes import Brush, Easel
from stylize.samples.surfaces import Grid, Labels, Size

TABLE: Size = (576, 704)
PLANES = surfaces.colours(
    "c98d3f", "8a4a2a", "2f5560", "e3cd9a", "4a3a3a", "7d8f86", "b8602f", "1f3044", "d9b46a", "a9a48a"
)
Polygon = Grid  # (n, 2) corners in px


def cubist_guitar() -> Image.Image:
    """Each facet shows the still life shifted and turned, shades off to one side, and is brushed its own way."""
    rng = np.random.default_rng(1912)
    facets = _cut(rng)
    label = _labels(facets)
    turn = rng.choice([0.2, 0.9, 1.4, -0.5, -1.1], len(facets)) + rng.normal(0, 0.15, len(facets))
    view = _refracted(_still_life(), label, facets, rng)
    shaded = _shaded(view, label, facets, turn, rng=rng)
    easel = Easel(shaded)
    angle = turn.astype(np.float32)[label]
    easel.paint(shaded, angle, Brush(13, 6, 4, 5, wild=0.10, jitter=0.03, streak=0.03, steps=3), rng)
    easel.paint(
        shaded,
        angle,
        Brush(7, 4, 3, 4, wild=0.10, jitter=0.03, streak=0.03, steps=3),
        rng,
        where=_detail(view),
    )
    painted = easel.finish(strength=0.5)
    return surfaces.picture(surfaces.lay(painted, surfaces.colours("1c1614")[0], _contours(facets, label, turn, rng)))


def _cut(rng: np.random.Generator) -> list[Polygon]:
    """Split the largest piece along a slanting line until there are enough."""
    width, height = TABLE
    pieces = [np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)]
    while len(pieces) < 74:
        weights = [_area(piece) * rng.uniform(0.4, 1) for piece in pieces]
        piece = pieces.pop(int(np.argmax(weights)))
        through = piece.mean(axis=0) + rng.normal(0, 14, 2)
        angle = rng.choice([0.25, 1.05, 1.5, -0.6, -1.15, -0.15]) + rng.normal(0, 0.12)
        pieces += _halves(piece, through, np.array([-math.sin(angle), math.cos(angle)]))
    return pieces


def _area(piece: Polygon) -> float:
    x, y = piece.T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def _halves(piece: Polygon, through: Grid, normal: Grid) -> list[Polygon]:
    sides: tuple[list[Grid], list[Grid]] = ([], [])
    apart = (piece - through) @ normal
    for corner, following, here, there in zip(piece, np.roll(piece, -1, 0), apart, np.roll(apart, -1), strict=True):
        sides[int(here > 0)].append(corner)
        if (here > 0) != (there > 0):
            crossing = corner + (following - corner) * here / (here - there)
            sides[0].append(crossing)
            sides[1].append(crossing)
    return [np.array(side, np.float32) for side in sides if len(side) > 2]


def _labels(facets: list[Polygon]) -> Labels:
    image = Image.new("L", TABLE)
    pen = ImageDraw.Draw(image)
    for number, facet in enumerate(facets):
        pen.polygon([tuple(corner) for corner in facet.tolist()], fill=number)
    return np.asarray(image).astype(np.intp)


def _still_life() -> Grid:
    """The motif before it breaks: flat shapes with their ornaments."""
    scale = 2
    image = Image.new("RGB", (TABLE[0] * scale, TABLE[1] * scale), "#b98a4e")
    pen = ImageDraw.Draw(image)
    _room(pen)
    _bottle(pen)
    _guitar(image)
    _glass(ImageDraw.Draw(image))
    return surfaces.array(image.resize(TABLE, Image.Resampling.LANCZOS))


def _room(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((0, 0, 520, 620), fill="#34505a")
    pen.rectangle((520, 0, 1152, 520), fill="#c79a58")
    for stripe in range(540, 1152, 46):
        pen.rectangle((stripe, 0, stripe + 16, 520), fill="#a87740")
    pen.polygon([(0, 900), (1152, 700), (1152, 1408), (0, 1408)], fill="#7a3f28")
    pen.polygon([(120, 960), (1100, 790), (1010, 1330), (200, 1380)], fill="#e2d2a6")
    pen.polygon([(640, 1000), (1040, 930), (1080, 1230), (690, 1290)], fill="#f1e8cf")
    for row in range(9):
        y = 1030 + row * 26
        pen.line((680 + 4 * row, y + 8, 1020 + 5 * row, y - 54), fill="#2b2622", width=5 if row % 3 else 10)


def _bottle(pen: ImageDraw.ImageDraw) -> None:
    outline = [(190, 120), (280, 120), (280, 330), (360, 430), (360, 960), (110, 960), (110, 430), (190, 330)]
    pen.polygon(outline, fill="#1f4a3f")
    pen.polygon([(240, 120), (280, 120), (280, 330), (360, 430), (360, 960), (240, 960)], fill="#3f7a5f")
    pen.rectangle((110, 560, 360, 780), fill="#eadcb4")
    pen.ellipse((170, 600, 300, 740), fill="#b8402f", outline="#1c1614", width=6)
    pen.rectangle((180, 100, 290, 150), fill="#8f2f26")


def _guitar(image: Image.Image) -> None:
    layer = Image.new("RGBA", image.size)
    pen = ImageDraw.Draw(layer)
    for grow, fill in ((16, "#1c1614"), (0, "#c4702f"), (-34, "#d98f45")):
        for box in ((350, 760, 850, 1220), (410, 500, 790, 860)):
            pen.ellipse((box[0] - grow, box[1] - grow, box[2] + grow, box[3] + grow), fill=fill)
    pen.ellipse((510, 690, 690, 870), fill="#f0dfae")
    pen.ellipse((528, 708, 672, 852), fill="#221a1a")
    pen.rectangle((555, 40, 645, 720), fill="#3a2620")
    for fret in range(90, 700, 52):
        pen.line((555, fret, 645, fret), fill="#cdb27a", width=5)
    pen.rectangle((490, 1010, 710, 1045), fill="#2a1c18")
    for string in range(566, 640, 14):
        pen.line((string, 40, string, 1020), fill="#f4e9c8", width=3)
    turned = layer.rotate(-24, Image.Resampling.BICUBIC, center=(600, 800))
    image.paste(turned, (0, 0), turned)


def _glass(pen: ImageDraw.ImageDraw) -> None:
    pen.polygon([(880, 560), (1090, 560), (1030, 800), (940, 800)], fill="#c9d6cb", outline="#1c1614", width=6)
    pen.polygon([(905, 660), (1067, 660), (1030, 800), (940, 800)], fill="#8f2438")
    pen.polygon([(975, 800), (995, 800), (1000, 940), (970, 940)], fill="#c9d6cb", outline="#1c1614")
    pen.ellipse((900, 925, 1075, 965), fill="#c9d6cb", outline="#1c1614", width=5)
    for x, y, fill in ((300, 1160, "#c9a12f"), (420, 1230, "#a83a2a"), (260, 1280, "#6f7f3a")):
        pen.ellipse((x - 75, y - 75, x + 75, y + 75), fill=fill, outline="#1c1614", width=6)


def _refracted(motif: Grid, label: Labels, facets: list[Polygon], rng: np.random.Generator) -> Grid:
    """The motif through each facet: shifted, turned and scaled about the facet's centre."""
    rows, columns = np.mgrid[0 : TABLE[1], 0 : TABLE[0]]
    centres = np.array([facet.mean(axis=0) for facet in facets])
    turn, zoom = rng.normal(0, 0.15, len(facets)), rng.uniform(0.78, 1.10, len(facets))
    shift = rng.normal(0, 15, (len(facets), 2))
    right, down = columns - centres[label, 0], rows - centres[label, 1]
    cos, sin = (np.cos(turn) * zoom)[label], (np.sin(turn) * zoom)[label]
    x = (centres + shift)[label, 0] + cos * right - sin * down
    y = (centres + shift)[label, 1] + sin * right + cos * down
    x, y = np.clip(x, 0, TABLE[0] - 1).astype(int), np.clip(y, 0, TABLE[1] - 1).astype(int)
    return np.asarray(motif[y, x], np.float32)


def _shaded(view: Grid, label: Labels, facets: list[Polygon], turn: Grid, *, rng: np.random.Generator) -> Grid:
    """Passage: every facet runs from light to dark across, and takes a share of a plane's own colour."""
    rows, columns = np.mgrid[0 : TABLE[1], 0 : TABLE[0]].astype(np.float32)
    across = -np.sin(turn)[label] * columns + np.cos(turn)[label] * rows
    low = np.array([across[label == number].min(initial=0) for number in range(len(facets))])
    high = np.array([across[label == number].max(initial=1) for number in range(len(facets))])
    fall = (across - low[label]) / (high - low)[label]
    plane = PLANES[rng.integers(len(PLANES), size=len(facets))][label]
    share = rng.choice([0.08, 0.2, 0.55], len(facets), p=[0.45, 0.35, 0.2])[label]
    mixed = surfaces.lay(view, plane, share.astype(np.float32))
    return np.asarray(np.clip(mixed * (1.40 - 0.72 * fall[..., None]) + 0.05 * (1 - fall[..., None]), 0, 1), np.float32)


def _detail(view: Grid) -> Grid:
    grey = view.mean(axis=2)
    return np.asarray(np.abs(grey - surfaces.blur(grey, 4)) > 0.06, np.float32)


def _contours(facets: list[Polygon], label: Labels, turn: Grid, rng: np.random.Generator) -> Grid:
    """Broken dark edges, and hatching in every third facet."""
    large = Image.new("L", (TABLE[0] * 2, TABLE[1] * 2))
    pen = ImageDraw.Draw(large)
    for facet in facets:
        ring = [tuple(corner) for corner in (np.vstack([facet, facet[:1]]) * 2).tolist()]
        pen.line(ring, fill=int(rng.uniform(120, 235)), width=int(rng.integers(2, 6)))
    rows, columns = np.mgrid[0 : TABLE[1], 0 : TABLE[0]]
    across = (np.cos(turn)[label] * columns + np.sin(turn)[label] * rows) / 5.5
    hatched = (np.abs(across % 1 - 0.5) < 0.13) & (label % 3 == 0)
    lines = surfaces.array(large.resize(TABLE, Image.Resampling.LANCZOS))
    worn = 0.35 + 0.9 * surfaces.noise(TABLE, 30, rng, octaves=4)
    both = np.maximum(lines, 0.62 * surfaces.blur(hatched.astype(np.float32), 0.6))
    return np.asarray(np.clip(both * worn, 0, 0.92), np.float32)
