"""THE BENCH: what is counted for those who watch: the line, what ended lately, waits, device time. From Postgres.

Every look reads the unfinished jobs from one index, or what has ended within a bounded time from another; nothing grows
with the number of pictures. Device time of a job that did not finish lasts until its last heartbeat; runs before the
last are not in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import connection
from django.utils import timezone

KIND: Final = "CASE WHEN sample THEN 'sample' ELSE tier END"
WAIT_S: Final = "greatest(extract(epoch FROM started_at - queued_at), 0)"
DEVICE_S: Final = """CASE WHEN status = 'done' THEN coalesce(seconds, 0)
    WHEN started_at IS NULL OR heartbeat_at IS NULL THEN 0
    ELSE greatest(extract(epoch FROM heartbeat_at - started_at), 0) END"""

UNFINISHED: Final = f"""
SELECT status, {KIND}, count(*), min(queued_at), sum(cost), sum(strikes)
FROM stylize_job WHERE status IN ('unpaid', 'queued', 'running') GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608
ENDED: Final = f"""
SELECT status, {KIND}, failure, count(*), sum(strikes), sum(greatest(fence - 1, 0)), sum({DEVICE_S})
FROM stylize_job WHERE finished_at >= %(since)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608
SPREAD: Final = """
SELECT kind, width_bucket(s::float, %(bounds)s::float[]), count(*), sum(s) FROM (
    SELECT {kind} AS kind, {seconds} AS s FROM stylize_job
    WHERE finished_at >= %(since)s AND started_at IS NOT NULL AND ({condition})
) AS measured GROUP BY 1, 2 ORDER BY 1, 2
"""
HOURS: Final = f"""
SELECT date_trunc('hour', finished_at, %(zone)s), count(*) FILTER (WHERE status = 'done'),
    count(*) FILTER (WHERE status = 'failed'), sum({DEVICE_S}),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY {WAIT_S}) FILTER (WHERE started_at IS NOT NULL),
    percentile_cont(0.95) WITHIN GROUP (ORDER BY {WAIT_S}) FILTER (WHERE started_at IS NOT NULL)
FROM stylize_job WHERE finished_at >= %(since)s GROUP BY 1
"""  # noqa: S608
DAYS: Final = f"""
SELECT date_trunc('day', finished_at, %(zone)s), {KIND}, count(*) FILTER (WHERE status = 'done'), sum({DEVICE_S})
FROM stylize_job WHERE finished_at >= %(since)s GROUP BY 1, 2
"""  # noqa: S608


class Unfinished(NamedTuple):
    status: str
    kind: str  # the tier, or "sample"
    jobs: int
    oldest: datetime | None  # since when in line
    cost: float  # megapixel-iterations
    strikes: int

    @property
    def oldest_s(self) -> float | None:
        return (timezone.now() - self.oldest).total_seconds() if self.oldest else None


class Ended(NamedTuple):
    status: str
    kind: str
    failure: str
    jobs: int
    strikes: int
    interruptions: int  # claims after the first
    device_s: float


class Hour(NamedTuple):
    begins: datetime
    done: int = 0
    failed: int = 0
    device_s: float = 0.0
    wait_s: float | None = None  # median; None where nothing was begun
    wait_p95_s: float | None = None


class DayOfKind(NamedTuple):
    begins: datetime
    kind: str
    done: int
    device_s: float


@dataclass(frozen=True)
class Histogram:
    kind: str
    cumulative: tuple[int, ...]  # jobs of up to each bound, and of any length
    sum_s: float


@dataclass(frozen=True)
class Expense:
    """What a tier's pictures took."""

    kind: str
    done: int
    device_s: float  # of those that failed or were cancelled, too

    def per_picture_minor(self, hour_minor: int) -> float | None:
        return self.device_s / 3600 * hour_minor / self.done if self.done else None


def unfinished() -> list[Unfinished]:
    return [Unfinished(*row) for row in _rows(UNFINISHED, {})]


def ended(within: timedelta) -> list[Ended]:
    rows = _rows(ENDED, {"since": timezone.now() - within})
    return [Ended._make((*row[:-1], float(row[-1]))) for row in rows]


def waits(within: timedelta, bounds: Sequence[float]) -> list[Histogram]:
    """In line, of jobs that have ended."""
    return _spread(WAIT_S, "true", within, bounds)


def runs(within: timedelta, bounds: Sequence[float]) -> list[Histogram]:
    """From claim to result, of finished pictures."""
    return _spread("coalesce(seconds, 0)", "status = 'done'", within, bounds)


def hours(count: int) -> list[Hour]:
    """The last so many hours, oldest first, the one that runs now at the end."""
    now = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    since = now - timedelta(hours=count - 1)
    zone = timezone.get_current_timezone_name()
    counted = {}
    for begins, done, failed, device_s, *waits_s in _rows(HOURS, {"since": since, "zone": zone}):
        counted[begins] = Hour(
            begins, done, failed, float(device_s), *(None if s is None else float(s) for s in waits_s)
        )
    every = (since + timedelta(hours=number) for number in range(count))
    return [counted.get(begins, Hour(begins)) for begins in every]


def days(since: datetime) -> list[DayOfKind]:
    """What has ended since then, by the days of the time zone in force; in no order."""
    rows = _rows(DAYS, {"since": since, "zone": timezone.get_current_timezone_name()})
    return [DayOfKind(begins, kind, done, float(device_s)) for begins, kind, done, device_s in rows]


def expenses(rows: Sequence[Ended]) -> list[Expense]:
    """Of each tier, from what has ended."""
    kinds = dict.fromkeys(row.kind for row in rows)
    return [
        Expense(
            kind,
            sum(row.jobs for row in rows if row.kind == kind and row.status == "done"),
            sum(row.device_s for row in rows if row.kind == kind),
        )
        for kind in kinds
    ]


def _spread(seconds: str, condition: str, within: timedelta, bounds: Sequence[float]) -> list[Histogram]:
    question = SPREAD.format(kind=KIND, seconds=seconds, condition=condition)
    found = _rows(question, {"since": timezone.now() - within, "bounds": list(bounds)})
    histograms = []
    for kind in dict.fromkeys(row[0] for row in found):
        counts = {bucket: jobs for name, bucket, jobs, _sum in found if name == kind}
        sum_s = sum(float(total) for name, _bucket, _jobs, total in found if name == kind)
        places = range(len(bounds) + 1)
        histograms.append(
            Histogram(kind, tuple(sum(counts.get(p, 0) for p in range(last + 1)) for last in places), sum_s)
        )
    return histograms


def _rows(question: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, given)
        return list(cursor.fetchall())
