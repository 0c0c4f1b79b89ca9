"""THE BENCH: the staff's page: workers, line, failures, waits and costs; retry and cancel. Strangers 404."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from stylize import census, dispatch, house_painter, jobs, line, plots, progress, tiers, trail, wording
from stylize.models import Job
from stylize.workers import Worker

NEXT: Final = 20
FAILURES: Final = 50
DAY: Final = timedelta(days=1)
HOURS: Final = 48
CHANGE: Final = "stylize.change_job"

View = Callable[..., HttpResponseBase]


def for_staff(permission: str = "") -> Callable[[View], View]:
    """Strangers 404: they need not know that there is something."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
            user = request.user
            if not user.is_authenticated or not user.is_staff or (permission and not user.has_perm(permission)):
                raise Http404
            return view(request, *args, **options)

        return guarded

    return guard


@never_cache
@for_staff()
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    ended = census.ended(DAY)
    waiting = census.unfinished()
    workers = _workers()
    context = {
        "workers": workers,
        "waiting": [(kind_name(row.kind), row, row.oldest_s and plots.clock(row.oldest_s)) for row in waiting],
        "running": _rows(Job.objects.filter(status=Job.Status.RUNNING).order_by("started_at"), "started_at"),
        "next": _rows(Job.objects.in_line()[:NEXT], "queued_at"),
        "causes": [
            (cause, Job.Failure(cause).label, sum(row.jobs for row in ended if row.failure == cause))
            for cause in dict.fromkeys(row.failure for row in ended if row.failure)
        ],
        "failures": _failures(),
        "expenses": [_expense(one) for one in census.expenses(ended)],
        "hour_price": wording.money(settings.GPU_HOUR_COST_MINOR, settings.CURRENCY),
        "glance": _glance(waiting, ended, workers),
        "plots": _plots(),
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "stylize/staff.html", context)


@for_staff(CHANGE)
@require_POST
def retry(request: HttpRequest, key: str) -> HttpResponse:
    """Of a print whose order has ended with it, nothing can be tried again: what it was made from is gone."""
    found = _job(key)
    if found.is_print:
        messages.info(request, _("A print that has failed was refunded with its canvas. It cannot be tried again."))
    elif jobs.retry(found):
        progress.forget(key)
        dispatch.wake()
        messages.success(request, _("It is in line again."))
    else:
        messages.info(request, _("It has not failed, or somebody was faster."))
    return redirect("stylize:staff")


@for_staff(CHANGE)
@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    if jobs.cancel(_job(key)):
        progress.forget(key)
        messages.success(request, _("Cancelled."))
    else:
        messages.info(request, _("It was finished already."))
    return redirect("stylize:staff")


def _job(key: str) -> Job:
    found = get_object_or_404(Job, key=key)
    trail.bind(found.key)
    return found


def _workers() -> list[dict[str, Any]]:
    """Those heard of within a day, the living first."""
    painted = line.painted_now()
    now = timezone.now()
    rows = [
        {
            "worker": worker,
            "job": painted.get(worker.name) if worker.is_alive else None,
            "heard": plots.clock((now - worker.heartbeat_at).total_seconds()),
            "speed": worker.seconds_per_cost and wording.number(round(worker.seconds_per_cost, 3)),
        }
        for worker in Worker.objects.order_by("name")
    ]
    return sorted(rows, key=lambda row: not row["worker"].is_alive)


def _rows(found: Any, since: str) -> list[tuple[Job, str, str]]:
    """Jobs with the names of their tiers, and how long ago."""
    now = timezone.now()
    return [
        (job, kind_name("sample" if job.sample else job.tier), plots.clock((now - getattr(job, since)).total_seconds()))
        for job in found
    ]


def _failures() -> list[tuple[Job, str, str]]:
    failed = Job.objects.filter(status=Job.Status.FAILED, finished_at__gte=timezone.now() - DAY)
    return _rows(failed.order_by("-finished_at")[:FAILURES], "finished_at")


def _expense(one: census.Expense) -> tuple[str, str, str, str]:
    price = one.per_picture_minor(settings.GPU_HOUR_COST_MINOR)
    hours = plots.hundredths(one.device_s / 3600)
    return kind_name(one.kind), plots.count(one.done), hours, _money(price)


def _money(minor: float | None) -> str:
    return "–" if minor is None else wording.money(round(minor), settings.CURRENCY)


def kind_name(kind: str) -> str:
    tier = tiers.EVERY.get(kind)
    return str(tier.title) if tier else {"sample": _("Sample"), "canvas": _("Canvas")}.get(kind, kind)


def _glance(
    waiting: list[census.Unfinished], ended: list[census.Ended], workers: list[dict[str, Any]]
) -> list[tuple[str, str]]:
    queued = [row for row in waiting if row.status == Job.Status.QUEUED]
    oldest = max((row.oldest_s or 0.0 for row in queued), default=None)
    device_s = sum(row.device_s for row in ended)
    living = [row["worker"] for row in workers if row["worker"].is_alive]
    painted = plots.count(house_painter.lately()) if settings.HOUSE_PAINTER else ""
    return [
        (_("In line"), plots.count(sum(row.jobs for row in queued))),
        (_("The oldest waits"), "–" if oldest is None else plots.clock(oldest)),
        (_("Workers alive"), plots.count(len(living))),
        (_("Painting now"), plots.count(sum(row.jobs for row in waiting if row.status == Job.Status.RUNNING))),
        (_("Done in 24 hours"), plots.count(sum(row.jobs for row in ended if row.status == Job.Status.DONE))),
        (_("Failed in 24 hours"), plots.count(sum(row.jobs for row in ended if row.status == Job.Status.FAILED))),
        (_("Device hours in 24 hours"), plots.hundredths(device_s / 3600)),
        (_("Their cost"), _money(100 * round(device_s / 3600 * settings.GPU_HOUR_COST_MINOR / 100))),
        *([(_("House painter in 24 hours"), painted)] if painted else []),
    ]


def _plots() -> list[plots.Plot]:
    hours = census.hours(HOURS)
    begins = [timezone.localtime(hour.begins) for hour in hours]
    done = plots.Series(_("Done"), "is-first", [hour.done for hour in hours])
    failed = plots.Series(_("Failed"), "is-bad", [hour.failed for hour in hours])
    wait = plots.Series(_("Half up to"), "is-first", [hour.wait_s for hour in hours])
    longest = plots.Series(_("95 of 100 up to"), "is-second", [hour.wait_p95_s for hour in hours])
    device = plots.Series(_("Device hours"), "is-first", [hour.device_s / 3600 for hour in hours])
    return [
        plots.hourly(_("Pictures an hour"), begins, [done, failed], plots.count),
        plots.hourly(_("Waiting in line"), begins, [wait, longest], plots.clock, caps=True, unit=60),
        plots.hourly(_("Device hours an hour"), begins, [device], plots.hundredths),
    ]
