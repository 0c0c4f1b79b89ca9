"""THE BENCH: what the line looks like now, from Postgres; the sums are in queue.py and forecast.py, moves in jobs.py.

Pages and polls read a picture of the line that all processes share for some seconds, so that neither many watchers nor
a long line cost more than one look.
"""

import json
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from people.models import User
from stylize import clock, forecast, pace, progress, promise, queue, tiers
from stylize.forecast import Arrival, Came, Kiln, Line, Stretch, Turn
from stylize.models import Job, JobQuerySet
from stylize.workers import Worker

SHARED: Final = "line"
LOOKING: Final = "line:looking"
LOOKING_S: Final = 10
HEAD: Final = 128  # jobs that are replayed one by one; behind them stretches, each 5 % longer than the last
LATEST: Final = 300  # jobs that tell what has come lately
DONE_LATELY: Final = 100  # jobs that tell the usual speed
STARTING_S: Final = 5.0  # until a worker that is loading its network paints
WAITED_S: Final = 3.0  # what a worker that is idle takes it has taken by then
BACK_S: Final = 15.0  # until one that was heard of lately is back

WAITING = """
SELECT max(rank), max(id), count(*), sum(cost) FROM (
    SELECT rank, id, cost, row_number() OVER (ORDER BY rank, id) AS place FROM stylize_job WHERE status = 'queued'
) AS waiting
GROUP BY CASE WHEN place <= %(head)s THEN place ELSE %(head)s + 1 + floor(20 * ln(place / %(head)s::float)) END
ORDER BY 1, 2
"""


# Where a job stands, and would stand ----------------------------------------------------------------------------------


def turn_of(job: Job) -> Turn | None:
    """When a job in line is painted, as far as it can be told."""
    return shared().turn(job.rank or 0.0, job.pk, job.cost)


def place_of(job: Job) -> int:
    """How many jobs stand before one in line."""
    return shared().jobs_before(job.rank or 0.0, job.pk)


def weight(*, paid: bool, sample: bool = False) -> float:
    return settings.LINE_WEIGHTS.of(paid=paid, sample=sample)


def weight_of(job: Job) -> float:
    canvas = job.tier == tiers.PRINT.name
    return settings.LINE_WEIGHTS.of(paid=job.is_paid_tier, sample=job.sample, canvas=canvas)


def rank_aside(job: Job, painted: float) -> float:
    """Where a job joins again that has been given `painted` of its cost: its owner's others in line are no matter."""
    return queue.rank(clock.now(), 0.0, painted, weight_of(job))


def others_wait(job: Job, painted: float) -> bool:
    """Whether stepping aside would let anybody go first who has waited for a moment; prints do not count."""
    came = timezone.now() - timedelta(seconds=WAITED_S)
    others = Job.objects.in_line().exclude(tier=tiers.PRINT.name).filter(queued_at__lt=came)
    return others.filter(rank__lt=rank_aside(job, painted)).exists()


def last_rank(owner: User | None) -> float:
    """Of the owner's jobs in line. Those that were painted rank before the line's clock, and count no more."""
    return of_owner(owner).order_by().aggregate(highest=Max("rank"))["highest"] or 0.0


def of_owner(owner: User | None, *, prints: bool = False) -> JobQuerySet:
    """What somebody has in line. Prints are a flow of their own: a print that waits makes no painting wait."""
    own = Job.objects.in_line().owned_by(owner)
    return own.filter(tier=tiers.PRINT.name) if prints else own.exclude(tier=tiers.PRINT.name)


def free_again_at(turn: Turn | None) -> datetime | None:
    """When a free job may come back whose turn is farther away than is promised; None: it may join now."""
    if turn is None or turn.start_s <= settings.FREE_PROMISE_S:
        return None
    minutes = math.ceil((turn.start_s - settings.FREE_PROMISE_S) / 60)
    return timezone.now() + timedelta(minutes=minutes)


# The picture of the line ---------------------------------------------------------------------------------------------


def shared() -> Line:
    """The line as it looked a moment ago, the same for all who ask; while one looks anew, the others need not."""
    found = cache.get(SHARED)
    line, fresh_s = _unpacked(found) if found else (None, 0.0)
    if line and (fresh_s > 0 or not cache.add(LOOKING, 1, timeout=LOOKING_S)):
        return line
    began = time.monotonic()
    line = read()
    lives_s = max(settings.LINE_LIVES_S, 20 * (time.monotonic() - began))  # a long line is looked at less often
    _share(line, lives_s)
    cache.delete(LOOKING)
    return line


def joined(job: Job) -> None:
    """Who asks now sees a new job that is in line, and nobody looks anew for its sake."""
    found = cache.get(SHARED) if job.status == Job.Status.QUEUED else None
    line, fresh_s = _unpacked(found) if found else (None, 0.0)
    if line and fresh_s > 0:
        _share(line.joined_by(job.rank or 0.0, job.pk, job.cost), fresh_s)


def read() -> Line:
    """The line as it is now."""
    running = list(Job.objects.filter(status=Job.Status.RUNNING))
    lost = [job for job in running if _is_lost(job)]
    painted = {job.worker: job for job in running if not _is_lost(job)}
    now = clock.now()
    waiting = [Stretch(job.rank or 0.0, job.pk, 1, job.cost) for job in lost] + list(_waiting())
    prints = [job for job in painted.values() if job.tier == tiers.PRINT.name]  # what is left of them goes behind
    waiting += [Stretch(now + left / weight_of(job), job.pk, 1, left) for job in prints if (left := job.cost_left)]
    return Line(
        now=now,
        kilns=tuple(_kilns(painted)),
        painting=len(painted),
        stretches=tuple(sorted(waiting, key=lambda stretch: (stretch.rank, stretch.pk))),
        arrivals=_arrivals(),
    )


def painted_now() -> dict[str, Job]:
    """The running jobs by the names of their workers."""
    return {job.worker: job for job in Job.objects.filter(status=Job.Status.RUNNING)}


def usual_speed() -> pace.Speed | None:
    """Of the latest jobs, whoever painted them; or None before the first."""
    done = Job.objects.paintings().filter(status=Job.Status.DONE).exclude(seconds=None).order_by("-finished_at")
    latest = done.values_list("cost", "seconds")[:DONE_LATELY]
    return pace.fitted([(cost, seconds or 0.0) for cost, seconds in reversed(latest)])


def seconds_per_cost(last: int = 50) -> float | None:
    """The measured speed of the latest paintings, or None before the first. Small ones take longer by the pixel."""
    done = Job.objects.paintings().filter(status=Job.Status.DONE).exclude(seconds=None).order_by("-finished_at")[:last]
    measured = list(done.values_list("seconds", "cost"))
    cost = sum(cost for _seconds, cost in measured)
    return sum(seconds or 0.0 for seconds, _cost in measured) / cost if cost else None


def left_s(job: Job) -> float | None:
    """Seconds until a running job is ready, or None while nothing has been measured."""
    worker = Worker.objects.filter(name=job.worker).first()
    speed = (worker.speed if worker else None) or usual_speed()
    return _left_s(job, speed) if speed else None


def _is_lost(job: Job) -> bool:
    """Its worker has fallen silent: the rescue puts it back before all others."""
    expired = timezone.now() - timedelta(seconds=settings.LEASE_S)
    return job.heartbeat_at is None or job.heartbeat_at < expired


def _waiting() -> Iterable[Stretch]:
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"head": HEAD})
        return [Stretch(*row) for row in cursor.fetchall()]


def _kilns(painted: dict[str, Job]) -> list[Kiln]:
    """The workers whose speed is known or can be guessed; with none alive, those that were here a moment ago."""
    here = list(Worker.objects.at_work())
    soon = {worker.name: STARTING_S if worker.state == Worker.State.STARTING else 0.0 for worker in here}
    if not here and not painted:
        here = list(Worker.objects.lately())
        soon = {worker.name: BACK_S for worker in here}
    speeds = {worker.name: worker.speed for worker in here} | {
        name: None for name in painted if name not in soon
    }  # what paints without a row in the book is a kiln, too
    usual = usual_speed() if None in speeds.values() else None
    known = {name: speed or usual for name, speed in speeds.items()}
    return [
        Kiln(speed, _left_s(painted[name], speed) if name in painted else soon[name])
        for name, speed in known.items()
        if speed
    ]


def _left_s(job: Job, speed: pace.Speed) -> float:
    """Until a job that is being painted is ready: by the usual speed, and by how far it has come."""
    if job.tier == tiers.PRINT.name:
        return queue.SLICE_S  # then it steps aside for whoever waits
    expected_s = speed.seconds(job.cost)
    passed_s = _ago_s(job.started_at)
    told = progress.read(job.key)
    if told is None or told.status != Job.Status.RUNNING or not told.fraction:
        return max(expected_s - passed_s, expected_s / 20)
    if job.fence > 1 and told.still_to_go_s is not None:  # it may have gone on from where it stopped
        return told.still_to_go_s
    return promise.tempered(passed_s=passed_s, fraction=told.fraction, expected_s=expected_s) or 0.0


def _arrivals() -> tuple[Arrival, ...]:
    """What has joined the line within the last hour, by kinds; samples come once and never again, prints step aside."""
    latest = (
        Job.objects.exclude(tier=tiers.PRINT.name)
        .order_by("-id")
        .only("queued_at", "started_at", "cost", "rank", "amount_minor", "sample", "status", "fence", "tier")[:LATEST]
    )
    lately = [job for job in latest if job.queued_at and not job.sample and _ago_s(job.queued_at) < settings.ARRIVALS_S]
    if not lately:
        return ()
    span_s = settings.ARRIVALS_S if len(lately) < LATEST else max(_ago_s(job.queued_at) for job in lately)
    return forecast.kinds([_came(job) for job in lately], span_s)


def _came(job: Job) -> Came:
    return Came(
        at=-_ago_s(job.queued_at),
        started_at=-_ago_s(job.started_at) if job.started_at else math.inf,
        cost=job.cost,
        least=job.cost / weight_of(job),
        rank=job.rank or 0.0,
    )


def _ago_s(moment: datetime | None) -> float:
    return (timezone.now() - moment).total_seconds() if moment else 0.0


def _share(line: Line, lives_s: float) -> None:
    """Old ones are kept for a while: they are for whoever asks while another looks."""
    cache.set(SHARED, _packed(line, lives_s), 5 * max(lives_s, settings.LINE_LIVES_S))


def _packed(line: Line, lives_s: float) -> str:
    return json.dumps([time.time(), lives_s, *astuple(line)])


def _unpacked(packed: str) -> tuple[Line, float]:
    """The line, and how long it is fresh. What the kilns still paint has become less since."""
    at, lives_s, now, kilns, painting, stretches, arrivals = json.loads(packed)
    passed_s = time.time() - at
    line = Line(
        now,
        tuple(Kiln(pace.Speed(*speed), max(0.0, free_in_s - passed_s)) for speed, free_in_s in kilns),
        painting,
        _each(Stretch, stretches),
        _each(Arrival, arrivals),
    )
    return line, lives_s - passed_s


def _each(kind: Any, rows: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    return tuple(kind(*row) for row in rows)
