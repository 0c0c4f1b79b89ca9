"""THE BENCH: how fast a worker paints, from what its latest jobs took. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MEASURED: Final = 20  # latest jobs of a worker that its speed is taken from
FADES: Final = 0.9  # what a job counts beside the next one


@dataclass(frozen=True)
class Speed:
    """A job of cost c takes fixed_s + c * per_cost seconds."""

    fixed_s: float
    per_cost: float  # seconds per megapixel-iteration

    def seconds(self, cost: float, jobs: float = 1) -> float:
        return jobs * self.fixed_s + cost * self.per_cost


def fitted(measured: Sequence[tuple[float, float]], usual: Speed | None = None) -> Speed | None:
    """The speed that fits (cost, seconds) of the latest jobs, newest last; None while there is none.

    Relative errors are weighed, so that small jobs are told as well as large ones. Costs that are all alike cannot
    tell the fixed part: then what is `usual` keeps its proportions.
    """
    known = [(cost, seconds) for cost, seconds in measured if cost > 0 and seconds > 0]
    if not known:
        return usual
    costs = [cost for cost, _seconds in known]
    if max(costs) >= 2 * min(costs):
        rough = _line_through(known, _weights([seconds for _cost, seconds in known]))
        return _line_through(known, _weights([rough.seconds(cost) for cost in costs]))
    shape = usual or Speed(0.0, 1.0)
    foretold = [shape.seconds(cost) for cost in costs]
    weights = _weights(foretold)
    ratio = _sum(weights, foretold, [seconds for _cost, seconds in known]) / _sum(weights, foretold, foretold)
    return Speed(shape.fixed_s * ratio, shape.per_cost * ratio)


def _weights(scale: Sequence[float]) -> list[float]:
    """The newest counts most, and an error is judged beside what is usual for such a job."""
    return [FADES ** (len(scale) - 1 - number) / usual**2 for number, usual in enumerate(scale)]


def _line_through(known: Sequence[tuple[float, float]], weights: Sequence[float]) -> Speed:
    """Weighted least squares; neither part may be negative."""
    x, y = [cost for cost, _seconds in known], [seconds for _cost, seconds in known]
    ones = [1.0] * len(known)
    n, sx, sy = _sum(weights, ones, ones), _sum(weights, ones, x), _sum(weights, ones, y)
    sxx, sxy = _sum(weights, x, x), _sum(weights, x, y)
    spread = n * sxx - sx * sx
    slope = (n * sxy - sx * sy) / spread if spread > 0 else 0.0
    fixed = (sy - slope * sx) / n
    if slope > 0 and fixed >= 0:
        return Speed(fixed, slope)
    return Speed(0.0, sxy / sxx)


def _sum(weights: Sequence[float], one: Sequence[float], other: Sequence[float]) -> float:
    return sum(w * a * b for w, a, b in zip(weights, one, other, strict=True))
