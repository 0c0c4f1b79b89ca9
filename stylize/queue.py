"""THE BENCH: the line before the kiln: rank, caps and expected time. Pure.

A job's rank is fixed when it is queued and the lowest rank is painted first: self-clocked start-time fair queueing
(Golestani 1994; Goyal, Vin, Cheng 1997). Nothing ages and nothing is recomputed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stylize import tiers

SWEEP_ITERATIONS: Final = 9
"""What the sweep with its preparations costs, in iterations at full size (`make bench ARGS="sweep limit"`)."""
PROOF_EXTRA: Final = 1.3  # times: how much longer a pixel of a proof takes than one of a painting, measured
PAID_WEIGHT: Final = 4.0
FREE_WEIGHT: Final = 1.0
SAMPLE_WEIGHT: Final = 0.0001  # samples rank behind every visitor: a free job costs about as much as a sample

GUEST_FREE_CAP: Final = 1  # waiting or running at once
FREE_CAP: Final = 3
PAID_CAP: Final = 10
PROOF_CAP: Final = 1  # sheets of nine; one is enough to choose from


def cost(iterations: int, width: int, height: int) -> float:
    """The work of a job in megapixel-iterations."""
    return (iterations + SWEEP_ITERATIONS) * width * height / 1e6


def cost_in(tier: tiers.Tier, iterations: int, width: int, height: int) -> float:
    """The same of what a tier makes; small paintings take longer by the pixel."""
    return cost(iterations, width, height) * (PROOF_EXTRA if tier is tiers.PROOF else 1.0)


def weight(*, paid: bool, sample: bool) -> float:
    if sample:
        return SAMPLE_WEIGHT
    return PAID_WEIGHT if paid else FREE_WEIGHT


def rank(now: float, owners_last: float, cost: float, weight: float) -> float:
    """Where a job joins the line: `now` is the rank being painted, `owners_last` the owner's newest rank."""
    return max(now, owners_last) + cost / weight


def cap(*, paid: bool, guest: bool) -> int:
    """How many jobs of this kind one owner may have unfinished."""
    if paid:
        return PAID_CAP
    return GUEST_FREE_CAP if guest else FREE_CAP


@dataclass(frozen=True)
class Ahead:
    """What stands between a job and its turn."""

    jobs: int
    cost: float  # megapixel-iterations still to be painted
    kilns: int = 1  # how many paint at once


def wait_s(ahead: Ahead, seconds_per_cost: float | None) -> float | None:
    """Seconds until a job's turn by the measured speed, or None while nothing has been measured yet."""
    if seconds_per_cost is None:
        return 0.0 if ahead.jobs == 0 else None
    return ahead.cost * seconds_per_cost / max(ahead.kilns, 1)


def ready_s(ahead: Ahead, cost: float, seconds_per_cost: float | None) -> float | None:
    """Seconds until a job of this cost is painted, or None while nothing has been measured yet."""
    wait = wait_s(ahead, seconds_per_cost)
    return None if wait is None or seconds_per_cost is None else wait + cost * seconds_per_cost


# How fast a worker paints --------------------------------------------------------------------------------------------

MEASURED: Final = 20  # latest jobs of a worker that its speed is taken from
FADES: Final = 0.9  # what a job counts beside the next one


@dataclass(frozen=True)
class Speed:
    """A job of cost c takes fixed_s + c * per_cost seconds."""

    fixed_s: float
    per_cost: float  # seconds per megapixel-iteration

    def seconds(self, cost: float, jobs: int = 1) -> float:
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
