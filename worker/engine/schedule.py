"""The kiln's fire, its plan: how large, how many levels, how many looks at each. Pure numbers.

The plan never depends on the iterations that follow it: every tier starts from the same sweep.
"""

from dataclasses import dataclass, replace
from typing import Final

from worker.engine.tiles import GRID, Box

COARSEST: Final = {"fine": 10_000, "medium": 400, "broad": 96}
"""px, long side, by stroke scale: large strokes are in the underpainting already, so up to 800 px the sweep needs
no smaller size. Under 192 the style repaints the photo at large scale: houses become hills."""
FULL, BETWEEN = 5, 2
"""Evaluations in the sweep at full size and between it and the coarsest."""
COARSE, HALF = 8, 4
"""Evaluations at the coarsest size, and where that is half the full size already: worth at most 6 in all."""
PRINT_FULL, PRINT_HALF = 10, 20
"""Iterations of a print master at full size and at each smaller one."""


@dataclass(frozen=True)
class Level:
    """One size of the sweep, in px, and how often the network looks at the picture there."""

    width: int
    height: int
    evaluations: int
    part: Box | None = None
    """What of it is painted, where that is not the whole."""

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def painted(self) -> tuple[int, int]:
        """Width and height of what is painted."""
        return (self.part.right - self.part.left, self.part.bottom - self.part.top) if self.part else self.size

    @property
    def pixels(self) -> int:
        return self.width * self.height


def fitted_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """Width and height in px, scaled to a long side of at most `max_side`, in proportion, never enlarged."""
    scale = min(1.0, max_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def levels(width: int, height: int, *, stroke_scale: str = "medium") -> list[Level]:
    """The sweep for a painting of `width` x `height` px, coarsest first: halves, none under COARSEST."""
    sizes = [(width, height)]
    while max(sizes[-1]) >= 2 * COARSEST[stroke_scale] and min(sizes[-1]) >= 64:
        sizes.append((sizes[-1][0] // 2, sizes[-1][1] // 2))
    if len(sizes) == 1:
        return [Level(width, height, FULL + 1)]
    looks = [FULL] + [BETWEEN] * (len(sizes) - 2) + [HALF if len(sizes) == 2 else COARSE]
    return [Level(*size, evaluations) for size, evaluations in reversed(list(zip(sizes, looks, strict=True)))]


def print_levels(width: int, height: int, *, finished: int) -> list[Level]:
    """From a finished picture of `finished` px on the long side to a print master, coarsest first.

    Every level is at most twice as large as what was there before; large ones are few looks, for a look at
    twenty megapixels takes a minute.
    """
    sizes = [(width, height)]
    while max(sizes[-1]) > 2 * finished:
        sizes.append(fitted_size(width, height, round(max(sizes[-1]) / 2)))
    looks = [PRINT_FULL] + [PRINT_HALF] * (len(sizes) - 1)
    return [Level(*size, evaluations) for size, evaluations in reversed(list(zip(sizes, looks, strict=True)))]


def part_levels(levels: list[Level], part: Box, *, margin: int) -> list[Level]:
    """The same levels for a `part` of the last one alone, with `margin` px of what is around it at that size.

    It begins and ends, as far as the picture reaches, on multiples of 16 px at every level, so that the network's
    windows lie on it as on the whole.
    """
    last, grid = levels[-1], GRID << (len(levels) - 1)
    wide = part.grown(margin, last.height, last.width).snapped(grid, last.height, last.width)
    return [replace(level, part=wide.scaled(last.size, level.size)) for level in levels]


def style_size(width: int, height: int, *, pixels: int, brush_size: float, enlarge: bool = True) -> tuple[int, int]:
    """Size in px for a style image: as many pixels as the painting, times `brush_size` squared.

    By area, not by side, so that strokes keep their size on a panorama. Never narrower than 32 px. Unless it may
    `enlarge`, at its own pixels at most: an enlarged style teaches blur.
    """
    scale = brush_size * (pixels / (width * height)) ** 0.5
    scale = scale if enlarge else min(scale, 1.0)
    scale = max(scale, 32 / min(width, height))
    return round(width * scale), round(height * scale)
