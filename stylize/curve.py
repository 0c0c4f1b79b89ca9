"""THE BENCH: the loss so far as a small plot: a line, what its height means, and the same in a few words. Pure."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _

LEFT, RIGHT = 52.0, 312.0  # of the plot within the viewBox of stylize/curve.html, which is 320 by 150
TOP, BOTTOM = 14.0, 122.0
MOST_TICKS: Final = 4
LEAST: Final = 1e-12  # a loss of nought has no logarithm
SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Tick:
    """A height that the scale names."""

    y: float
    label: str


@dataclass(frozen=True)
class Plot:
    """What the plot shows, in percent of the first loss, whose own size says nothing to anybody.

    Heights are logarithmic; its width is the whole work, of which a part is done.
    """

    points: str  # of an SVG polyline
    ticks: list[Tick]
    x: float  # where the line ends
    y: float
    latest: str
    rows: list[tuple[str, str]]  # (when, the loss itself) for who reads instead of looking


def plot(losses: list[float], fraction: float) -> Plot | None:
    """The losses, spread evenly over the share of the work that is done; None for less than two."""
    seen = [max(loss, LEAST) for loss in losses if math.isfinite(loss)]
    if len(seen) < 2:
        return None
    percents = [100.0 * loss / seen[0] for loss in seen]
    low, high = min(percents), max(percents)
    across = (RIGHT - LEFT) * min(max(fraction, 0.02), 1.0) / (len(seen) - 1)
    dots = [(round(LEFT + i * across, 1), _height(percent, low, high)) for i, percent in enumerate(percents)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
    return Plot(points, _ticks(low, high), *dots[-1], _percent(percents[-1]), _rows(seen))


def facts(losses: list[float], fraction: float) -> dict[str, Any] | None:
    """The plot, JSON-ready."""
    drawn = plot(losses, fraction)
    return asdict(drawn) if drawn else None


def number(value: float) -> str:
    """Three figures of a number of any size, as people write it."""
    exponent = math.floor(math.log10(value))
    if -3 <= exponent < 6:
        return number_format(round(value, 2 - exponent), max(0, 2 - exponent), use_l10n=True, force_grouping=True)
    return f"{number_format(round(value / 10**exponent, 1), 1)} × 10{str(exponent).translate(SUPERSCRIPTS)}"


def _height(percent: float, low: float, high: float) -> float:
    span = math.log(high / low) or 1.0
    return round(TOP + (BOTTOM - TOP) * math.log(high / percent) / span, 1)


def _ticks(low: float, high: float) -> list[Tick]:
    """Round numbers where there are any: powers of ten, or 1, 2 and 5 of them; else the two ends."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for mantissas in ((1,), (1, 2, 5), range(1, 10)):
        within = [m * 10.0**e for e in exponents for m in mantissas if low <= m * 10.0**e <= high]
        if len(within) >= 2:
            stride = math.ceil(len(within) / MOST_TICKS)
            return [Tick(_height(value, low, high), _percent(value)) for value in within[::stride]]
    return [Tick(_height(value, low, high), _percent(value)) for value in dict.fromkeys((high, low))]


def _percent(value: float) -> str:
    decimals = 0 if value > 9.95 else min(6, 1 - math.floor(math.log10(value)))
    figures = number_format(round(value, decimals), decimals)
    return _("%(number)s\u00a0%%") % {"number": figures.rstrip("0").rstrip(".,") if decimals else figures}


def _rows(losses: list[float]) -> list[tuple[str, str]]:
    last = len(losses) - 1
    places = {_("At the start"): 0, _("Half of the way to here"): last // 2, _("Now"): last}
    return [(when, number(losses[place])) for when, place in places.items()]
