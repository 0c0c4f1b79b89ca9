"""THE BENCH: the line before the kiln: rank, caps and expected time. Pure.

A job's rank is fixed when it is queued and the lowest rank is painted first: self-clocked start-time fair queueing
(Golestani 1994; Goyal, Vin, Cheng 1997). Nothing ages and nothing is recomputed.
"""

from dataclasses import dataclass
from typing import Final

SWEEP_ITERATIONS: Final = 9
"""What the sweep with its preparations costs, in iterations at full size (`make bench ARGS="sweep limit"`)."""
PAID_WEIGHT: Final = 4.0
FREE_WEIGHT: Final = 1.0
SAMPLE_WEIGHT: Final = 0.0001  # samples rank behind every visitor: a free job costs about as much as a sample

GUEST_FREE_CAP: Final = 1  # waiting or running at once
FREE_CAP: Final = 3
PAID_CAP: Final = 10


def cost(iterations: int, width: int, height: int) -> float:
    """The work of a job in megapixel-iterations."""
    return (iterations + SWEEP_ITERATIONS) * width * height / 1e6


def share(done: int, ordered: int) -> float:
    """Of a job's cost, what was spent when it ended after `done` of its iterations."""
    return (done + SWEEP_ITERATIONS) / (ordered + SWEEP_ITERATIONS)


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
