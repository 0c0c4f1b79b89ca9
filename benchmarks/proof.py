"""What the proof of a canvas costs beside a painting, by the px: its part, and the look at the whole at each size."""

import argparse
from collections.abc import Callable
from typing import Final

from benchmarks import pictures
from benchmarks.limit import seconds
from benchmarks.report import Report
from stylize import queue
from worker.engine import Settings, Style, schedule
from worker.engine.easel import Easel
from worker.engine.enlarge import CONTEXT
from worker.engine.schedule import Level
from worker.engine.tiles import Box

PAINTING: Final = Level(600, 400, 1)
SIDE, TIMES_APART = 591, 1.5
"""px of 10 cm at 150 dpi; how far a measured factor may be from what the queue reckons with."""


def main() -> None:
    parser = argparse.ArgumentParser(prog='make bench ARGS="proof"', description=__doc__)
    pictures.add_pair(parser)
    parser.add_argument("--size", type=pictures.size, default=(5315, 3543), help="of the whole print, in px")
    given = parser.parse_args()
    pair, report = pictures.chosen(given), Report("The proof of a canvas")
    photo, styles = pictures.open_photo(pair.photo), [Style(pictures.open_style(pair.style))]
    across, down = given.size
    box = Box(down // 2 - SIDE // 2, down // 2 + SIDE // 2, across // 2 - SIDE // 2, across // 2 + SIDE // 2)
    whole = Level(across, down, 1)
    (part,) = schedule.part_levels([whole], box, margin=CONTEXT)

    def easel(largest: Level) -> Easel:
        return Easel(photo, styles, Settings(), largest=largest, enlarge_styles=largest is PAINTING, pulse=_nothing)

    def evaluating(level: Level) -> Callable[[], object]:
        surface = easel(level)
        objective, picture = surface.objective(level, surface.photo(level)), surface.stretched(photo, level)
        return lambda: objective.evaluate(picture)

    surface = easel(part)
    unit = _by_pixel(surface, evaluating(PAINTING), PAINTING)
    painted = _by_pixel(surface, evaluating(part), part) / unit
    looked = _by_pixel(surface, lambda: surface.drift(part, photo), whole) / unit
    report.row("an evaluation of a painting, the unit", f"{unit * 1e6:.2f} s/MP")
    for what, found, reckoned in (
        ("an evaluation of the part, as the queue reckons", painted, queue.PART_EXTRA),
        ("a look at the whole, as the queue reckons", looked, queue.LOOK_EXTRA),
    ):
        near = 1 / TIMES_APART < found / reckoned < TIMES_APART
        report.row(what, f"{found:.2f}", f"{reckoned:g}, {TIMES_APART:g} times at most", kept=near)
    report.end()


def _by_pixel(surface: Easel, work: Callable[[], object], level: Level) -> float:
    """Seconds, the second time."""
    work()
    across, down = level.painted
    return seconds(work, surface.device) / (across * down)


def _nothing() -> None:
    """A pulse."""


if __name__ == "__main__":
    main()
