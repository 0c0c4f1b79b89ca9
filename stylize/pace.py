"""THE BENCH: how fast a worker paints, from what its latest jobs took. Pure."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

OF_A_SIZE: Final = 6  # latest jobs of each size that a speed is taken from; sizes are powers of two
LATEST: Final = 6  # latest jobs of any size, which tell whether it is slower or faster just now
FADES: Final = 0.85  # what a job counts beside the next one


@dataclass(frozen=True)
class Speed:
    """A job of cost c takes fixed_s + c * per_cost seconds."""

    fixed_s: float
    per_cost: float  # seconds per megapixel-iteration

    def seconds(self, cost: float, jobs: float = 1) -> float:
        return jobs * self.fixed_s + cost * self.per_cost


def kept(measured: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Of (cost, seconds), newest last, what is worth remembering: a hundred small jobs must not drive out the large."""
    found: list[tuple[float, float]] = []
    sizes: Counter[int] = Counter()
    for cost, seconds in reversed(measured):
        if cost > 0 and seconds > 0 and sizes[_size(cost)] < OF_A_SIZE:
            sizes[_size(cost)] += 1
            found.append((cost, seconds))
    return found[::-1]


def fitted(measured: Sequence[tuple[float, float]], usual: Speed | None = None) -> Speed | None:
    """The speed that fits (cost, seconds) of jobs, newest last; None while there is none.

    Relative errors are weighed, so that small jobs are told as well as large ones. Costs that are all alike cannot
    tell the fixed part: then what is `usual` keeps its proportions.
    """
    known = kept(measured)
    if not known:
        return usual
    costs = [cost for cost, _seconds in known]
    shape = usual or Speed(0.0, 1.0)
    if max(costs) >= 2 * min(costs):
        fades = _faded(costs)
        rough = _line_through(known, _weights(fades, [seconds for _cost, seconds in known]))
        shape = _line_through(known, _weights(fades, [rough.seconds(cost) for cost in costs]))
    return _scaled(shape, known[-LATEST:])


def _size(cost: float) -> int:
    return math.floor(math.log2(cost))


def _scaled(shape: Speed, latest: Sequence[tuple[float, float]]) -> Speed:
    """As fast as the latest jobs were, in the proportions of `shape`."""
    foretold = [shape.seconds(cost) for cost, _seconds in latest]
    weights = _weights([FADES**age for age in reversed(range(len(latest)))], foretold)
    ratio = _sum(weights, foretold, [seconds for _cost, seconds in latest]) / _sum(weights, foretold, foretold)
    return Speed(shape.fixed_s * ratio, shape.per_cost * ratio)


def _faded(costs: Sequence[float]) -> list[float]:
    """What each counts: less, the more of its size came after it."""
    later: Counter[int] = Counter()
    fades = []
    for cost in reversed(costs):
        fades.append(FADES ** later[_size(cost)])
        later[_size(cost)] += 1
    return fades[::-1]


def _weights(fades: Sequence[float], scale: Sequence[float]) -> list[float]:
    """An error is judged beside what is usual for such a job."""
    return [fade / usual**2 for fade, usual in zip(fades, scale, strict=True)]


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
