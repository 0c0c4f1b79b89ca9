"""THE BENCH: three oil paintings: a windy night, an autumn avenue after rain, a river in dots."""

import math

import numpy as np
from PIL import Image, ImageDraw

from stylize.samples import surfaces
from stylize.samples.brushes import FINER, Brush, Easel
from stylize.samples.surfaces import Grid, Size

NIGHT: Size = (720, 576)
STARS = ((1.05, 0.17, 0.15), (0.17, 0.16, 0.075), (0.42, 0.10, 0.06), (0.66, 0.24, 0.07), (0.80, 0.07, 0.05),
         (0.47, 0.50, 0.065), (0.98, 0.45, 0.06), (0.21, 0.40, 0.05))  # x, y, radius of the halo  # fmt: skip
SWIRLS = ((0.50, 0.32, 0.15, 1.0), (0.78, 0.42, 0.11, -0.9), (0.28, 0.27, 0.08, 0.6))  # x, y, radius, turn


def windy_night() -> Image.Image:
    """A swirling sky over dark hills: impasto strokes along the wind."""
    rng = np.random.default_rng(1889)
    wind = _wind(rng)
    sky, hills, tree = _night_sky(wind, rng), _hill_cover(), _cypress_cover()
    motif = surfaces.lay(sky, _night_hills(rng), hills)
    motif = surfaces.lay(motif, _cypress(rng), tree)
    angle = np.arctan2(*np.gradient(wind)) + np.float32(math.pi / 2)  # along the lines of equal `wind`
    angle = np.where(hills > 0.5, _hill_angle(), angle)
    angle = np.where(tree > 0.5, _flame_angle(rng), angle).astype(np.float32)
    easel = Easel(motif)
    easel.paint(motif, angle, Brush(length=44, width=13, bristles=7, gap=9, jitter=0.05), rng)
    easel.paint(motif, angle, Brush(length=27, width=8, bristles=5, gap=8.5, jitter=0.07), rng)
    easel.paint(motif, angle, Brush(length=15, width=5, bristles=3, gap=5, jitter=0.06), rng, where=_near_stars())
    return surfaces.picture(easel.finish(strength=1.1))


def _wind(rng: np.random.Generator) -> Grid:
    x, y = surfaces.grids(NIGHT)
    stream = 1.1 * y + 0.16 * np.sin(4.2 * x + 1.5 * y) + 0.25 * surfaces.noise(NIGHT, 240, rng, octaves=2)
    for centre_x, centre_y, radius, turn in SWIRLS:
        far = np.hypot(x - centre_x, y - centre_y) / radius
        stream += 0.55 * turn * radius / 0.15 * np.exp(-(far**1.6))
    for centre_x, centre_y, radius in STARS:
        stream += 0.30 * np.exp(-((np.hypot(x - centre_x, y - centre_y) / radius) ** 2))
    return stream.astype(np.float32)


def _night_sky(wind: Grid, rng: np.random.Generator) -> Grid:
    _, y = surfaces.grids(NIGHT)
    bands = 0.5 + 0.5 * np.sin(wind * 34 + 5 * surfaces.noise(NIGHT, 90, rng))
    blues = surfaces.colours("0d1d52", "173a8c", "2f62b8", "4f8fcb", "9cc7d8", "d6e2c8")
    sky = surfaces.ramp((0.08 + 0.62 * bands * (0.55 + 0.6 * y)).astype(np.float32), blues)
    return _with_stars(sky)


def _with_stars(sky: Grid) -> Grid:
    x, y = surfaces.grids(NIGHT)
    halo = surfaces.colours("fff4b8", "ffd84a", "f3b52c", "e8d37a", "8fbf9f", "3f78b5")
    for centre_x, centre_y, radius in STARS:
        far = (np.hypot(x - centre_x, y - centre_y) / radius).astype(np.float32)
        rings = np.clip(far + 0.10 * np.sin(far * 16), 0, 1)
        sky = surfaces.lay(sky, surfaces.ramp(rings, halo), surfaces.smoothstep(1.05, 0.7, far))
    return sky


def _near_stars() -> Grid:
    x, y = surfaces.grids(NIGHT)
    near = [np.hypot(x - star_x, y - star_y) < 0.75 * radius for star_x, star_y, radius in STARS]
    return np.asarray(np.any(near, axis=0), np.float32)


def _hill_line(x: Grid) -> Grid:
    return np.asarray(0.74 + 0.055 * np.sin(3.1 * x + 0.6) - 0.03 * np.sin(8.3 * x), np.float32)


def _hill_cover() -> Grid:
    x, y = surfaces.grids(NIGHT)
    return (y > _hill_line(x)).astype(np.float32)


def _night_hills(rng: np.random.Generator) -> Grid:
    x, y = surfaces.grids(NIGHT)
    depth = (y - _hill_line(x)) * 3.2
    folds = 0.5 + 0.5 * np.sin(depth * 19 + 5 * x + 4 * surfaces.noise(NIGHT, 120, rng))
    land = surfaces.ramp((0.75 * folds).astype(np.float32), surfaces.colours("0e1f3f", "1d4a63", "2f7a72", "7fa86a"))
    lamps = surfaces.noise(NIGHT, 15, rng, octaves=1) * surfaces.smoothstep(0.0, 0.1, depth)
    village = surfaces.smoothstep(0.42, 0.30, np.abs(depth - 0.25)) * surfaces.smoothstep(0.45, 0.6, x)
    return surfaces.lay(land, surfaces.colours("f6b23c")[0], surfaces.smoothstep(0.80, 0.86, lamps) * village)


def _hill_angle() -> Grid:
    x, _ = surfaces.grids(NIGHT)
    return np.arctan(np.gradient(_hill_line(x), axis=1) * NIGHT[1]).astype(np.float32)


def _cypress_cover() -> Grid:
    x, y = surfaces.grids(NIGHT)
    sway = 0.135 + 0.018 * np.sin(9 * y) + 0.01 * np.sin(23 * y)
    half = 0.095 * np.clip((y - 0.20) / 0.8, 0, 1) ** 1.1 * (1 + 0.18 * np.sin(17 * y + 1))
    return np.asarray(np.abs(x - sway) < half, np.float32)


def _cypress(rng: np.random.Generator) -> Grid:
    flames = surfaces.noise((NIGHT[1], NIGHT[0]), 34, rng, stretch=4).T
    return surfaces.ramp(flames, surfaces.colours("07120f", "10241c", "23402a", "5b5a2c", "8a6a2a"))


def _flame_angle(rng: np.random.Generator) -> Grid:
    return (-math.pi / 2 + 1.3 * (surfaces.noise(NIGHT, 70, rng, octaves=2) - 0.5)).astype(np.float32)


AVENUE: Size = (640, 640)
HORIZON = 0.60
TRUNKS = ((0.10, 0.030, 0.86), (0.235, 0.020, 0.76), (0.335, 0.012, 0.68), (0.395, 0.008, 0.64), (0.605, 0.008, 0.64),
          (0.66, 0.013, 0.69), (0.755, 0.021, 0.77), (0.90, 0.032, 0.88))  # x, half width, foot  # fmt: skip


def autumn_avenue() -> Image.Image:
    """Trees in flame over a wet path: broad palette-knife touches."""
    rng = np.random.default_rng(1955)
    _, y = surfaces.grids(AVENUE)
    scene = _avenue(rng)
    easel = Easel(scene)
    leaves = (2.2 * math.pi * surfaces.noise(AVENUE, 110, rng, octaves=1)).astype(np.float32)
    flat = np.zeros_like(y)
    upright = np.full_like(y, math.pi / 2)
    ground = (y > HORIZON).astype(np.float32)
    knife = Brush(length=22, width=15, bristles=8, gap=9, wild=0.35, jitter=0.05, streak=0.025, steps=2)
    easel.paint(scene, leaves, knife, rng, where=1 - ground)
    easel.paint(scene, flat, Brush(36, 9, 5, 7, wild=0.04, jitter=0.05, streak=0.025, steps=2), rng, where=ground)
    easel.paint(scene, upright, Brush(34, 8, 5, 7, wild=0.08, jitter=0.05, steps=2), rng, where=_trunks(0.5))
    dabs = Brush(length=11, width=9, bristles=5, gap=12, wild=0.5, jitter=0.09, streak=0.025, steps=2)
    easel.paint(scene, leaves, dabs, rng, where=(1 - ground) * _crown(rng))
    easel.paint(scene, flat, Brush(20, 5, 3, 14, wild=0.03, jitter=0.10, streak=0.02, steps=2), rng, where=ground)
    return surfaces.picture(easel.finish(strength=1.0, shine=0.15))


def _avenue(rng: np.random.Generator) -> Grid:
    above = _trees(rng)
    return _mirrored(above, rng)


def _trees(rng: np.random.Generator) -> Grid:
    x, y = surfaces.grids(AVENUE)
    far = np.hypot((x - 0.5) * 1.35, y - 0.50).astype(np.float32)
    glow = surfaces.ramp(far * 1.5, surfaces.colours("fff3c4", "ffd98a", "a9c4cf", "5f86a6", "3d5a80"))
    tone = 0.6 * surfaces.noise(AVENUE, 46, rng) + 0.75 * (far - 0.12)
    fire = surfaces.ramp(np.clip(tone, 0, 1).astype(np.float32),
                         surfaces.colours("ffe27a", "f9b233", "ef7d1a", "d4451d", "9c1f2e", "4d1a3a"))  # fmt: skip
    scene = surfaces.lay(glow, fire, _crown(rng))
    return surfaces.lay(scene, surfaces.colours("24141f")[0], _trunks(0.0))


def _crown(rng: np.random.Generator) -> Grid:
    x, y = surfaces.grids(AVENUE)
    edge = np.abs(x - 0.5) * 1.9 + 0.42 * (0.42 - y) + 0.5 * (surfaces.noise(AVENUE, 80, rng) - 0.5)
    return surfaces.smoothstep(0.16, 0.30, edge.astype(np.float32))


def _trunks(margin: float) -> Grid:
    x, y = surfaces.grids(AVENUE)
    cover = np.zeros_like(x)
    for centre, half, foot in TRUNKS:
        lean = centre + 0.02 * np.sin(7 * y + 30 * centre) * half / 0.02
        width = half * (0.75 + 0.5 * y)
        cover = np.maximum(cover, (np.abs(x - lean) < width) & (y < foot) & (y > 0.30 * margin))
    return cover.astype(np.float32)


def _mirrored(above: Grid, rng: np.random.Generator) -> Grid:
    x, y = surfaces.grids(AVENUE)
    height = AVENUE[1]
    source = np.clip(((2 * HORIZON - y) * height).astype(int), 0, height - 1)
    ripple = (26 * (surfaces.noise(AVENUE, 22, rng, stretch=5) - 0.5) * (1 + 2 * (y - HORIZON))).astype(int)
    column = np.clip((x * height).astype(int) + ripple, 0, AVENUE[0] - 1)
    wet = surfaces.blur(above[source, column], 3) * 0.86 + np.float32(0.02)
    sheen = surfaces.smoothstep(0.60, 0.85, surfaces.noise(AVENUE, 30, rng, stretch=6))
    wet = surfaces.lay(wet, surfaces.colours("7fa3bd")[0], sheen * 0.6)
    return surfaces.lay(above, wet, (y > HORIZON).astype(np.float32))


RIVER: Size = (720, 528)


def river_in_dots() -> Image.Image:
    """A summer bank in points of pure colour: each dot keeps its neighbours' complement."""
    rng = np.random.default_rng(1886)
    motif = _river(rng)
    sheet = Image.new("RGB", (RIVER[0] * FINER, RIVER[1] * FINER), surfaces.code(surfaces.colours("efe3c4")[0]))
    pen = ImageDraw.Draw(sheet)
    for gap, radius, lively in ((6.0, 4.1, 0.04), (5.0, 2.7, 0.08), (5.5, 1.9, 0.13)):
        _dots(pen, motif, rng, gap=gap, radius=radius, lively=lively)
    return sheet.resize(RIVER, Image.Resampling.LANCZOS)


def _dots(
    pen: ImageDraw.ImageDraw,
    motif: Grid,
    rng: np.random.Generator,
    *,
    gap: float,
    radius: float,
    lively: float,
) -> None:
    columns, rows = int(RIVER[0] / gap) + 1, int(RIVER[1] / gap) + 1
    spots = rng.permutation(np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).reshape(-1, 2))
    spots = (spots + rng.random(spots.shape)) * gap
    at = np.clip(spots.astype(int), 0, (RIVER[0] - 1, RIVER[1] - 1))
    tones = _divided(motif[at[:, 1], at[:, 0]], rng, lively)
    sizes = radius * rng.uniform(0.75, 1.2, len(spots))
    for (x, y), tone, size in zip(spots * FINER, tones, sizes * FINER, strict=True):
        pen.ellipse((x - size, y - size, x + size, y + size), fill=surfaces.code(tone))


def _divided(tones: Grid, rng: np.random.Generator, lively: float) -> Grid:
    """Optical mixing: push every dot away from grey, at random towards warm or cold; a few are complements."""
    grey = tones.mean(axis=1, keepdims=True)
    pure = grey + (tones - grey) * 1.18
    sway = rng.choice([-1.0, 1.0], (len(tones), 1)) * lively * np.array([1.2, 0.1, -1.3])
    spread = rng.normal(0, lively, tones.shape) + sway
    complement = rng.random((len(tones), 1)) < lively * 0.55
    return np.asarray(np.clip(np.where(complement, grey + (grey - tones) * 0.9, pure) + spread, 0, 1), np.float32)


def _river(rng: np.random.Generator) -> Grid:
    x, y = surfaces.grids(RIVER)
    sky = surfaces.ramp(y * 2.6 + 0.3 * surfaces.noise(RIVER, 110, rng, stretch=3) - 0.15,
                        surfaces.colours("6fa3d8", "a9cbe6", "f4e6cf", "f9d2a8"))  # fmt: skip
    water = surfaces.ramp((y - 0.4) * 2.4 + 0.5 * surfaces.noise(RIVER, 30, rng, stretch=6) - 0.25,
                          surfaces.colours("f2d9b4", "9cc3dc", "4f86c0", "35649f"))  # fmt: skip
    scene = surfaces.lay(sky, water, (y > 0.40).astype(np.float32))
    scene = _far_bank(scene, x, y, rng)
    for mast, deck, tall in ((0.42, 0.49, 0.22), (0.62, 0.455, 0.15), (0.99, 0.52, 0.27)):
        scene = _sail(scene, x, y, mast=mast, deck=deck, tall=tall)
    return _near_bank(scene, x, y, rng)


def _far_bank(scene: Grid, x: Grid, y: Grid, rng: np.random.Generator) -> Grid:
    top = 0.335 - 0.10 * surfaces.noise(RIVER, 90, rng) - 0.03 * np.sin(4 * x)
    trees = surfaces.ramp((0.402 - y) * 7 + 0.5 * surfaces.noise(RIVER, 26, rng) - 0.2,
                          surfaces.colours("274b6d", "2f7358", "7dab4c", "e3cf5a"))  # fmt: skip
    scene = surfaces.lay(scene, trees, ((y > top) & (y < 0.402)).astype(np.float32))
    shade = surfaces.smoothstep(0.50, 0.40, y) * (y > 0.402) * 0.6
    return surfaces.lay(scene, surfaces.colours("2f6a66")[0], shade.astype(np.float32))


def _sail(scene: Grid, x: Grid, y: Grid, *, mast: float, deck: float, tall: float) -> Grid:
    rise = (deck - y) / tall
    sail = (rise > 0.02) & (rise < 1) & (x > mast) & (x < mast + 0.48 * tall * np.clip(1 - rise, 0, 1) ** 0.8)
    jib = (rise > 0.02) & (rise < 0.8) & (x < mast - 0.006) & (x > mast - 0.28 * tall * (0.8 - rise))
    hull = (np.abs(x - mast - 0.08 * tall) < 0.36 * tall + 2 * (deck - y)) & (y > deck) & (y < deck + 0.1 * tall)
    mirror = (y > deck + 0.1 * tall) & (y < deck + 0.75 * tall) & (np.abs(x - mast - 0.1 * tall) < 0.18 * tall)
    scene = surfaces.lay(scene, surfaces.colours("f7e8cf")[0], mirror * np.float32(0.55))
    scene = surfaces.lay(scene, surfaces.colours("fff6df")[0], sail.astype(np.float32))
    scene = surfaces.lay(scene, surfaces.colours("f3b98a")[0], jib.astype(np.float32))
    return surfaces.lay(scene, surfaces.colours("7a2f3a")[0], hull.astype(np.float32))


def _near_bank(scene: Grid, x: Grid, y: Grid, rng: np.random.Generator) -> Grid:
    shore = 0.93 - 0.42 * np.clip(1 - x / 0.95, 0, 1) ** 1.5 + 0.03 * np.sin(9 * x)
    light = 0.62 * surfaces.noise(RIVER, 60, rng, stretch=2.5) + 0.5 * surfaces.smoothstep(0.0, 0.3, y - shore) - 0.05
    grass = surfaces.ramp(1 - light, surfaces.colours("f5e16a", "b9cf4a", "5f9f45", "2d6a55", "28406f"))
    scene = surfaces.lay(scene, grass, (y > shore).astype(np.float32))
    trunk = np.abs(x - 0.15 - 0.02 * np.sin(6 * y)) < 0.022 + 0.02 * surfaces.smoothstep(0.6, 0.8, y)
    scene = surfaces.lay(scene, surfaces.colours("4a2f4f")[0], (trunk & (y < 0.78)).astype(np.float32))
    crown = np.hypot((x - 0.14) / 0.34, (y - 0.08) / 0.26) + 0.5 * (surfaces.noise(RIVER, 70, rng) - 0.5)
    leaves = surfaces.ramp(surfaces.noise(RIVER, 30, rng) + 0.5 * y - 0.1,
                           surfaces.colours("e6d85c", "8fb84a", "3f8a4f", "1f5560", "2a3a6a"))  # fmt: skip
    return surfaces.lay(scene, leaves, surfaces.smoothstep(1.0, 0.92, crown.astype(np.float32)))
