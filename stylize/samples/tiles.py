"""THE BENCH: pictures put together from pieces: a gold-ground mosaic, a leaded window, a cubist still life."""

import math

import numpy as np
from PIL import Image

from stylize.samples import surfaces
from stylize.samples.surfaces import Grid, Labels, Size

APSE: Size = (640, 592)


def golden_mosaic() -> Image.Image:
    """Lapis, gold and green tesserae set in rows along the forms, each tilted its own way to the light."""
    rng = np.random.default_rng(425)
    motif = _apse()
    seeds, angles = _set_tesserae(_andamento(motif), rng)
    tile = _quarrel(seeds, angles, APSE)
    at = np.clip(seeds.astype(int), 0, (APSE[0] - 1, APSE[1] - 1))
    tones = motif[at[:, 1], at[:, 0]] * rng.normal(1, 0.13, (len(seeds), 1)) + rng.normal(0, 0.03, (len(seeds), 3))
    glitter = (rng.random(len(seeds)) < 0.10)[:, None] & (tones[:, :1] > tones[:, 2:] + 0.25)
    tones = np.where(glitter, tones * 1.2 + 0.12, tones).astype(np.float32)
    gap = surfaces.distance(~surfaces.borders(tile))
    glass = tones[tile] * (1 + (rng.normal(0, 0.06, len(seeds)))[tile] * np.minimum(gap, 3))[..., None]
    grout = surfaces.colours("4a4038")[0] * surfaces.paper(APSE, rng, grain=0.3)[..., None]
    wall = surfaces.lay(grout.astype(np.float32), glass.astype(np.float32), surfaces.smoothstep(0.4, 1.6, gap))
    dome = np.minimum(gap, 2.5) + 0.5 * surfaces.noise(APSE, 5, rng, octaves=2)
    return surfaces.picture(surfaces.relief(wall, surfaces.blur(dome, 0.6), 0.22, shine=0.25))


def _apse() -> Grid:
    """The cartoon: a cross of light among stars over a garden of scrolls."""
    x, y = surfaces.grids(APSE)
    x, lapis = x - APSE[0] / APSE[1] / 2, surfaces.colours("0f2f7a", "123a8f", "1b56a8", "2f86b8")
    far = np.hypot(x, y - 0.40).astype(np.float32)
    scene = surfaces.ramp(1 - far * 1.6, lapis)
    for ring in (0.355, 0.47, 0.585):
        scene = _star_ring(scene, x, y, ring)
    scene = _medallion(scene, x, y, far)
    return _border(_scrolls(scene, x, y), x, y)


def _star_ring(scene: Grid, x: Grid, y: Grid, ring: float) -> Grid:
    turn, far = np.arctan2(y - 0.40, x), np.hypot(x, y - 0.40)
    step = 2 * math.pi / round(ring * 34)
    off = ((turn + ring * 40) % step - step / 2) * ring
    near, angle = np.hypot(off, far - ring), np.arctan2(off, far - ring)
    star = near - 0.042 * (0.72 + 0.28 * np.cos(8 * angle))
    scene = surfaces.lay(scene, surfaces.colours("e9b63c")[0], (star < 0).astype(np.float32))
    return surfaces.lay(scene, surfaces.colours("f8eecb")[0], (near < 0.014).astype(np.float32))


def _medallion(scene: Grid, x: Grid, y: Grid, far: Grid) -> Grid:
    bands = ((0.285, "f0c14a"), (0.268, "8f1f2a"), (0.245, "f3e3b0"), (0.228, "1c6b5f"), (0.205, "e2a52c"))
    for radius, tone in bands:
        scene = surfaces.lay(scene, surfaces.colours(tone)[0], (far < radius).astype(np.float32))
    turn = np.arctan2(y - 0.40, x)
    rays = (np.cos(turn * 16) > 0.2) & (far < 0.19)
    scene = surfaces.lay(scene, surfaces.colours("f6da7a")[0], rays.astype(np.float32))
    petal = far < 0.155 * (0.55 + 0.45 * np.abs(np.cos(turn * 4)))
    scene = surfaces.lay(scene, surfaces.colours("b5302f")[0], petal.astype(np.float32))
    heart = far < 0.10 * (0.6 + 0.4 * np.abs(np.cos(turn * 4)))
    scene = surfaces.lay(scene, surfaces.colours("f4e9c8")[0], heart.astype(np.float32))
    return surfaces.lay(scene, surfaces.colours("2b74a8")[0], (far < 0.035).astype(np.float32))


def _scrolls(scene: Grid, x: Grid, y: Grid) -> Grid:
    garden = y > 0.755 + 0.9 * x**2 * 0.12
    scene = surfaces.lay(scene, surfaces.colours("0f4a3f")[0], garden.astype(np.float32))
    for column in range(-3, 4):
        centre_x, hand = column * 0.165, 1 if column % 2 else -1
        near = np.hypot(x - centre_x, y - 0.865)
        turn = np.arctan2(y - 0.865, hand * (x - centre_x))
        arm = np.abs((near / 0.030 - turn / (2 * math.pi)) % 1 - 0.5) > 0.27
        vine = arm & (near < 0.082)
        scene = surfaces.lay(scene, surfaces.colours("8fb04a")[0], vine.astype(np.float32) * garden)
        scene = surfaces.lay(scene, surfaces.colours("d8473a")[0], ((near < 0.022) & garden).astype(np.float32))
    return surfaces.lay(
        scene, surfaces.colours("e6b840")[0], (np.abs(y - 0.755 - 0.108 * x**2) < 0.012).astype(np.float32)
    )


def _border(scene: Grid, x: Grid, y: Grid) -> Grid:
    inset = np.minimum(np.minimum(y, 1 - y), APSE[0] / APSE[1] / 2 - np.abs(x))
    tooth = (np.floor(x * 24) + np.floor(y * 24)) % 2 > 0
    band = np.where(tooth[..., None], surfaces.colours("a8262e")[0], surfaces.colours("f1e2b4")[0])
    scene = surfaces.lay(scene, surfaces.colours("e7b53d")[0], (inset < 0.052).astype(np.float32))
    return surfaces.lay(scene, band.astype(np.float32), (inset < 0.036).astype(np.float32))


def _andamento(motif: Grid) -> Grid:
    """The angle of the rows: along the nearest edge of the cartoon."""
    light = surfaces.blur(motif @ np.array([0.5, 0.3, -0.2], np.float32), 5)
    down, right = (np.asarray(slope, np.float32) for slope in np.gradient(light))
    tensor = [surfaces.blur(part, 14) for part in (right * right, down * down, right * down)]
    return (0.5 * np.arctan2(2 * tensor[2], tensor[0] - tensor[1])).astype(np.float32)


def _set_tesserae(angle: Grid, rng: np.random.Generator) -> tuple[Grid, Grid]:
    """Square-ish cells by Lloyd's relaxation in a turned metric (Hausner, "Simulating decorative mosaics", 2001)."""
    gap, (width, height) = 7.6, APSE
    grid = np.stack(np.meshgrid(np.arange(gap / 2, width, gap), np.arange(gap / 2, height, gap)), -1).reshape(-1, 2)
    seeds = grid + rng.normal(0, 0.2 * gap, grid.shape)
    rows, columns = np.mgrid[0:height, 0:width]
    for _ in range(3):
        at = np.clip(seeds.astype(int), 0, (width - 1, height - 1))
        owner = _quarrel(seeds, angle[at[:, 1], at[:, 0]], APSE).ravel()
        count = np.maximum(np.bincount(owner, minlength=len(seeds)), 1)
        middle = [np.bincount(owner, part.ravel(), len(seeds)) / count for part in (columns, rows)]
        seeds = np.where((count > 1)[:, None], np.stack(middle, 1), seeds)
    at = np.clip(seeds.astype(int), 0, (width - 1, height - 1))
    return seeds.astype(np.float32), angle[at[:, 1], at[:, 0]]


def _quarrel(seeds: Grid, angle: Grid, size: Size) -> Labels:
    """The owner of every pixel: the seed whose turned square reaches it first."""
    near = surfaces.nearest(seeds, size, count=4)
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    right, down = columns[..., None] - seeds[near, 0], rows[..., None] - seeds[near, 1]
    cos, sin = np.cos(angle)[near], np.sin(angle)[near]
    reach = np.maximum(np.abs(cos * right + sin * down), np.abs(cos * down - sin * right))
    return np.take_along_axis(near, reach.argmin(axis=2)[..., None], axis=2)[..., 0]


WINDOW: Size = (528, 704)
GLASS = {"sun": ("fff0a0", "ffc93a", "ff9a1f"), "ray": ("ffb52e", "f4762a", "d8383a", "8f2a6a", "4a2f8f"),
         "hill": ("1f8f6a", "2fae5a", "8fc83a", "0f6a7a", "15507f"),
         "river": ("3fc4d8", "1f8fd0", "a8e6e0", "1a5fb0"), "leaf": ("1f7a3f", "4fae3f", "0f5a4a"),
         "petal": ("f6b8cf", "e8629a", "c93a78", "f08ab4", "a3286a")}  # fmt: skip


def leaded_window() -> Image.Image:
    """A sun, hills, a river and roses in streaky glass between lead cames, lit from behind."""
    rng = np.random.default_rng(1902)
    large = WINDOW[0] * 2, WINDOW[1] * 2
    kind, piece = _cartoon(large)
    label = kind * 4096 + piece
    tones = _glass_tones(label, rng)
    streak = surfaces.noise(large, 90, rng, octaves=5, stretch=2.5)
    seedy = surfaces.noise(large, 9, rng, octaves=2)
    gap = surfaces.distance(~surfaces.borders(label))
    glow = (0.62 + 0.62 * streak + 0.12 * seedy) * (0.72 + 0.28 * surfaces.smoothstep(4, 34, gap))
    pane = np.power(np.clip(tones, 0.02, 1), 1.5 - 0.8 * streak[..., None]) * glow[..., None]
    pane += 0.22 * surfaces.smoothstep(0.66, 0.86, streak)[..., None]
    lead = surfaces.smoothstep(6.5, 5.0, gap)
    came = surfaces.colours("2a2a30")[0] + 0.10 * (surfaces.noise(large, 6, rng, octaves=2)[..., None] - 0.5)
    lit = surfaces.lay(np.clip(pane, 0, 1).astype(np.float32), came.astype(np.float32), lead)
    lit = surfaces.relief(lit, surfaces.blur(np.maximum(6.5 - gap, 0), 1.2), 0.35, shine=0.3)
    return surfaces.picture(lit).resize(WINDOW, Image.Resampling.LANCZOS)


def _cartoon(size: Size) -> tuple[Labels, Labels]:
    """Which glass (an index into GLASS) and which piece of it lies at every pixel."""
    x, y = surfaces.grids(size)
    kind, piece = _sunburst(x, y)
    for level, swing, shift, leaning in (
        (0.47, 0.05, 0.3, 0.8),
        (0.57, 0.05, 3.2, -0.9),
        (0.66, 0.035, 5.2, 0.5),
    ):
        below = y > level + swing * np.sin(6 * x + shift)
        strip = np.floor((x + leaning * (y - level)) * 7 + 0.35 * np.sin(16 * y)) + 40 + 64 * round(level * 10)
        kind, piece = np.where(below, 2, kind), np.where(below, strip, piece)
    kind, piece = _river_glass(kind, piece, x, y)
    for number, (foot, top, bloom) in enumerate(((0.15, 0.585, 0.095), (0.335, 0.745, 0.078), (0.60, 0.62, 0.105))):
        kind, piece = _rose(kind, piece, x - foot, y - top, bloom, number=number)
    frame = np.minimum(np.minimum(x, 0.75 - x), np.minimum(y, 1 - y)) < 0.032
    block = np.floor((x + 0.06) * 8) + 16 * np.floor(y * 9) + 3000
    return np.where(frame, 1 + 3 * (block % 2 > 0), kind).astype(int), np.where(frame, block, piece).astype(int)


def _sunburst(x: Grid, y: Grid) -> tuple[Grid, Grid]:
    far, turn = np.hypot(x - 0.42, y - 0.30), np.arctan2(y - 0.30, x - 0.42) / (2 * math.pi) + 0.5
    ring = np.floor(np.sqrt(far / 0.75) * 6.6 + 0.10 * np.sin(turn * 2 * math.pi * 9))
    ray = np.floor((turn + 0.015 * np.sin(far * 20) + ring * 0.037) * (8 + 4 * ring)) % (8 + 4 * ring)
    return np.where(ring < 2, 0, 1).astype(np.float32), np.where(ring < 1, 0, ring * 64 + ray).astype(np.float32)


def _river_glass(kind: Grid, piece: Grid, x: Grid, y: Grid) -> tuple[Grid, Grid]:
    middle = 0.40 + 0.13 * np.sin((y - 0.5) * 11) * (y - 0.42) * 3
    off = (x - middle) / (0.02 + 0.34 * np.clip(y - 0.50, 0, 1))
    inside = (np.abs(off) < 1) & (y > 0.535)
    part = np.floor(off * 1.5 + 2) + 8 * np.floor(np.sqrt(np.clip(y - 0.5, 0, 1)) * 15 + 0.5 * np.sin(off * 3)) + 2000
    return np.where(inside, 3, kind).astype(np.float32), np.where(inside, part, piece).astype(np.float32)


def _rose(kind: Grid, piece: Grid, x: Grid, y: Grid, bloom: float, *, number: int) -> tuple[Grid, Grid]:
    bow = 0.05 * np.sin(7 * y + number)
    stem = (np.abs(x - bow) < 0.007) & (y > 0)
    kind, piece = np.where(stem, 4, kind), np.where(stem, 1000 + number, piece)
    for leaf, (height, tilt) in enumerate(((0.15, 0.7), (0.23, -0.8), (0.31, 0.6))):
        side = np.sign(tilt)
        along = math.cos(tilt) * side * (x - bow) - abs(math.sin(tilt)) * (y - height)
        across = abs(math.sin(tilt)) * side * (x - bow) + math.cos(tilt) * (y - height)
        inside = np.abs(across) < 0.034 * (1 - ((along - 0.085) / 0.078) ** 2)
        part = 1100 + number * 16 + leaf * 4 + (across > 0) + 2 * (along > 0.09)
        kind, piece = np.where(inside, 4, kind), np.where(inside, part, piece)
    far, turn = np.hypot(x, y) / bloom, np.arctan2(y, x) / (2 * math.pi) + 0.5
    level = np.floor(far * 3.3 + 0.35 * np.abs(np.sin(math.pi * 5 * (turn + 0.13 * np.floor(far * 3)))))
    part = 500 + number * 64 + level * 12 + np.floor((turn + 0.13 * level + 0.10 * far) % 1 * (1 + 2 * level))
    inside = level < 4
    return np.where(inside, 5, kind).astype(np.float32), np.where(inside, part, piece).astype(np.float32)


def _glass_tones(label: Labels, rng: np.random.Generator) -> Grid:
    names, index = np.unique(label, return_inverse=True)
    tones = []
    for name in names:
        sheet = surfaces.colours(*list(GLASS.values())[name // 4096])
        ring = (name % 4096) // 64 - 2 if name // 4096 == 1 and name % 4096 < 1000 else rng.integers(len(sheet))
        tones.append(sheet[min(int(ring), len(sheet) - 1)] + rng.normal(0, 0.05, 3))
    return np.asarray(np.array(tones, np.float32)[index.reshape(label.shape)], np.float32)
