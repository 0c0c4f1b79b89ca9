"""THE BENCH: a bristle brush and an easel: curved strokes that follow a flow field and leave ridges of paint."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from stylize.samples import surfaces
from stylize.samples.surfaces import Grid, Size

FINER = 2  # strokes are drawn at twice the size and scaled down: smooth edges


@dataclass(frozen=True)
class Brush:
    """Sizes in px of the finished picture; colour jitters in 0..1."""

    length: float
    width: float
    bristles: int
    gap: float  # distance between strokes: smaller than the width covers the canvas
    wild: float = 0.12  # how much the angle of a stroke strays from the field, radians
    jitter: float = 0.06  # colour difference between strokes
    streak: float = 0.05  # colour difference between the bristles of one stroke
    steps: int = 8


class Easel:
    """A canvas that remembers colour and the thickness of the paint."""

    def __init__(self, ground: Grid) -> None:
        """`ground` is the thin underpainting, an (h, w, 3) picture, that shows between the strokes."""
        self.size = ground.shape[1], ground.shape[0]
        large = (self.size[0] * FINER, self.size[1] * FINER)
        self._image = surfaces.picture(surfaces.blur(ground, 2) * 0.85).resize(large).convert("RGBA")
        self._image.putalpha(70)
        self._pen = ImageDraw.Draw(self._image)

    def paint(
        self, motif: Grid, angle: Grid, brush: Brush, rng: np.random.Generator, *, where: Grid | None = None
    ) -> None:
        """Cover the canvas, or the part where `where` > 0.5, with strokes in the motif's colours."""
        starts = _starts(self.size, brush.gap, rng)
        if where is not None:
            starts = starts[_sample(where, starts) > 0.5]
        stray = rng.normal(0, brush.wild, len(starts))
        paths, normals = _trace(starts, angle, brush, stray)
        base = _sample(motif, paths[:, brush.steps // 2]) + rng.normal(0, brush.jitter, (len(starts), 1))
        base += rng.normal(0, brush.jitter * 0.5, (len(starts), 3))
        for path, normal, colour in zip(paths, normals, base, strict=True):
            self._stroke(path, normal, colour, brush, rng)

    def _stroke(self, path: Grid, normal: Grid, colour: Grid, brush: Brush, rng: np.random.Generator) -> None:
        offsets = np.linspace(-0.42, 0.42, brush.bristles)
        tones = np.clip(colour + rng.normal(0, brush.streak, (brush.bristles, 1)), 0, 1) * 255
        heights = np.clip(150 + 90 * np.abs(offsets * 2) ** 3 + rng.normal(0, 45, brush.bristles), 60, 255)
        late, early = rng.integers(0, 2, (2, brush.bristles))
        thick = max(1, round(FINER * brush.width / brush.bristles * 1.5))
        for offset, tone, height, first, last in zip(offsets, tones, heights, late, early, strict=True):
            line = (path + normal * (offset * brush.width))[first : len(path) - last] * FINER
            self._pen.line(line.ravel().tolist(), fill=(*(int(c) for c in tone), int(height)), width=thick)

    def finish(self, *, strength: float = 0.9, shine: float = 0.12) -> Grid:
        """The dry painting, lit from the upper left."""
        red, green, blue, thick = (band.resize(self.size, Image.Resampling.LANCZOS) for band in self._image.split())
        colour = surfaces.array(Image.merge("RGB", (red, green, blue)))
        height = surfaces.blur(surfaces.array(thick), 0.6)
        return surfaces.relief(colour, height, strength, shine=shine)


def _starts(size: Size, gap: float, rng: np.random.Generator) -> Grid:
    columns, rows = int(size[0] / gap) + 3, int(size[1] / gap) + 3
    y, x = np.mgrid[-1 : rows - 1, -1 : columns - 1].reshape(2, -1)
    points = (np.stack([x, y], axis=1) + rng.random((columns * rows, 2))) * gap
    return rng.permutation(points).astype(np.float32)


def _sample(field: Grid, points: Grid) -> Grid:
    x = np.clip(points[:, 0].astype(int), 0, field.shape[1] - 1)
    y = np.clip(points[:, 1].astype(int), 0, field.shape[0] - 1)
    return np.asarray(field[y, x], np.float32)


def _trace(starts: Grid, angle: Grid, brush: Brush, stray: Grid) -> tuple[Grid, Grid]:
    """Paths (n, steps, 2) through the field and the unit normals along them."""
    here, step = starts.copy(), brush.length / (brush.steps - 1)
    paths, normals = [], []
    for _ in range(brush.steps):
        turn = _sample(angle, here) + stray
        ahead = np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)
        paths.append(here)
        normals.append(ahead[:, ::-1] * np.array([-1, 1], np.float32))
        here = here + ahead * step
    return np.stack(paths, axis=1), np.stack(normals, axis=1)
