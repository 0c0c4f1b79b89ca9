"""A shop with a clock of its own: the house's own rank, caps, speeds and forecasts; only time and painting are made up.

`tests/test_shop.py` holds its order of painting to that of the real line in Postgres.
"""

import heapq
import math
import random
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from stylize import forecast, line, pace, promise, queue
from stylize.forecast import Arrival, Came, Kiln, Line, Stretch, Turn

WEIGHTS: Final = queue.Weights()
NOISE: Final = (0.8, 1.25)  # a job's seconds beside what its worker's speed says
FAIR, STRICT, FIFO = "fair", "strict priority", "first come"
HOUR: Final = 3600.0


@dataclass
class Task:
    """A job of the simulation; times in seconds of its clock."""

    pk: int
    at: float
    owner: str
    cost: float
    paid: bool = False
    canvas: bool = False  # a print, which steps aside for others after each slice
    done: float = 0.0  # of its cost
    rank: float = 0.0
    told: Turn | None = None
    bound_s: float = math.inf
    started_at: float = math.inf
    ready_at: float = math.inf

    @property
    def weight(self) -> float:
        return WEIGHTS.of(paid=self.paid, sample=False, canvas=self.canvas)

    @property
    def left(self) -> float:
        return self.cost - self.done

    @property
    def waited_s(self) -> float:
        return self.started_at - self.at


@dataclass
class Maker:
    """A worker; `speed` is the truth, of which the house knows what the latest jobs have shown."""

    speed: pace.Speed
    task: Task | None = None
    measured: list[tuple[float, float]] = field(default_factory=list)

    @property
    def overhead(self) -> float:
        """Its fixed seconds, in megapixel-iterations."""
        return self.speed.fixed_s / self.speed.per_cost

    def piece(self, task: Task) -> float:
        """Of its cost, what it does at once."""
        return min(task.left, queue.SLICE_S / self.speed.per_cost) if task.canvas else task.cost


@dataclass
class Shop:
    makers: list[Maker]
    order: str = FAIR
    caps: bool = True
    promise_s: float = HOUR
    allowance: bool = True
    aside: bool = True  # whether prints step aside
    seed: int = 1
    now: float = 0.0
    clock: float = 0.0
    waiting: list[tuple[tuple[float, int], Task]] = field(default_factory=list)
    done: list[Task] = field(default_factory=list)
    came: deque[Task] = field(default_factory=lambda: deque(maxlen=line.LATEST))
    refused: Counter[str] = field(default_factory=Counter)

    def run(self, arrivals: Iterable[Task], until: float) -> None:
        """Everything up to `until`; what waits then keeps waiting."""
        chance = random.Random(self.seed)  # noqa: S311
        events: list[tuple[float, int, Task | Maker]] = []
        for number, task in enumerate(arrivals):
            heapq.heappush(events, (task.at, number, task))
        number = len(events)
        while events and events[0][0] <= until:
            self.now, _, what = heapq.heappop(events)
            if isinstance(what, Task):
                self.submit(what)
            else:
                self._finish(what)
            for maker in self.makers:
                if maker.task or not self.waiting:
                    continue
                ready_at = self.claim(maker, chance).ready_at
                number += 1
                heapq.heappush(events, (ready_at, number, maker))

    def line(self) -> Line:
        """What `stylize.line.read` reads, in the same stretches."""
        tasks = [task for _place, task in sorted(self.waiting, key=lambda one: one[0])]
        stretches = [Stretch(task.rank, task.pk, 1, task.left) for task in tasks[: line.HEAD]]
        groups: dict[int, list[Task]] = {}
        for place, task in enumerate(tasks[line.HEAD :], start=line.HEAD + 1):
            groups.setdefault(math.floor(20 * math.log(place / line.HEAD)), []).append(task)
        for group in groups.values():
            last = group[-1]
            stretches.append(Stretch(last.rank, last.pk, len(group), sum(task.cost for task in group)))
        rests = [task for task in self._painted() if task.canvas]
        stretches += [Stretch(self.clock + task.left / task.weight, task.pk, 1, task.left) for task in rests]
        stretches.sort(key=lambda stretch: (stretch.rank, stretch.pk))
        busy = sum(maker.task is not None for maker in self.makers)
        return Line(self.clock, self._kilns(), busy, stretches, self._arrivals() if self.allowance else ())

    # Within ----------------------------------------------------------------------------------------------------------

    def submit(self, task: Task) -> None:
        own = [
            other for _place, other in self.waiting if other.owner == task.owner and other.canvas == task.canvas
        ]  # fmt: skip
        own_kind = [
            other for other in (*own, *self._painted()) if other.owner == task.owner and other.paid == task.paid
        ]
        if (
            self.caps
            and not task.canvas
            and len(own_kind) >= queue.cap(paid=task.paid, guest=task.owner.startswith("guest"))
        ):
            self.refused["cap"] += 1
            return
        last = max((other.rank for other in own), default=0.0)
        task.rank = queue.rank(self.clock, last, task.cost, task.weight)
        task.told = self.line().turn(task.rank, math.inf, task.cost)
        if not task.paid and not task.canvas and task.told and task.told.start_s > self.promise_s:
            self.refused["promise"] += 1
            return
        task.bound_s = self._bound_at_arrival(task)
        self._stand(task)
        if not task.canvas:
            self.came.append(task)

    def claim(self, maker: Maker, chance: random.Random) -> Task:
        _place, task = heapq.heappop(self.waiting)
        self.clock = max(self.clock, task.rank)
        task.started_at, maker.task = min(self.now, task.started_at), task
        noise = min(NOISE[1], max(NOISE[0], chance.lognormvariate(0, 0.1)))
        task.ready_at = self.now + maker.speed.seconds(maker.piece(task)) * noise
        return task

    def _finish(self, maker: Maker) -> None:
        assert maker.task
        task, maker.task = maker.task, None
        if task.canvas:
            self._put_away(task, maker.piece(task))
            return
        maker.measured = pace.kept([*maker.measured, (task.cost, self.now - task.started_at)])
        self.done.append(task)

    def _put_away(self, task: Task, piece: float) -> None:
        """A slice of a print is painted: it steps aside for whom that lets go first, or goes on at once."""
        task.done += piece
        if task.left <= 1e-9:
            self.done.append(task)
            return
        rank = queue.rank(self.clock, 0.0, piece, task.weight)
        if self.aside and any(not other.canvas and other.rank < rank for _place, other in self.waiting):
            task.rank = rank
        self._stand(task)

    def _stand(self, task: Task) -> None:
        place = {FAIR: task.rank, STRICT: float(not task.paid), FIFO: 0.0}[self.order]
        heapq.heappush(self.waiting, ((place, task.pk), task))

    def _painted(self) -> list[Task]:
        return [maker.task for maker in self.makers if maker.task]

    def _kilns(self) -> list[Kiln]:
        everybodys = [one for maker in self.makers for one in maker.measured]
        usual = pace.fitted(everybodys)
        known = [(maker, pace.fitted(maker.measured, usual)) for maker in self.makers]
        return [Kiln(speed, self._left_s(maker.task, speed)) for maker, speed in known if speed]

    def _left_s(self, task: Task | None, speed: pace.Speed) -> float:
        if task is None:
            return 0.0
        if task.canvas:
            return max(0.0, task.ready_at - self.now)
        passed_s = self.now - task.started_at
        fraction = passed_s / (task.ready_at - task.started_at)
        return promise.tempered(passed_s=passed_s, fraction=fraction, expected_s=speed.seconds(task.cost)) or 0.0

    def _arrivals(self) -> tuple[Arrival, ...]:
        lately = [task for task in self.came if self.now - task.at < HOUR]
        if not lately:
            return ()
        span_s = HOUR if len(lately) < line.LATEST else self.now - lately[0].at
        return forecast.kinds([Came(t.at, t.started_at, t.cost, t.cost / t.weight, t.rank) for t in lately], span_s)

    # The bound of docs/queue.md --------------------------------------------------------------------------------------

    def _bound_at_arrival(self, task: Task) -> float:
        """Seconds until its turn at the latest, if nobody came later: what is painted now, and what ranks before."""
        overhead = max(maker.overhead for maker in self.makers)
        before = [other for _place, other in self.waiting if other.rank <= task.rank]
        slice_ = max(queue.SLICE_S / maker.speed.per_cost for maker in self.makers)
        most = slice_ + (task.rank - self.clock)  # of a print, which then stands behind this job
        work = sum(
            (min(other.left, most) if other.canvas else other.cost) + overhead
            for other in (*before, *self._painted())
        )  # fmt: skip
        return NOISE[1] * work / self.capacity

    def bound_s(self, task: Task) -> float:
        """The same with those owners who came while it waited: each brings at most its weight times the job's step."""
        later = [
            other for other in self.all_tasks() if task.at < other.at < task.started_at and other.owner != task.owner
        ]
        step = task.rank - self._clock_before(task)
        work = 0.0
        for owner in {other.owner for other in later}:
            theirs = [other for other in later if other.owner == owner]
            share = max(other.weight for other in theirs) * step
            passing = [other for other in theirs if other.cost < share]
            if passing:
                jobs = share // min(other.cost for other in passing)
                work += share + jobs * max(maker.overhead for maker in self.makers)
        return task.bound_s + NOISE[1] * work / self.capacity

    @property
    def capacity(self) -> float:
        """Megapixel-iterations a second, of all makers."""
        return sum(1 / maker.speed.per_cost for maker in self.makers)

    def _clock_before(self, task: Task) -> float:
        """What the clock showed when it came."""
        claimed = [other.rank for other in self.all_tasks() if other.started_at <= task.at and other.pk != task.pk]
        return max(claimed, default=0.0)

    def all_tasks(self) -> list[Task]:
        return [*self.done, *self._painted(), *(task for _place, task in self.waiting)]


def poisson(per_hour: float, until: float, chance: random.Random, make: Callable[[float], Task]) -> list[Task]:
    """Tasks at random times."""
    tasks, at = [], 0.0
    while per_hour and (at := at + chance.expovariate(per_hour / HOUR)) < until:
        tasks.append(make(at))
    return tasks
