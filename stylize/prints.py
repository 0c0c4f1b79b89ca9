"""THE BENCH: prints: what of a finished picture is painted on at the size of a canvas, and how large. Pure.

A print is a job of its own tier, and so is a proof of its middle. Neither has a page here: who orders them shows them.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

from stylize import queue
from stylize.framing import Crop

LEAST_SIDE: Final = 16  # px, of what the engine paints
Box = tuple[int, int, int, int]  # left, top, right, bottom in px


class Misfit(ValueError):
    """No such print can be made: its crop does not lie in the picture, or its sizes are none."""


@dataclass(frozen=True)
class Plan:
    """How a print is made of a finished picture; a job keeps it as JSON."""

    crop: Crop  # in fractions of the finished picture
    whole: tuple[int, int]  # px, of the print
    finished: int  # px, the long side of what the crop leaves of the finished picture

    @property
    def looks(self) -> int:
        return queue.print_looks(*self.whole, self.finished)

    def cost(self, size: tuple[int, int], *, done: int = 0) -> float:
        """Of the whole print, or of its middle of that size, beyond its first `done` evaluations."""
        part = None if size == self.whole else size
        return queue.cost_of_print(self.whole, self.finished, part=part, done=done)

    def middle(self, size: tuple[int, int]) -> Box:
        """Where a part of that size lies in the print."""
        (across, down), (width, height) = self.whole, size
        left, top = (across - width) // 2, (down - height) // 2
        return left, top, left + width, top + height

    def box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """The crop of a picture of that size: left, top, right, bottom in px."""
        x, y, across, down = self.crop
        return x * width, y * height, min(1.0, x + across) * width, min(1.0, y + down) * height

    def kept(self) -> dict[str, Any]:
        return asdict(self)


def plan(picture: tuple[int, int], *, size: tuple[int, int], crop: Crop, part: tuple[int, int] | None = None) -> Plan:
    """Of a finished picture of that size in px; `size` is the whole print, `part` its middle. Raises Misfit."""
    x, y, width, height = crop
    if not (min(x, y) >= 0 < min(width, height) and max(x + width, y + height) <= 1.00001):  # false for NaN as well
        raise Misfit(f"a crop {crop} of the picture")
    left = round(width * picture[0]), round(height * picture[1])
    if min(*left, *size, *(part or size)) < LEAST_SIDE or any(a > b for a, b in zip(part or size, size, strict=True)):
        raise Misfit(f"{part or size} of {size} px from {left} px")
    return Plan(crop, size, max(left))


def of(kept: dict[str, Any]) -> Plan:
    return Plan(tuple(kept["crop"]), tuple(kept["whole"]), int(kept["finished"]))
