"""The kiln's fire, the print master: a finished picture painted on at the size of a canvas."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from worker.engine import easel, schedule
from worker.engine.easel import Easel, Style
from worker.engine.errors import SettingsError
from worker.engine.schedule import Level
from worker.engine.settings import Pulse, Settings
from worker.engine.stylise import FINENESS, OTHERS, Canvas, Step, advance, canvas, check, nothing
from worker.engine.tiles import Box

FIRST_STEP = 2.0
"""Grey levels: what was seen and liked only gets finer."""
HELD = 2.0
"""px of the finished picture: what shows through a Gaussian blur of so much stays as it was seen and liked. Without it
twenty looks at a large picture are enough for its colours to drift where the style's statistics want them."""
CONTEXT = 160
"""px around a part: as far as a pixel reaches up to conv5_1."""


def enlarge(
    finished: Image.Image,
    content: Image.Image,
    styles: Sequence[Style],
    settings: Settings,
    *,
    size: tuple[int, int],
    part: tuple[int, int, int, int] | None = None,
    protect: Image.Image | None = None,
    resume: dict[str, Any] | None = None,
    pulse: Pulse = nothing,
) -> Iterator[Step]:
    """Paints `finished`, made from these pictures and settings, on at `size` (width, height) in px; yields a Step
    per evaluation.

    Large forms and their colours are there already and stay (HELD); what is new are strokes as fine as the style image
    has pixels for, so that one which is smaller than the print is used as it is. Sizes double from level to level
    (`schedule.print_levels`); `iterations` and `max_side` are not looked at. `content` may be smaller than `size`.
    `part` (left, top, right, bottom, px of the print) paints that alone, as within the whole: with CONTEXT around it,
    strokes as large as the whole's, and statistics that are to differ from the style's as they do from the whole's in
    `finished`. The last picture is cut to it.
    `resume` is a light checkpoint of the same print: what was learnt about its last level has to be learnt again.
    Raises as `stylise` does.
    """
    levels = schedule.print_levels(*size, finished=max(finished.size))
    for level in levels:
        easel.check_size(level.size)
    box = _box(part, size) if part else None
    levels = schedule.part_levels(levels, box, margin=CONTEXT) if box else levels
    surface = Easel(
        content, easel.shares(styles), settings,
        largest=levels[-1], protect=protect, enlarge_styles=False, pulse=pulse,
    )  # fmt: skip
    return _levels(surface, levels, finished, box, _Kept(levels, resume) if resume is not None else None)


class _Kept:
    """Where a print stopped. Raises SettingsError for a checkpoint of something else."""

    def __init__(self, levels: list[Level], checkpoint: dict[str, Any]) -> None:
        try:
            self.number, self.stride = int(checkpoint["iteration"]), float(checkpoint["stride"])
            self._point: Tensor = checkpoint["point"]
            width, height = _at(levels, self.number).painted
            fits = self._point.shape == (1, 3, height, width)
        except (KeyError, ValueError) as error:
            raise SettingsError(OTHERS) from error
        if not fits:
            raise SettingsError(OTHERS)

    def picture(self, device: torch.device) -> Tensor:
        """(1, 3, H, W) at the size of the level it stopped at."""
        return self._point.to(device, torch.float32) / FINENESS


def _at(levels: list[Level], number: int) -> Level:
    """The level of an evaluation, counted from 1. Raises ValueError."""
    for level in levels:
        if 0 < number <= level.evaluations:
            return level
        number -= level.evaluations
    raise ValueError("there is no such evaluation")


def _box(part: tuple[int, int, int, int], size: tuple[int, int]) -> Box:
    """Raises SettingsError."""
    left, top, right, bottom = part
    easel.check_size((right - left, bottom - top))
    if not (left >= 0 and top >= 0 and right <= size[0] and bottom <= size[1]):
        raise SettingsError(f"The part {part} does not lie within {size[0]} x {size[1]} px.")
    return Box(top, bottom, left, right)


def _levels(
    surface: Easel, levels: list[Level], finished: Image.Image, box: Box | None, kept: _Kept | None
) -> Iterator[Step]:
    work, total = sum(level.evaluations * level.pixels for level in levels), sum(level.evaluations for level in levels)
    done, number, liked = 0, 0, surface.as_painted(finished)
    start = kept.picture(surface.device) if kept else surface.stretched(liked, levels[0])
    for level in levels:
        there = min(level.evaluations, max(0, kept.number - number)) if kept else 0
        number, done = number + there, done + there * level.pixels
        if there == level.evaluations and number < total:
            continue
        current = _begun(surface, level, start, liked, kept if there else None)
        optimiser = current.optimiser
        for _ in range(max(1, level.evaluations - there)):  # once for a print that was done already
            if number < total:
                advance(current)
                done, number = done + level.pixels, number + 1
            if number == total:
                check(optimiser)
            best = optimiser.value.clone()
            point, colours = optimiser.point, current.colours
            if box and level.part and number == total:
                point = box.cut(point, origin=level.part)
                colours = None if colours is None else box.cut(colours, origin=level.part)
            yield Step(number, total, done / work, "paint", point, best, colours, stride=optimiser.stride())
        start = optimiser.point
        del current, optimiser  # the next level needs their memory


def _begun(surface: Easel, level: Level, start: Tensor, finished: Image.Image, kept: _Kept | None) -> Canvas:
    """A level from what was there before; or as it was kept, with its loss known."""
    start = functional.interpolate(start, size=level.painted[::-1], mode="bicubic", align_corners=False)
    first_step = kept.stride if kept else FIRST_STEP
    drift = surface.drift(level, finished) if level.part else None
    current = canvas(
        surface, level, start, photo=surface.photo(level), first_step=first_step, drift=drift,
        held=_held(level, finished),
    )  # fmt: skip
    if kept:
        advance(current)
    return current


def _held(level: Level, finished: Image.Image) -> float:
    """HELD in px of the level."""
    return HELD * max(level.size) / max(finished.size)
