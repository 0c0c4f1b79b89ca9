"""THE DESK: where the picture lies on a canvas that is drawn turned to the side, and on a wall. Pure; lengths in mm.

A plain turn without perspective: about the upright axis until the right edge is seen, then tilted until the upper is.
"""

import math
from dataclasses import dataclass
from typing import Final

from billing.canvases import DEPTH_MM, EDGE_MM, Wish, Wrap, painted_mm

TURN, TILT = math.radians(27), math.radians(9)
AROUND: Final = 22  # of room around it
BELOW: Final = 1
HANGS_CM: Final = (150, 86)  # the middle of a canvas: over the sofa, 149 cm above the floor


@dataclass(frozen=True)
class Box:
    """A rectangle in numbers that no language writes with a comma."""

    x: str
    y: str
    width: str
    height: str

    def __str__(self) -> str:
        return f"{self.x} {self.y} {self.width} {self.height}"


@dataclass(frozen=True)
class Scene:
    wish: Wish

    @property
    def front(self) -> tuple[int, int]:
        width_cm, height_cm = self.wish.canvas.size_cm(portrait=self.wish.portrait)
        return 10 * width_cm, 10 * height_cm

    @property
    def width(self) -> int:
        return self.front[0]

    @property
    def height(self) -> int:
        return self.front[1]

    @property
    def side(self) -> "Box":
        """The right edge, as it lies beside the front; both edges reach below it."""
        return _box(self.width - BELOW, 0, DEPTH_MM + BELOW, self.height)

    @property
    def upper(self) -> "Box":
        return _box(0, -DEPTH_MM, self.width, DEPTH_MM + BELOW)

    @property
    def around(self) -> int:
        """How far what is painted reaches beyond the front."""
        return EDGE_MM if self.wish.wrap == Wrap.PICTURE else 0

    @property
    def is_mirrored(self) -> bool:
        return self.wish.wrap == Wrap.MIRROR

    @property
    def has_colour(self) -> bool:
        return self.wish.wrap == Wrap.COLOUR

    @property
    def picture(self) -> Box:
        """Where the whole finished picture lies, the front's upper left corner being 0, 0."""
        width, height = painted_mm(self.wish.canvas, portrait=self.wish.portrait, wrap=self.wish.wrap)
        crop = self.wish.crop
        across, down = width / crop.width, height / crop.height
        return _box(-self.around - crop.x * across, -self.around - crop.y * down, across, down)

    @property
    def view(self) -> str:
        """The box around the turned canvas."""
        (width, height), depth = self.front, DEPTH_MM
        across = width * math.cos(TURN) + depth * math.sin(TURN)
        above = depth * math.cos(TURN) * math.sin(TILT)
        below = height * math.cos(TILT) + width * math.sin(TURN) * math.sin(TILT)
        box = (-AROUND, -above - AROUND, across + 2 * AROUND, above + below + 2 * AROUND)
        return " ".join(f"{number:.1f}" for number in box)

    @property
    def front_matrix(self) -> str:
        return _matrix(math.cos(TURN), math.sin(TURN) * math.sin(TILT), 0, math.cos(TILT), 0, 0)

    @property
    def side_matrix(self) -> str:
        """Of the right edge, as if it still lay beside the front."""
        back = (math.sin(TURN), -math.cos(TURN) * math.sin(TILT))
        corner = (self.width * math.cos(TURN), self.width * math.sin(TURN) * math.sin(TILT))
        start = (corner[0] - self.width * back[0], corner[1] - self.width * back[1])
        return _matrix(*back, 0, math.cos(TILT), *start)

    @property
    def upper_matrix(self) -> str:
        """Of the upper edge, likewise above the front."""
        along = (math.cos(TURN), math.sin(TURN) * math.sin(TILT))
        return _matrix(*along, -math.sin(TURN), math.cos(TURN) * math.sin(TILT), 0, 0)

    @property
    def side_mirror(self) -> str:
        return f"translate({2 * self.width} 0) scale(-1 1)"

    @property
    def on_wall(self) -> Box:
        """In cm of the drawing of the room."""
        width, height = self.width / 10, self.height / 10
        return _box(HANGS_CM[0] - width / 2, HANGS_CM[1] - height / 2, width, height)

    @property
    def shadow(self) -> Box:
        width, height = self.width / 10, self.height / 10
        return _box(HANGS_CM[0] - width / 2 + 1, HANGS_CM[1] - height / 2 + 2, width, height)


def painted(wish: Wish) -> str:
    """Width and height of what is painted and how far it goes around the front, for the script that moves the crop."""
    width, height = painted_mm(wish.canvas, portrait=wish.portrait, wrap=wish.wrap)
    return f"{width},{height},{Scene(wish).around}"


def _box(x: float, y: float, width: float, height: float) -> Box:
    return Box(*(f"{number:.2f}" for number in (x, y, width, height)))


def _matrix(*numbers: float) -> str:
    return f"matrix({' '.join(f'{number:.4f}' for number in numbers)})"
