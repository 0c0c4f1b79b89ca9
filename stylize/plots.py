"""THE BENCH: hours or days as bars beside each other, for the staff; the same numbers as a table. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

LEFT, RIGHT = 40.0, 352.0  # of the plot within the viewBox of stylize/staff_plot.html, which is 360 by 160
TOP, BOTTOM = 12.0, 132.0
GAP: Final = 1.5
MARKS_EVERY_H: Final = 12
MARKS_EVERY_DAYS: Final = 7


@dataclass(frozen=True)
class Series:
    """One number for every hour or day; None where there is none. `look` is its CSS class."""

    title: str
    look: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Bar:
    x: str  # strings: a template would write a float with a comma in Russian, and SVG knows none
    y: str
    width: str
    height: str
    look: str
    says: str


@dataclass(frozen=True)
class Mark:
    at: str
    label: str


@dataclass(frozen=True)
class Plot:
    title: str
    series: Sequence[Series]
    bars: list[Bar]
    ticks: list[Mark]
    marks: list[Mark]
    of: str  # what a row of the table is about
    head: list[str]
    rows: list[tuple[str, list[str]]]  # newest first


@dataclass(frozen=True)
class Scale:
    """From numbers to heights: from `low`, at most nought, to `top`."""

    low: float
    top: float

    def y(self, value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - self.low) / (self.top - self.low)

    def ticks(self) -> list[float]:
        return sorted({self.low, 0.0, self.top}) if self.low else [0.0, self.top / 2, self.top]


def hourly(
    title: str, begins: Sequence[datetime], series: Sequence[Series], says: Callable[[float], str],
    *, caps: bool = False, unit: float = 1.0,
) -> Plot:  # fmt: skip
    """Stacked bars; with `caps` the last series is no bar but a stroke at its height. `unit`: what is round here."""
    labels = [date_format(begin, "j M H:i") for begin in begins]
    marked = [hour for hour, begin in enumerate(begins) if begin.hour % MARKS_EVERY_H == 0]
    return _plot(title, _("Hour from"), labels, marked, series, says, caps=caps, unit=unit)


def daily(
    title: str, days: Sequence[datetime], series: Sequence[Series], says: Callable[[float], str],
    *, caps: bool = False, unit: float = 1.0,
) -> Plot:  # fmt: skip
    """The same for days. What is below nought hangs from its line."""
    labels = [date_format(day, "j M") for day in days]
    marked = list(range(len(days) - 1, -1, -MARKS_EVERY_DAYS))[::-1]
    return _plot(title, _("Day"), labels, marked, series, says, caps=caps, unit=unit)


def _plot(
    title: str, of: str, labels: list[str], marked: list[int], series: Sequence[Series], says: Callable[[float], str],
    *, caps: bool, unit: float,
) -> Plot:  # fmt: skip
    stacked, capped = (series[:-1], series[-1:]) if caps else (series, [])
    scale = _scale(stacked, capped, len(labels), unit)
    step = (RIGHT - LEFT) / max(len(labels), 1)
    bars = []
    for place, label in enumerate(labels):
        x, heads = LEFT + place * step, {True: 0.0, False: 0.0}  # above nought, and below
        for one in stacked:
            value = one.values[place] or 0.0
            if value:
                foot = heads[value > 0]
                heads[value > 0] += value
                high, low = scale.y(max(foot, foot + value)), scale.y(min(foot, foot + value))
                bars.append(_bar(x, high, step, low - high, one.look, f"{label} · {one.title}: {says(value)}"))
        for one in capped:
            value = one.values[place] or 0.0
            if value:
                bars.append(_bar(x, scale.y(value) - 1, step, 2.0, one.look, f"{label} · {one.title}: {says(value)}"))
    return Plot(
        title=title, series=series, bars=bars, of=of,
        ticks=[Mark(f"{scale.y(tick):.1f}", says(tick)) for tick in scale.ticks()],
        marks=[Mark(f"{LEFT + (place + 0.5) * step:.1f}", labels[place]) for place in marked],
        head=[one.title for one in series],
        rows=[
            (label, ["–" if one.values[place] is None else says(one.values[place] or 0.0) for one in series])
            for place, label in reversed(list(enumerate(labels)))
        ],
    )  # fmt: skip


def _scale(stacked: Sequence[Series], capped: Sequence[Series], places: int, unit: float) -> Scale:
    columns = [[one.values[place] or 0.0 for one in stacked] for place in range(places)]
    strokes = [value or 0.0 for one in capped for value in one.values]
    most = max([*(sum(max(value, 0.0) for value in column) for column in columns), *strokes], default=0.0)
    least = min([*(sum(min(value, 0.0) for value in column) for column in columns), *strokes], default=0.0)
    low = -unit * ceiling(-least / unit) if least < 0 else 0.0
    return Scale(low, 0.0 if most <= 0 > low else unit * ceiling(most / unit))


def ceiling(most: float) -> float:
    """The round number at or above it whose half is round, too."""
    if most <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= most * 0.9999)


def clock(seconds: float) -> str:
    """42 → 0:42, 3723 → 1:02:03: the same in every language"""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def count(value: float) -> str:
    return number_format(round(value, 1) if value % 1 else round(value), force_grouping=True)


def hundredths(value: float) -> str:
    return number_format(round(value, 2), 2)


def _bar(x: float, y: float, step: float, height: float, look: str, says: str) -> Bar:
    return Bar(f"{x + GAP / 2:.1f}", f"{y:.1f}", f"{step - GAP:.1f}", f"{height:.1f}", look, says)
