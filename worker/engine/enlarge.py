"""The kiln's fire, the print master: a finished picture painted on at the size of a canvas."""

from collections.abc import Iterator, Sequence

from PIL import Image
from torch.nn import functional

from worker.engine import easel, schedule
from worker.engine.easel import Easel, Style
from worker.engine.schedule import Level
from worker.engine.settings import Pulse, Settings
from worker.engine.stylise import Step, advance, canvas, check, nothing

FIRST_STEP = 2.0
"""Grey levels: what was seen and liked only gets finer."""


def enlarge(
    finished: Image.Image,
    content: Image.Image,
    styles: Sequence[Style],
    settings: Settings,
    *,
    size: tuple[int, int],
    protect: Image.Image | None = None,
    pulse: Pulse = nothing,
) -> Iterator[Step]:
    """Paints `finished`, made from these pictures and settings, on at `size` (width, height) in px; yields a Step
    per evaluation.

    Large forms are there already; what is new are strokes as fine as the style image has pixels for, so that one
    which is smaller than the print is used as it is. Sizes double from level to level (`schedule.print_levels`);
    `iterations` and `max_side` are not looked at. `content` may be smaller than `size`. Raises as `stylise` does.
    """
    levels = schedule.print_levels(*size, finished=max(finished.size))
    for level in levels:
        easel.check_size(level.size)
    surface = Easel(
        content, easel.shares(styles), settings,
        largest=levels[-1], protect=protect, enlarge_styles=False, pulse=pulse,
    )  # fmt: skip
    return _levels(surface, levels, finished)


def _levels(surface: Easel, levels: list[Level], finished: Image.Image) -> Iterator[Step]:
    work, total = sum(level.evaluations * level.pixels for level in levels), sum(level.evaluations for level in levels)
    done, number = 0, 0
    start = surface.stretched(surface.as_painted(finished), levels[0])
    for level in levels:
        start = functional.interpolate(start, size=level.size[::-1], mode="bicubic", align_corners=False)
        current = canvas(surface, level, start, photo=surface.photo(level), first_step=FIRST_STEP)
        optimiser = current.optimiser
        for _ in range(level.evaluations):
            advance(current)
            if number == total - 1:
                check(optimiser)
            done, number = done + level.pixels, number + 1
            best = optimiser.value.clone()
            yield Step(number, total, done / work, "paint", optimiser.point, best, current.colours)
        start = optimiser.point
        del current, optimiser  # the next level needs their memory
