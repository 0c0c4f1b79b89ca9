"""THE BENCH: marbled paper by exact mathematical marbling: drops push the ink aside, combs drag it."""

import numpy as np
from PIL import Image

from stylize.samples import surfaces
from stylize.samples.surfaces import Grid, Size

BATH: Size = (576, 704)
FINER = 2
INKS = surfaces.colours("f3e6c8", "14324f", "b3262e", "e0a53a", "1f7a78", "f3e6c8", "5b1f3a", "e9cfa0", "2b5fa0")


def marbled_paper() -> Image.Image:
    """Ebru: drops, a comb down, a comb up, then a slow wave: a bouquet of feathers."""
    rng = np.random.default_rng(1595)
    size = BATH[0] * FINER, BATH[1] * FINER
    x, y = surfaces.grids(size)
    x, y = _undo_wave(x, y)
    x = _undo_comb(y, x, gap=0.145, shift=0.26, sharp=0.028)
    y = _undo_comb(x, y, gap=0.058, shift=-0.17, sharp=0.014)
    y = _undo_comb(x, y, gap=0.117, shift=0.22, sharp=0.028)
    colour = _stones(x, y, rng)
    grain = surfaces.paper(size, rng, grain=0.10) * (0.93 + 0.14 * surfaces.noise(size, 8, rng, octaves=2))
    finished = surfaces.picture(colour * grain[..., None])
    return finished.resize(BATH, Image.Resampling.LANCZOS)


def _undo_wave(x: Grid, y: Grid) -> tuple[Grid, Grid]:
    return (x - 0.022 * np.sin(8 * y + 1.1)).astype(np.float32), (y - 0.016 * np.sin(10 * x)).astype(np.float32)


def _undo_comb(across: Grid, along: Grid, *, gap: float, shift: float, sharp: float) -> Grid:
    """Where the ink at (across, along) came from, before teeth `gap` apart dragged it by `shift`; across stays.

    Lu, Jaffer, Jin, Zhao and Mao, "Mathematical marbling", IEEE CG&A 2012: the pull falls off with the distance
    from the tooth.
    """
    from_tooth = np.abs((across / gap) % 1 - 0.5) * gap
    return np.asarray(along - shift * sharp / (from_tooth + sharp), np.float32)


def _stones(x: Grid, y: Grid, rng: np.random.Generator) -> Grid:
    """The bath before the combs: walk back through the drops; the last one that covers a point colours it."""
    drops = [(*rng.uniform((-0.2, -0.2), (0.95, 1.2)), rng.uniform(0.03, 0.085)) for _ in range(230)]
    x, y, ink = x.ravel().copy(), y.ravel().copy(), np.zeros(x.size, np.intp)
    alive = np.arange(x.size)
    for number, (drop_x, drop_y, radius) in reversed(list(enumerate(drops))):
        right, down = x[alive] - np.float32(drop_x), y[alive] - np.float32(drop_y)
        apart = right * right + down * down
        inside = apart < radius * radius
        ink[alive[inside]] = number
        alive, right, down, apart = (part[~inside] for part in (alive, right, down, apart))
        back = np.sqrt(1 - np.float32(radius * radius) / apart)
        x[alive], y[alive] = right * back + np.float32(drop_x), down * back + np.float32(drop_y)
    tones = INKS[np.arange(len(drops)) % len(INKS)] + rng.normal(0, 0.02, (len(drops), 3))
    return np.asarray(tones[ink], np.float32).reshape(BATH[1] * FINER, BATH[0] * FINER, 3)
