"""THE BENCH: hours as bars beside each other, for the staff page; the same numbers as a table. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.formats import date_format, number_format

LEFT, RIGHT = 40.0, 352.0  # of the plot within the viewBox of stylize/staff_plot.html, which is 360 by 160
TOP, BOTTOM = 12.0, 132.0
GAP: Final = 1.5
MARKS_EVERY_H: Final = 12


@dataclass(frozen=True)
class Series:
    """One number for every hour; None where there is none. `look` is its CSS class."""

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
    hours: list[Mark]
    head: list[str]
    rows: list[tuple[str, list[str]]]  # newest first


def hourly(
    title: str, begins: Sequence[datetime], series: Sequence[Series], says: Callable[[float], str],
    *, caps: bool = False, unit: float = 1.0,
) -> Plot:  # fmt: skip
    """Stacked bars; with `caps` the last series is no bar but a stroke at its height. `unit`: what is round here."""
    stacked, capped = (series[:-1], series[-1:]) if caps else (series, [])
    sums = [sum(one.values[hour] or 0.0 for one in stacked) for hour in range(len(begins))]
    most = max([*sums, *(value or 0.0 for one in capped for value in one.values)], default=0.0)
    top = unit * ceiling(most / unit)
    step = (RIGHT - LEFT) / max(len(begins), 1)
    labels = [date_format(begin, "j M H:i") for begin in begins]
    bars = []
    for hour, label in enumerate(labels):
        x, foot = LEFT + hour * step, BOTTOM
        for one in stacked:
            value = one.values[hour]
            if value:
                height = (BOTTOM - TOP) * value / top
                foot -= height
                bars.append(_bar(x, foot, step, height, one.look, f"{label} · {one.title}: {says(value)}"))
        for one in capped:
            value = one.values[hour]
            if value:
                at = BOTTOM - (BOTTOM - TOP) * value / top
                bars.append(_bar(x, at - 1, step, 2.0, one.look, f"{label} · {one.title}: {says(value)}"))
    return Plot(
        title=title, series=series, bars=bars,
        ticks=[Mark(f"{BOTTOM - (BOTTOM - TOP) * part:.1f}", says(top * part)) for part in (0.0, 0.5, 1.0)],
        hours=[
            Mark(f"{LEFT + (hour + 0.5) * step:.1f}", date_format(begin, "j M H:i"))
            for hour, begin in enumerate(begins)
            if begin.hour % MARKS_EVERY_H == 0
        ],
        head=[one.title for one in series],
        rows=[
            (label, ["–" if one.values[hour] is None else says(one.values[hour] or 0.0) for one in series])
            for hour, label in reversed(list(enumerate(labels)))
        ],
    )  # fmt: skip


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
