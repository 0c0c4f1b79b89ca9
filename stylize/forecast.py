"""THE BENCH: when a job's turn comes: the line replayed, each job taken by the first kiln that is free. Pure.

The head of the line is replayed job by job; what stands further back, in stretches that are poured over the kilns as
water levels: exact enough there, and the work stays bounded however long the line is.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from math import inf
from typing import Final

from stylize.pace import Speed

MOST_LATER: Final = 0.8  # of the kilns' time, taken by later arrivals: beyond that nothing can be foretold


@dataclass(frozen=True)
class Kiln:
    """A worker: its speed, and the seconds until it is free."""

    speed: Speed
    free_in_s: float = 0.0


@dataclass(frozen=True)
class Stretch:
    """Jobs that stand together in line; `rank` and `pk` are those of the last of them."""

    rank: float
    pk: int
    jobs: int
    cost: float  # megapixel-iterations, of all together


@dataclass(frozen=True)
class Arrival:
    """Jobs of one kind that came lately."""

    cost: float  # of one
    step: float  # how far behind the line's clock one joins
    per_s: float


@dataclass(frozen=True)
class Came:
    """A job that joined the line lately; times in seconds of any clock, `started_at` infinite while it waits."""

    at: float
    started_at: float
    cost: float
    least: float  # cost / weight: its step if its owner had nothing in line
    rank: float


def kinds(came: Sequence[Came], span_s: float) -> tuple[Arrival, ...]:
    """What may be expected to come, if the next hour is like the last: as much, and as far behind the clock."""
    claims = sorted((job.started_at, job.rank) for job in came if job.started_at < inf)
    times = [at for at, _rank in claims]
    clocks = list(accumulate((rank for _at, rank in claims), max))
    found: Counter[tuple[float, float]] = Counter()
    for job in came:
        earlier = bisect_right(times, job.at)
        step = job.rank - clocks[earlier - 1] if earlier else job.least
        found[_rounded(job.cost), _rounded(max(step, job.least))] += 1
    return tuple(Arrival(cost, step, count / max(span_s, 1.0)) for (cost, step), count in found.items())


def _rounded(value: float) -> float:
    return float(f"{value:.1e}")


@dataclass(frozen=True)
class Turn:
    """When a job is taken and when it is ready, in seconds from now."""

    jobs: int  # before it, in line or being painted
    start_s: float
    ready_s: float


@dataclass(frozen=True)
class Line:
    """What the line looks like: all that a forecast needs."""

    now: float = 0.0  # the line's clock: the rank that is being painted
    kilns: Sequence[Kiln] = ()
    painting: int = 0  # jobs at the kilns
    stretches: Sequence[Stretch] = ()  # by rank
    arrivals: Sequence[Arrival] = ()

    def jobs_before(self, rank: float, pk: float) -> int:
        """In line or being painted. A job that joins now has the greatest pk of all: infinity."""
        number, share = self._find(rank, pk)
        whole = self._places[number]
        return self.painting + whole + (round(share * self.stretches[number].jobs) if share else 0)

    def turn(self, rank: float, pk: float, cost: float) -> Turn | None:
        """None while there is no kiln whose speed is known."""
        if not self.kilns:
            return None
        number, share = self._find(rank, pk)
        free = list(self._levels[number])
        if share:
            part = self.stretches[number]
            _pour(self.kilns, free, share * part.jobs, share * part.cost)
        first = min(range(len(free)), key=free.__getitem__)
        start_s = free[first] / (1 - self._later_share(rank))
        return Turn(self.jobs_before(rank, pk), start_s, start_s + self.kilns[first].speed.seconds(cost))

    def joined_by(self, rank: float, pk: int, cost: float) -> "Line":
        """The same line with one job more; a stretch in which it lands becomes two."""
        number, share = self._find(rank, pk)
        before, behind = list(self.stretches[:number]), list(self.stretches[number:])
        if share:
            part = behind[0]
            jobs = min(part.jobs - 1, round(share * part.jobs))
            if jobs:
                before.append(Stretch(rank, 0, jobs, part.cost * jobs / part.jobs))
                behind[0] = replace(part, jobs=part.jobs - jobs, cost=part.cost * (1 - jobs / part.jobs))
        return replace(self, stretches=(*before, Stretch(rank, pk, 1, cost), *behind))

    def _find(self, rank: float, pk: float) -> tuple[int, float]:
        """How many whole stretches stand before a place, and what share of the next one does."""
        number = bisect_left(self._ends, (rank, pk))
        if number == len(self.stretches) or self.stretches[number].jobs == 1:
            return number, 0.0
        low = self._ends[number - 1][0] if number else self.now
        high = self._ends[number][0]
        return number, min(1.0, max(0.0, (rank - low) / (high - low))) if high > low else 0.5

    @cached_property
    def _ends(self) -> list[tuple[float, float]]:
        return [(stretch.rank, stretch.pk) for stretch in self.stretches]

    @cached_property
    def _places(self) -> list[int]:
        """How many jobs stand before each stretch, and before the end."""
        places = [0]
        for stretch in self.stretches:
            places.append(places[-1] + stretch.jobs)
        return places

    @cached_property
    def _levels(self) -> list[list[float]]:
        """When each kiln is free, before each stretch and at the end."""
        free = [kiln.free_in_s for kiln in self.kilns]
        levels = [list(free)]
        for stretch in self.stretches:
            _pour(self.kilns, free, stretch.jobs, stretch.cost)
            levels.append(list(free))
        return levels

    def _later_share(self, rank: float) -> float:
        """The share of all kilns' time that goes to jobs which come later and rank before this one all the same.

        The clock moves from `now` to the job's rank while it waits; who joins `step` behind the clock passes it during
        the first part of that.
        """
        distance = rank - self.now
        if distance <= 0:
            return 0.0
        return min(MOST_LATER, sum(share * max(0.0, 1 - step / distance) for step, share in self._loads))

    @cached_property
    def _loads(self) -> list[tuple[float, float]]:
        """Of each kind of arrival its step, and its share of all kilns' time."""
        loads = []
        for arrival in self.arrivals:
            together = sum(1 / max(kiln.speed.seconds(arrival.cost), 1e-9) for kiln in self.kilns)  # such jobs a second
            loads.append((arrival.step, arrival.per_s / together))
        return loads


def _pour(kilns: Sequence[Kiln], free: list[float], jobs: float, cost: float) -> None:
    """Give a stretch of the line to the kilns: one job to the first that is free, many to all alike."""
    if jobs == 1:
        first = min(range(len(free)), key=free.__getitem__)
        free[first] += kilns[first].speed.seconds(cost)
        return
    rates = [1 / max(kiln.speed.seconds(cost, jobs), 1e-9) for kiln in kilns]  # of the whole stretch, a second
    level = _level(free, rates)
    for number, at in enumerate(free):
        free[number] = max(at, level)


def _level(free: Sequence[float], rates: Sequence[float]) -> float:
    """When one whole stretch is done, if every kiln works on it from when it is free."""
    order = sorted(range(len(free)), key=free.__getitem__)
    rate, begun = 0.0, 0.0  # of those that are free by then, and rate * time of it
    for place, number in enumerate(order):
        rate += rates[number]
        begun += rates[number] * free[number]
        level = (1 + begun) / rate
        if place + 1 == len(order) or level <= free[order[place + 1]]:
            return level
    return 0.0
