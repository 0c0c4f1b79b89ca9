"""THE BENCH: /metrics: what Prometheus reads; counted in Postgres at every scrape, so all web processes say the same.

What has ended is told of the last hour, as gauges: a counter over rows that can be deleted would not be one.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from stylize import census, house
from stylize.models import Job
from stylize.workers import Worker

HOUR: Final = timedelta(hours=1)
WAIT_BOUNDS_S: Final = (5, 15, 60, 180, 600, 1800, 3600, 7200)
RUN_BOUNDS_S: Final = (5, 15, 30, 60, 120, 300, 600, 1800, 3600)
HERE: Final = {"127.0.0.1", "::1"}
SILENT: Final = "silent"
Source = Callable[[], Iterator[Metric]]
_sources: list[Source] = []


def on_scrape(source: Source) -> None:
    """Register what another part has to tell, read at every scrape (from AppConfig.ready)."""
    _sources.append(source)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For who brings the token; without one set, for this very machine in local mode. Strangers 404."""
    if not _may_read(request):
        return HttpResponseNotFound()
    registry = CollectorRegistry()
    registry.register(Queue())
    try:
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    except DatabaseError:
        return HttpResponse("the database is away\n", status=503, content_type="text/plain")


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}")
    return not settings.PRODUCTION and request.META.get("REMOTE_ADDR") in HERE


class Queue(Collector):
    """Everything that is told, in families."""

    def describe(self) -> list[Metric]:
        return []  # nothing is asked of the database before a scrape

    def collect(self) -> Iterator[Metric]:
        yield from _line()
        yield from _ended()
        yield from _spreads()
        yield from _workers()
        yield from _machine()
        for source in _sources:
            yield from source()


def _line() -> Iterator[Metric]:
    jobs = GaugeMetricFamily("ostagram_jobs", "Unfinished jobs.", labels=["status", "kind"])
    oldest = GaugeMetricFamily("ostagram_queue_oldest_seconds", "Since the oldest joined the line.", labels=["kind"])
    cost = GaugeMetricFamily("ostagram_queue_megapixel_iterations", "Work in line.", labels=["kind"])
    strikes = GaugeMetricFamily("ostagram_strikes", "Strikes of unfinished jobs.", labels=["status"])
    struck: Counter[str] = Counter({status.value: 0 for status in (Job.Status.QUEUED, Job.Status.RUNNING)})
    for row in census.unfinished():
        jobs.add_metric([row.status, row.kind], row.jobs)
        struck[row.status] += row.strikes
        if row.status == Job.Status.QUEUED:
            oldest.add_metric([row.kind], row.oldest_s or 0.0)
            cost.add_metric([row.kind], row.cost)
    for status, count in struck.items():
        strikes.add_metric([status], count)
    yield from (jobs, oldest, cost, strikes)


def _ended() -> Iterator[Metric]:
    rows = census.ended(HOUR)
    jobs = GaugeMetricFamily("ostagram_jobs_ended_1h", "Ended within the last hour.", labels=["status", "kind"])
    device = GaugeMetricFamily("ostagram_device_seconds_1h", "Device time of those that ended.", labels=["kind"])
    failures = GaugeMetricFamily("ostagram_failures_1h", "Failed within the last hour.", labels=["cause"])
    ends: Counter[tuple[str, str]] = Counter()
    taken: dict[str, float] = {}
    causes: Counter[str] = Counter(dict.fromkeys(Job.Failure.values, 0))  # nought is said, too
    for row in rows:
        ends[row.status, row.kind] += row.jobs
        taken[row.kind] = taken.get(row.kind, 0.0) + row.device_s
        if row.status == Job.Status.FAILED:
            causes[row.failure] += row.jobs
    for labels, count in ends.items():
        jobs.add_metric(labels, count)
    for kind, seconds in taken.items():
        device.add_metric([kind], seconds)
    for cause, count in causes.items():
        failures.add_metric([cause], count)
    yield from (jobs, device, failures)
    total_strikes, total_interruptions = sum(row.strikes for row in rows), sum(row.interruptions for row in rows)
    yield GaugeMetricFamily("ostagram_strikes_1h", "Strikes of jobs that ended within the hour.", total_strikes)
    yield GaugeMetricFamily(
        "ostagram_interruptions_1h", "Claims after the first, of jobs that ended within the hour.", total_interruptions
    )


def _spreads() -> Iterator[Metric]:
    wait = GaugeHistogramMetricFamily("ostagram_wait_seconds_1h", "From the line to the last claim.", labels=["kind"])
    for one in census.waits(HOUR, WAIT_BOUNDS_S):
        wait.add_metric([one.kind], _buckets(WAIT_BOUNDS_S, one), one.sum_s)
    run = GaugeHistogramMetricFamily("ostagram_run_seconds_1h", "From claim to result.", labels=["kind"])
    for one in census.runs(HOUR, RUN_BOUNDS_S):
        run.add_metric([one.kind], _buckets(RUN_BOUNDS_S, one), one.sum_s)
    yield from (wait, run)


def _buckets(bounds: tuple[int, ...], histogram: census.Histogram) -> list[tuple[str, float]]:
    return list(zip([*(f"{bound:.1f}" for bound in bounds), "+Inf"], histogram.cumulative, strict=True))


def _workers() -> Iterator[Metric]:
    now = timezone.now()
    states = GaugeMetricFamily("ostagram_workers", "Workers by what they do; silent: no heartbeat.", labels=["state"])
    speed = GaugeMetricFamily(
        "ostagram_worker_seconds_per_megapixel_iteration", "Measured on its last jobs.", labels=["worker", "device"]
    )
    age = GaugeMetricFamily("ostagram_worker_heartbeat_age_seconds", "Since it was last heard of.", labels=["worker"])
    counted: Counter[str] = Counter(dict.fromkeys((*Worker.State.values, SILENT), 0))
    counted[SILENT] = Worker.objects.gone().count()
    for worker in Worker.objects.alive():
        counted[worker.state] += 1
        age.add_metric([worker.name], (now - worker.heartbeat_at).total_seconds())
        if worker.seconds_per_cost is not None:
            speed.add_metric([worker.name, worker.device], worker.seconds_per_cost)
    for state, count in counted.items():
        states.add_metric([state], count)
    yield from (states, speed, age)


def _machine() -> Iterator[Metric]:
    if isinstance(default_storage, FileSystemStorage):
        room = _room(default_storage)
        if room is not None:
            yield GaugeMetricFamily("ostagram_media_free_bytes", "Room for pictures on their disk.", room)
    seen_s = house.age_s()
    if seen_s is not None:
        yield GaugeMetricFamily("ostagram_house_age_seconds", "Since the house last went round.", seen_s)


def _room(storage: FileSystemStorage) -> int | None:
    try:
        return shutil.disk_usage(storage.location).free
    except OSError:
        return None
