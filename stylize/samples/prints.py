"""THE BENCH: two prints: a wave in Prussian blue on cream paper, a linocut in black and vermilion."""

import math

import numpy as np
from PIL import Image, ImageDraw

from stylize.samples import surfaces
from stylize.samples.surfaces import Grid, Size

SEA: Size = (736, 528)
# The outline of the great wave, from its back over the crest into the trough.
BREAKER = (
    (-0.10, 0.62), (0.02, 0.40), (0.16, 0.21), (0.34, 0.11), (0.52, 0.12), (0.65, 0.20),
    (0.72, 0.32), (0.70, 0.40), (0.63, 0.34), (0.55, 0.33), (0.47, 0.40), (0.44, 0.52),
    (0.48, 0.66), (0.62, 0.77), (0.85, 0.80), (1.10, 0.72), (1.30, 0.60), (1.50, 0.56),
)  # fmt: skip
SWELL = (
    (-0.1, 0.80),
    (0.06, 0.70),
    (0.20, 0.70),
    (0.32, 0.80),
    (0.50, 0.90),
    (0.72, 0.92),
    (0.95, 0.86),
    (1.15, 0.88),
    (1.5, 0.96),
)
BLUES = surfaces.colours("14295a", "1f4480", "3d74a8", "8db6c9", "e9e6d2", "2a5590")
OUTLINE, FOAM = surfaces.code(surfaces.colours("12244f")[0]), surfaces.code(surfaces.colours("f6f0dd")[0])


def breaking_wave() -> Image.Image:
    """A woodblock breaker above a far white mountain: flat colour, contour stripes, claws of foam."""
    rng = np.random.default_rng(1831)
    sheet = _print_sky()
    for outline, phase in ((BREAKER, 0.0), (SWELL, 0.4)):
        curve = _spline(outline)
        sheet = _water(sheet, curve, phase, rng)
        sheet = _foam(sheet, curve[: len(curve) * 10 // 17] if outline is BREAKER else curve, rng)
    sheet = _spray(sheet, rng)
    grain = surfaces.noise(SEA, 3, rng, octaves=2, stretch=26)
    inked = sheet * (0.95 + 0.09 * grain[..., None]) * surfaces.paper(SEA, rng, grain=0.06)[..., None]
    return surfaces.picture(inked * surfaces.colours("fffaf0")[0])


def _spline(points: tuple[tuple[float, float], ...]) -> Grid:
    """Catmull-Rom through the points, 24 px-fine samples each."""
    knots = np.array([points[0], *points, points[-1]], np.float32)
    t = np.linspace(0, 1, 24, endpoint=False, dtype=np.float32)[:, None]
    parts = []
    for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(parts)


def _print_sky() -> Grid:
    x, y = surfaces.grids(SEA)
    sky = surfaces.ramp(y * 1.35, surfaces.colours("c9b48a", "ead9b0", "f4e7c8", "f0c9a0", "e9a983"))
    sun = np.hypot(x - 1.10, y - 0.25) < 0.085
    sky = surfaces.lay(sky, surfaces.colours("d3492f")[0], sun.astype(np.float32))
    slope = (y - 0.53) - 0.20 * (np.abs(x - 0.97) / 0.20) ** 0.75 / 1.0 + 0.03
    mountain = (slope > 0).astype(np.float32)
    snow = y < 0.595 + 0.035 * np.sin(x * 60) + 0.02 * np.sin(x * 23)
    tone = np.where(
        snow[..., None],
        surfaces.colours("f8f3e4")[0],
        surfaces.ramp(y * 1.2, surfaces.colours("1f4480", "5c86a8")),
    )
    return surfaces.lay(sky, tone.astype(np.float32), mountain)


def _mask(curve: Grid) -> Grid:
    large = Image.new("L", (SEA[0] * 2, SEA[1] * 2))
    corners = [*curve.tolist(), [1.6, 1.1], [-0.2, 1.1]]
    ImageDraw.Draw(large).polygon([(a * SEA[1] * 2, b * SEA[1] * 2) for a, b in corners], fill=255)
    return surfaces.array(large.resize(SEA, Image.Resampling.LANCZOS))


def _water(sheet: Grid, curve: Grid, phase: float, rng: np.random.Generator) -> Grid:
    """Stripes that run with the outline, as the carver follows the wave, between hard blue lines."""
    mask = _mask(curve)
    depth = surfaces.distance(mask > 0.5) / SEA[1]
    depth += 0.035 * (surfaces.noise(SEA, 120, rng, octaves=2) - 0.5)
    band = (depth * 14 + phase) % 1
    which = (np.floor(depth * 14 + phase) * 2 + (band > 0.55)).astype(int) % len(BLUES)
    flat = BLUES[which]
    line = surfaces.smoothstep(0.10, 0.04, np.minimum(np.abs(band - 0.55), np.minimum(band, 1 - band)))
    flat = surfaces.lay(flat, BLUES[0], 0.85 * line)
    hair = surfaces.smoothstep(0.30, 0.12, np.abs((depth * 84) % 1 - 0.5)) * (which != 4)
    flat = surfaces.lay(flat, BLUES[3], 0.45 * hair * surfaces.noise(SEA, 50, rng, octaves=3))
    fade = surfaces.smoothstep(0.1, 0.45, depth)[..., None]
    return surfaces.lay(sheet, flat * (1 - 0.25 * fade), mask)


def _foam(sheet: Grid, curve: Grid, rng: np.random.Generator) -> Grid:
    """Lobes of foam along the crest, each with its own outline, and claws that hook forward."""
    image = surfaces.picture(sheet).resize((SEA[0] * 2, SEA[1] * 2))
    pen, unit = ImageDraw.Draw(image), SEA[1] * 2
    ahead = np.gradient(curve, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True) + 1e-9
    for inward, stride, size in ((0.060, 7, 0.006), (0.036, 4, 0.008), (0.016, 3, 0.011), (0.0, 5, 0.009)):
        for index in range(int(rng.integers(stride)), len(curve), stride):
            out = np.array([ahead[index][1], -ahead[index][0]])
            spot = curve[index] - out * inward * rng.uniform(0.6, 1.3)
            _claw(
                pen,
                spot,
                -out * np.sign(inward - 0.01) + rng.choice([0.9, -0.3]) * ahead[index],
                size,
                rng=rng,
            )
            _bubbles(pen, (spot + rng.normal(0, 0.007, (3, 2))) * unit, rng.uniform(0.7, 1.5, 3) * size * unit)
    return surfaces.array(image.resize(SEA, Image.Resampling.LANCZOS))


def _claw(pen: ImageDraw.ImageDraw, start: Grid, heading: Grid, size: float, *, rng: np.random.Generator) -> None:
    angle, unit = math.atan2(heading[1], heading[0]) + rng.normal(0, 0.3), SEA[1] * 2
    curl = rng.uniform(0.14, 0.42) * rng.choice([-1, 1])
    spots, sizes, here = [], [], np.array(start, float)
    for _ in range(int(rng.integers(4, 9))):
        spots.append(here.copy())
        sizes.append(size)
        here += 0.9 * size * np.array([math.cos(angle), math.sin(angle)])
        angle, size = angle + curl, size * 0.86
    _bubbles(pen, np.array(spots) * unit, np.array(sizes) * unit)


def _bubbles(pen: ImageDraw.ImageDraw, spots: Grid, sizes: Grid) -> None:
    for fill, wider in ((OUTLINE, 2.2), (FOAM, 0.0)):
        for (x, y), size in zip(spots, sizes + wider, strict=True):
            pen.ellipse((x - size, y - size, x + size, y + size), fill=fill)


def _spray(sheet: Grid, rng: np.random.Generator) -> Grid:
    image = surfaces.picture(sheet).resize((SEA[0] * 2, SEA[1] * 2))
    pen, unit = ImageDraw.Draw(image), SEA[1] * 2
    far = rng.normal((0.72, 0.36), (0.14, 0.16), (260, 2))
    for x, y in far[(far[:, 1] < 0.7) & (far[:, 0] > 0.5)] * unit:
        size = 1.2 + rng.exponential(1.6)
        pen.ellipse((x - size, y - size, x + size, y + size), fill=FOAM, outline=OUTLINE)
    return surfaces.array(image.resize(SEA, Image.Resampling.LANCZOS))


LINO: Size = (544, 704)
FINE: Size = (LINO[0] * 2, LINO[1] * 2)


def carved_sunrise() -> Image.Image:
    """A linocut: every form is a family of gouge lines, black over a vermilion second block."""
    rng = np.random.default_rng(1923)
    x, y = surfaces.grids(FINE)
    wobble = 0.006 * (surfaces.noise(FINE, 60, rng, octaves=3) - 0.5)
    black = _carved_sky(x, y + wobble)
    red = _red_block(x, y, wobble)
    for layer in (_carved_peaks, _carved_hills, _carved_pines, _carved_field):
        black, red = layer(black, red, x, y + wobble, rng)
    ink = surfaces.blur((black > 0.5).astype(np.float32), 1.0)
    hue = surfaces.blur((red > 0.5).astype(np.float32), 1.0)
    sheet = np.ones((*x.shape, 3), np.float32) * surfaces.colours("f3ead3")[0]
    sheet = surfaces.lay(sheet, surfaces.colours("d8432b")[0], _pressed(np.roll(hue, (3, -4), (0, 1)), rng))
    sheet = surfaces.lay(sheet, surfaces.colours("17161c")[0], _pressed(ink, rng))
    sheet *= surfaces.paper(FINE, rng, grain=0.06)[..., None]
    return surfaces.picture(sheet).resize(LINO, Image.Resampling.LANCZOS)


def _pressed(cover: Grid, rng: np.random.Generator) -> Grid:
    """Ink as a hand press leaves it: salt in the flats, soft gouge edges."""
    salt = surfaces.smoothstep(0.86, 0.80, surfaces.noise(FINE, 5, rng, octaves=2))
    edge = surfaces.smoothstep(0.35, 0.65, cover + 0.35 * (surfaces.noise(FINE, 4, rng, octaves=1) - 0.5))
    return edge * (0.80 * salt + 0.14)


def _lines(phase: Grid, tone: Grid | float) -> Grid:
    """1 where ink stays: a share `tone` of each unit of phase."""
    return np.asarray(np.abs(phase % 1 - 0.5) * 2 < tone, np.float32)


SUN = (0.40, 0.265)


def _carved_sky(x: Grid, y: Grid) -> Grid:
    far, turn = np.hypot(x - SUN[0], y - SUN[1]), np.arctan2(y - SUN[1], x - SUN[0])
    rays = _lines((turn * 40 / math.pi).astype(np.float32), np.clip((far - 0.13) * 2.3, 0, 0.86))
    rings = _lines((far * 55 + 0.25 * np.sin(turn * 20)).astype(np.float32), 0.72)
    sky = np.where(far > 0.33, np.minimum(rings, _lines(turn * 20 / math.pi, 0.93)), rays)
    return np.where(far < 0.125, 0, sky).astype(np.float32)


def _red_block(x: Grid, y: Grid, wobble: Grid) -> Grid:
    far = np.hypot(x - SUN[0], y - SUN[1]) + wobble
    band = _lines((y * 30).astype(np.float32), np.clip(0.9 - 1.5 * (y - 0.2), 0.1, 0.9)) * (far > 0.18)
    return np.asarray(np.maximum(far < 0.115, band * (far < 0.33)), np.float32)


def _over(black: Grid, red: Grid, where: Grid, ink: Grid, hue: Grid | float) -> tuple[Grid, Grid]:
    inside = where > 0
    return np.where(inside, ink, black).astype(np.float32), np.where(inside, hue, red).astype(np.float32)


def _carved_peaks(black: Grid, red: Grid, x: Grid, y: Grid, rng: np.random.Generator) -> tuple[Grid, Grid]:
    rough = 0.05 * (surfaces.noise((FINE[0], 1), 90, rng, octaves=5) - 0.5)
    for top_x, top_y, steep in ((0.62, 0.30, 1.15), (0.13, 0.27, 1.25), (0.36, 0.43, 0.75)):
        where = y - top_y - steep * np.abs(x - top_x) - rough
        ridge = top_x + 0.05 * np.sin(24 * (y - top_y))
        dark = _lines((62 * (y + 0.8 * x)).astype(np.float32), 0.78 - 0.5 * np.clip(where * 1.6, 0, 1))
        lit = _lines((48 * (y - 1.1 * x)).astype(np.float32), np.clip(0.15 + 0.9 * where, 0.1, 0.6))
        ink = np.where(x > ridge, dark, lit)
        black, red = _over(black, red, where, np.maximum(ink, where < 0.006), 0)
    return black, red


def _carved_hills(black: Grid, red: Grid, x: Grid, y: Grid, rng: np.random.Generator) -> tuple[Grid, Grid]:
    for level, swing, shift, fine in ((0.56, 0.035, 0.5, 75), (0.62, 0.045, 2.6, 62), (0.70, 0.03, 4.4, 52)):
        line = level + swing * np.sin(6.5 * x + shift)
        where = y - line
        tone = 0.75 - 3.0 * where + 0.5 * (surfaces.noise(FINE, 160, rng, octaves=2) - 0.5)
        ink = _lines((fine * where * (1 + 0.5 * np.sin(4 * x + shift))).astype(np.float32), np.clip(tone, 0.22, 0.9))
        black, red = _over(
            black, red, where, np.maximum(ink, where < 0.005), _lines(fine * where / 3, 0.5) * (tone < 0.5)
        )
    return black, red


def _carved_field(black: Grid, red: Grid, x: Grid, y: Grid, rng: np.random.Generator) -> tuple[Grid, Grid]:
    where = y - (0.79 + 0.02 * np.sin(5 * x + 1))
    furrow = (np.arctan2(x - 0.52, y - 0.70) * 13).astype(np.float32)
    chips = surfaces.noise((FINE[1], FINE[0]), 16, rng, octaves=2, stretch=3).T
    ink = _lines(furrow + 0.1 * chips, np.clip(0.60 + 0.5 * (chips - 0.5), 0.2, 0.9))
    return _over(black, red, where, np.maximum(ink, where < 0.006), _lines(furrow + 0.5, 0.55))


def _carved_pines(black: Grid, red: Grid, x: Grid, y: Grid, rng: np.random.Generator) -> tuple[Grid, Grid]:
    spots = [
        (at, 0.80 + 0.03 * math.sin(9 * at), rng.uniform(0.12, 0.24)) for at in (0.04, 0.12, 0.19, 0.60, 0.67, 0.745)
    ]
    for centre, foot, tall in [*spots, (0.08, 0.86, 0.40), (0.70, 0.88, 0.46)]:
        rise = (foot - y) / tall
        side = np.abs(x - centre)
        tier = (rise * 9 + side * 12) % 1
        half = 0.20 * tall * np.clip(1.02 - rise, 0, 1) * (0.72 + 0.45 * (1 - tier))
        where = np.where((rise > 0.02) & (rise < 1), half - side, -1)
        needles = _lines((8 * rise * tall * 9 + side * 95).astype(np.float32), 0.80 - 0.35 * (x < centre))
        ink = np.maximum(needles, tier < 0.22)
        black, red = _over(black, red, where + 0.006, np.where(where > 0, ink, 0), 0)
        trunk = np.where((rise > -0.06) & (rise <= 0.02), 0.012 - side, -1)
        black, red = _over(black, red, trunk, np.ones_like(x), 0)
    return black, red
