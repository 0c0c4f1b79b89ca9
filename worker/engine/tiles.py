"""The kiln's fire, pictures beyond memory: cut into tiles whose gradients add up to exactly the whole's.

Two passes: statistics are summed over the cores of all tiles without keeping responses; then each tile is
looked at again and its gradient drawn back from the statistics of the whole. A core's gradient is exact when
the tile reaches as far beyond it as a pixel can act on responses, and these on others: twice half the
receptive field. Cores begin at multiples of 16 px, so that poolings fall into the same windows as untiled.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import ceil
from typing import Final

from torch import Tensor

from worker.engine.vgg import LAYERS

GRID: Final = 16
"""px, the stride of block 5."""
SMALLEST_CORE: Final = 64
"""px. Below, margins would be nearly all there is to compute."""


@dataclass(frozen=True)
class Box:
    """A part of a picture, in px; `bottom` and `right` are just outside."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def pixels(self) -> int:
        return (self.bottom - self.top) * (self.right - self.left)

    def grown(self, margin: int, height: int, width: int) -> "Box":
        """With `margin` px more on every side, within a picture of `height` x `width` px."""
        return Box(
            max(0, self.top - margin), min(height, self.bottom + margin),
            max(0, self.left - margin), min(width, self.right + margin),
        )  # fmt: skip

    def snapped(self, grid: int, height: int, width: int) -> "Box":
        """Grown to multiples of `grid` px, within a picture of `height` x `width` px."""
        return Box(
            self.top // grid * grid, min(height, ceil(self.bottom / grid) * grid),
            self.left // grid * grid, min(width, ceil(self.right / grid) * grid),
        )  # fmt: skip

    def scaled(self, whole: tuple[int, int], other: tuple[int, int]) -> "Box":
        """The same part of the same picture at another size, both (width, height)."""
        across, down = other[0] / whole[0], other[1] / whole[1]
        top, bottom = (round(at * down) for at in (self.top, self.bottom))
        left, right = (round(at * across) for at in (self.left, self.right))
        return Box(top, bottom, left, right)

    def cut(self, picture: Tensor, *, stride: int = 1, origin: "Box | None" = None) -> Tensor:
        """This part of `picture` (1, C, H, W), or of responses at `stride` px that begin where `origin` does."""
        top, left = (origin.top, origin.left) if origin else (0, 0)
        down = slice((self.top - top) // stride, (self.bottom - top) // stride)
        return picture[:, :, down, (self.left - left) // stride : (self.right - left) // stride]


def stride(layer: str) -> int:
    """px between neighbouring responses of a convolution: conv3_1 -> 4."""
    return 1 << (int(layer[4]) - 1)


def reach(layers: Collection[str]) -> int:
    """How far, in px, a pixel can act on responses of the deepest of `layers`; rounded up to the grid.

    Half the receptive field: a 3 x 3 convolution adds 2 strides, a pooling 1 (conv5_1: 156 px in all).
    """
    field, step = 1, 1
    for name in LAYERS[: max(map(LAYERS.index, layers)) + 1]:
        field += step if name.startswith("pool") else 2 * step
        step *= 2 if name.startswith("pool") else 1
    return ceil(field / 2 / GRID) * GRID


def plan(height: int, width: int, *, most_pixels: float, margin: int) -> list[Box]:
    """Cores that cover a picture, as few as possible, none with more than `most_pixels` including its margins.

    One, when all fits. Cores do not shrink under SMALLEST_CORE, however little `most_pixels` is.
    """
    if height * width <= most_pixels:
        return [Box(0, height, 0, width)]
    grids = [(rows, columns) for rows in _counts(height) for columns in _counts(width)]
    for rows, columns in sorted(grids, key=lambda grid: (grid[0] * grid[1], abs(grid[0] * width - grid[1] * height))):
        if _longest(height, rows, margin) * _longest(width, columns, margin) <= most_pixels:
            return _cores(height, width, rows, columns)
    return _cores(height, width, _counts(height)[-1], _counts(width)[-1])


def least_pixels(height: int, width: int, *, margin: int) -> int:
    """The smallest tile that `plan` can cut, with its margins."""
    return _longest(height, _counts(height)[-1], margin) * _longest(width, _counts(width)[-1], margin)


@cache
def _longest(length: int, parts: int, margin: int) -> int:
    """px of the longest part with its margins."""
    return max(min(length, end + margin) - max(0, begin - margin) for begin, end in pairwise(_cuts(length, parts)))


def _counts(length: int) -> range:
    return range(1, max(1, length // SMALLEST_CORE) + 1)


def _cores(height: int, width: int, rows: int, columns: int) -> list[Box]:
    downs, rights = _cuts(height, rows), _cuts(width, columns)
    return [Box(top, bottom, left, right) for top, bottom in pairwise(downs) for left, right in pairwise(rights)]


def _cuts(length: int, parts: int) -> list[int]:
    """Where to cut `length` px into about equal parts, at multiples of GRID."""
    inner = {round(length * part / parts / GRID) * GRID for part in range(1, parts)}
    return sorted({0, length, *(cut for cut in inner if 0 < cut <= length - GRID)})
