"""THE BENCH: water and pigment: an ink landscape, a bed of watercolour poppies, a sheet of marbled paper."""

import math

import numpy as np
from PIL import Image, ImageDraw

from stylize.samples import surfaces
from stylize.samples.surfaces import Grid, Size

SCROLL: Size = (544, 720)
INK = surfaces.colours("2b2f3a")[0]
RIDGES = ((0.30, 0.13, 0.30, 150, "7d8ea3"), (0.40, 0.17, 0.42, 190, "6d7f8c"), (0.55, 0.15, 0.62, 150, "4a5560"),
          (0.74, 0.10, 0.85, 130, "363c42"))  # height of the ridge, its rise, darkness, feature px, ink  # fmt: skip


def ink_mountains() -> Image.Image:
    """Mountains in mist, bamboo and a seal: wet ink on absorbent paper."""
    rng = np.random.default_rng(1270)
    sheet = surfaces.colours("f1e8d4")[0] * surfaces.paper(SCROLL, rng, grain=0.06, fibre=2)[..., None]
    sheet = _pale_sun(sheet.astype(np.float32))
    for level, rise, dark, feature, ink in RIDGES:
        density = _ridge(level, rise, feature, rng)
        sheet = surfaces.glaze(sheet, surfaces.colours(ink)[0], density * dark)
    sheet = surfaces.glaze(sheet, INK, _bamboo(rng))
    return surfaces.picture(_seal(sheet, rng))


def _pale_sun(sheet: Grid) -> Grid:
    x, y = surfaces.grids(SCROLL)
    far = np.hypot(x - 0.24, y - 0.13).astype(np.float32)
    disc = 0.85 * surfaces.smoothstep(0.062, 0.055, far) + 0.2 * surfaces.smoothstep(0.2, 0.05, far)
    return surfaces.glaze(sheet, surfaces.colours("d9714e")[0], disc)


def _ridge(level: float, rise: float, feature: float, rng: np.random.Generator) -> Grid:
    """One range: dark at its edge, textured by dry strokes below it, dissolved in mist at its foot."""
    _, y = surfaces.grids(SCROLL)
    profile = np.abs(surfaces.noise((SCROLL[0], 1), feature, rng, octaves=6)[0] - 0.5) * -2.2 + 0.75
    bleed = 0.010 * (surfaces.noise(SCROLL, 9, rng, octaves=3) - 0.5)
    below = (y - (level - rise * (profile[None, :] - 0.5)) + bleed).astype(np.float32)
    body = surfaces.smoothstep(-0.002, 0.004, below) * np.exp(-np.maximum(below, 0) / (0.6 * rise))
    wash = 0.45 + 0.8 * surfaces.noise(SCROLL, 110, rng)
    edge = 0.6 * np.exp(-((below / 0.010) ** 2)) * surfaces.noise((SCROLL[0], 1), 40, rng)
    folds = _texture_strokes(below, profile, rng)
    return np.asarray(
        body * (wash + 1.4 * folds) + edge * (below > 0) + 0.25 * surfaces.blur(body * folds, 5), np.float32
    )


def _texture_strokes(below: Grid, profile: Grid, rng: np.random.Generator) -> Grid:
    """Ts'un: side-brush strokes that run down the slopes and break on the paper's grain."""
    fall = np.sign(surfaces.blur(np.gradient(profile)[None, :].repeat(2, 0), 9)[0])[None, :]
    grain = surfaces.noise((SCROLL[1], SCROLL[0]), 11, rng, octaves=3, stretch=6).T
    lean = surfaces.blur((fall * np.maximum(below, 0)).astype(np.float32), 5) * SCROLL[1] * 0.55
    slant = surfaces.bend(grain, lean + 30 * surfaces.noise(SCROLL, 60, rng, octaves=2), np.zeros_like(below))
    dry = surfaces.noise(SCROLL, 2.5, rng, octaves=1)
    broken = surfaces.smoothstep(0.50, 0.80, slant + 0.45 * (dry - 0.5))
    return broken * surfaces.smoothstep(0.0, 0.02, below)


def _bamboo(rng: np.random.Generator) -> Grid:
    """Ink density of three culms with their leaves, drawn with one load of the brush each."""
    total = np.zeros((SCROLL[1], SCROLL[0]), np.float32)
    for foot, lean, width, dark in (
        (0.70, -0.10, 0.022, 0.9),
        (0.60, 0.05, 0.014, 0.5),
        (0.745, 0.015, 0.016, 1.25),
    ):
        load = Image.new("L", (SCROLL[0] * 2, SCROLL[1] * 2))
        pen = ImageDraw.Draw(load)
        for node in _culm(pen, foot, lean, width, rng):
            _leaves(pen, node, rng)
        total += dark * _soaked(surfaces.array(load.resize(SCROLL, Image.Resampling.LANCZOS)), rng)
    return total


def _culm(
    pen: ImageDraw.ImageDraw, foot: float, lean: float, width: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    x, y, unit, nodes = foot, 1.02, SCROLL[1] * 2, []
    while y > 0.34:
        tall = rng.uniform(0.085, 0.125)
        top, half = x + lean * tall * 1.6, width / 2
        corners = ((x - half, y), (x - half * 0.8, y - tall / 2), (top - half, y - tall + 0.006),
                   (top + half, y - tall + 0.006), (x + half * 0.8, y - tall / 2), (x + half, y))  # fmt: skip
        pen.polygon([(a * unit, b * unit) for a, b in corners], fill=150)
        x, y = top, y - tall
        nodes.append((x, y))
    return nodes


def _leaves(pen: ImageDraw.ImageDraw, node: tuple[float, float], rng: np.random.Generator) -> None:
    side, unit = rng.choice([-1, 1]), SCROLL[1] * 2
    for turn in np.linspace(0.25, 1.35, rng.integers(3, 6)):
        angle = turn + rng.normal(0, 0.12)
        start = np.array(node) + np.array([side * rng.uniform(0.015, 0.05), rng.uniform(-0.02, 0.01)])
        along = np.array([side * math.cos(angle), math.sin(angle)])
        across, length = np.array([-along[1], along[0]]), rng.uniform(0.09, 0.16)
        shape = [(0, 0), (0.25, 0.062), (0.55, 0.05), (1, 0), (0.55, -0.04), (0.25, -0.055)]
        points = [tuple((start + length * (along * a + across * b)) * unit) for a, b in shape]
        pen.polygon(points, fill=int(rng.uniform(130, 255)))
        pen.line([*(np.array(node) * unit), *(start * unit)], fill=170, width=4)


def _soaked(load: Grid, rng: np.random.Generator) -> Grid:
    """A wet stroke: pigment gathers at its rim, runs a little, and skips the grain where the brush ran dry."""
    run = 2.5 * (surfaces.noise(SCROLL, 7, rng, octaves=2) - 0.5)
    wet = surfaces.blur(surfaces.bend(load, run, run[::-1]), 0.7)
    rim = np.clip(wet - surfaces.blur(wet, 4), 0, 1)
    dry = surfaces.smoothstep(0.25, 0.6, surfaces.noise(SCROLL, 5, rng, octaves=2, stretch=2) + 0.45 * wet)
    return (0.25 * surfaces.blur(wet, 5) + wet * (0.5 + 0.6 * dry) + 0.8 * rim).astype(np.float32)


def _seal(sheet: Grid, rng: np.random.Generator) -> Grid:
    stamp = Image.new("L", SCROLL)
    pen = ImageDraw.Draw(stamp)
    pen.rounded_rectangle((40, 628, 86, 676), 4, fill=235)
    for stroke in ((48, 636, 78, 636), (63, 636, 63, 668), (50, 648, 76, 648), (50, 660, 76, 660), (50, 648, 50, 668),
                   (76, 660, 76, 668)):  # fmt: skip
        pen.line(stroke, fill=0, width=3)
    worn = surfaces.array(stamp) * (0.55 + 0.6 * surfaces.noise(SCROLL, 4, rng, octaves=2))
    return surfaces.lay(sheet, surfaces.colours("b5302a")[0], np.clip(worn, 0, 1).astype(np.float32))


MEADOW: Size = (720, 576)
POPPIES = ((0.30, 0.36, 0.20, "e0342b"), (0.66, 0.27, 0.17, "ef5b2a"), (0.92, 0.52, 0.19, "d8264a"),
           (0.53, 0.62, 0.14, "f07a4a"), (0.11, 0.66, 0.13, "c93a6a"), (1.12, 0.20, 0.12, "f29a3a"),
           (0.79, 0.75, 0.11, "e8455a"))  # x, y, radius  # fmt: skip


def watercolour_poppies() -> Image.Image:
    """Wet-in-wet blooms, hard dried rims and granulation on rough paper."""
    rng = np.random.default_rng(1839)
    tooth = surfaces.noise(MEADOW, 9, rng, octaves=4)
    sheet = np.ones((MEADOW[1], MEADOW[0], 3), np.float32) * surfaces.colours("fbf7ec")[0]
    for pigment, height in (
        ("a9d3dc", 0.2),
        ("b7c9e8", 0.35),
        ("c5dca0", 0.75),
        ("86b88c", 0.95),
        ("e8d59a", 0.6),
    ):
        sheet = surfaces.glaze(sheet, surfaces.colours(pigment)[0], _wash(height, rng) * _granules(tooth, 0.35))
    for _ in range(26):
        sheet = surfaces.glaze(sheet, _green(rng), _blade(rng) * _granules(tooth, 0.35))
    for x, y, radius, pigment in POPPIES:
        sheet = _poppy(sheet, x, y, radius, surfaces.colours(pigment)[0], tooth=tooth, rng=rng)
    sheet = surfaces.glaze(sheet, surfaces.colours("c43a4a")[0], _splashes(rng))
    return surfaces.picture(surfaces.relief(sheet, tooth, 0.10))


def _granules(tooth: Grid, amount: float) -> Grid:
    return (1 + amount * (0.5 - tooth) * 2).astype(np.float32)


def _green(rng: np.random.Generator) -> Grid:
    greens = surfaces.colours("5f9a5a", "3f7f6a", "88a544", "2f6f7f", "a9b85a")
    return np.asarray(greens[rng.integers(len(greens))], np.float32)


def _wash(height: float, rng: np.random.Generator) -> Grid:
    """A loose wash around a height, with the cauliflower edges of a second drop of water."""
    _, y = surfaces.grids(MEADOW)
    flow = surfaces.noise(MEADOW, 190, rng, octaves=5)
    body = np.exp(-(((y - height) / 0.3) ** 2)) * surfaces.smoothstep(0.36, 0.62, flow)
    back = surfaces.noise(MEADOW, 130, rng, octaves=6)
    return np.asarray(body * (0.75 + 0.5 * _rim(back - 0.5, 0.02)) * (0.6 + 0.8 * back), np.float32)


def _rim(inside: Grid, width: float) -> Grid:
    """1 on the inner side of the zero line, fading inwards: where the pigment dries last."""
    return np.where(inside > 0, np.exp(-np.maximum(inside, 0) / width), 0).astype(np.float32)


def _blade(rng: np.random.Generator) -> Grid:
    x, y = surfaces.grids(MEADOW)
    foot, top, curve = rng.uniform(-0.05, 1.3), rng.uniform(0.30, 0.75), rng.normal(0, 0.22)
    rise = np.clip((1.02 - y) / (1.02 - top), 0, 1)
    half = rng.uniform(0.006, 0.022) * np.clip(4 * rise * (1.02 - rise), 0.12, 1)
    inside = (1 - np.abs(x - foot - curve * rise**2) / half).astype(np.float32) * (y > top)
    return np.asarray((inside > 0) * (0.55 + 0.25 * np.sin(9 * rise + foot * 20)) + 0.5 * _rim(inside, 0.2), np.float32)


def _poppy(
    sheet: Grid, x: float, y: float, radius: float, pigment: Grid, *, tooth: Grid, rng: np.random.Generator
) -> Grid:
    for petal, turn in enumerate(rng.permutation(np.linspace(0, 2 * math.pi, 6)[:5]) + rng.random()):
        centre = x + 0.42 * radius * math.cos(turn), y + 0.36 * radius * math.sin(turn)
        density = _petal(centre, radius * rng.uniform(0.62, 0.8), rng) * _granules(tooth, 0.3)
        lifted = 0.45 * surfaces.blur(np.minimum(density * 4, 1), 1)
        sheet = surfaces.lay(sheet, surfaces.colours("fbf7ec")[0], lifted)
        shade = np.clip(pigment + rng.normal(0, 0.05, 3) + (0.03 * petal, 0.04, 0), 0.02, 1)
        sheet = surfaces.glaze(sheet, shade.astype(np.float32), density)
    heart = _petal((x, y), radius * 0.24, rng)
    sheet = surfaces.glaze(sheet, surfaces.colours("3a2350")[0], 1.5 * heart)
    return surfaces.glaze(sheet, surfaces.colours("3a2350")[0], _stamens((x, y), radius, rng))


def _petal(centre: tuple[float, float], radius: float, rng: np.random.Generator) -> Grid:
    x, y = surfaces.grids(MEADOW)
    crinkle = 0.55 * (surfaces.noise(MEADOW, 75, rng, octaves=6) - 0.5)
    far = np.hypot(x - centre[0], (y - centre[1]) * 1.15) / radius + crinkle
    inside = (1 - far).astype(np.float32)
    pool = surfaces.noise(MEADOW, 85, rng, octaves=4)
    body = surfaces.smoothstep(0, 0.03, inside) * (0.12 + 0.75 * pool**1.5 + 0.25 * np.clip(inside, 0, 1))
    return np.asarray(body + 0.38 * _rim(inside, 0.035), np.float32)


def _stamens(centre: tuple[float, float], radius: float, rng: np.random.Generator) -> Grid:
    layer = Image.new("L", (MEADOW[0] * 2, MEADOW[1] * 2))
    pen, unit = ImageDraw.Draw(layer), MEADOW[1] * 2
    for turn in rng.uniform(0, 2 * math.pi, 46):
        far = radius * rng.uniform(0.26, 0.46)
        x, y, dot = (
            centre[0] + far * math.cos(turn),
            centre[1] + far * 0.85 * math.sin(turn),
            rng.uniform(2, 5),
        )
        pen.line([centre[0] * unit, centre[1] * unit, x * unit, y * unit], fill=90, width=2)
        pen.ellipse((x * unit - dot, y * unit - dot, x * unit + dot, y * unit + dot), fill=255)
    return surfaces.blur(surfaces.array(layer.resize(MEADOW, Image.Resampling.LANCZOS)), 0.6)


def _splashes(rng: np.random.Generator) -> Grid:
    layer = Image.new("L", (MEADOW[0] * 2, MEADOW[1] * 2))
    pen = ImageDraw.Draw(layer)
    for x, y in rng.random((90, 2)) * layer.size:
        size = 1 + rng.exponential(3.2)
        pen.ellipse((x - size, y - size * rng.uniform(0.7, 1.2), x + size, y + size), fill=int(rng.uniform(50, 190)))
    return surfaces.array(layer.resize(MEADOW, Image.Resampling.LANCZOS))
