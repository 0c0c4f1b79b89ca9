"""THE BENCH: the workers' book: who paints on what, how fast, and when each was last heard of.

Every pool child that paints keeps one row. What it paints is not written here: that is the running job whose `worker`
is its name (`line.painted_now`).
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stylize import pace

KEPT: Final = timedelta(days=1)  # a row after its last heartbeat
LATELY: Final = timedelta(minutes=2)  # in which a stopped worker may well be back


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> "WorkerQuerySet":
        """Heard of within a lease."""
        return self.filter(heartbeat_at__gte=_lease_began())

    def at_work(self) -> "WorkerQuerySet":
        """Alive, and going to take jobs or to finish theirs."""
        return self.alive().exclude(state=Worker.State.STOPPING)

    def gone(self) -> "WorkerQuerySet":
        """Fallen silent without having been stopped."""
        return self.filter(heartbeat_at__lt=_lease_began()).exclude(state=Worker.State.STOPPING)

    def lately(self) -> "WorkerQuerySet":
        """Heard of in the last minutes, alive or not."""
        return self.filter(heartbeat_at__gte=timezone.now() - LATELY)

    def old(self) -> "WorkerQuerySet":
        return self.filter(heartbeat_at__lt=timezone.now() - KEPT)


class Worker(models.Model):
    """A process that paints, as it last spoke of itself."""

    class State(models.TextChoices):
        STARTING = "starting", _("starting")
        IDLE = "idle", _("idle")
        PAINTING = "painting", _("painting")
        STOPPING = "stopping", _("stopping")

    name = models.CharField(_("name"), max_length=80, unique=True)  # host:process, as in Job.worker
    device = models.CharField(_("device"), max_length=120, blank=True)  # "cpu", "cuda:0 NVIDIA H100 80GB HBM3"
    engine_version = models.CharField(max_length=20, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.STARTING)
    fixed_s = models.FloatField(null=True)  # s, of every job whatever its size; null: nothing measured yet
    seconds_per_cost = models.FloatField(null=True)  # s per megapixel-iteration
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    heartbeat_at = models.DateTimeField(_("last heard of"), default=timezone.now, db_index=True)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        return self.name.rpartition(":")[0]

    @property
    def is_alive(self) -> bool:
        return self.heartbeat_at >= _lease_began()

    @property
    def speed(self) -> pace.Speed | None:
        """What its latest jobs took, or None before the first."""
        if self.seconds_per_cost is None:
            return None
        return pace.Speed(self.fixed_s or 0.0, self.seconds_per_cost)


def beat(name: str, **facts: Any) -> None:
    """Say that this worker lives, and what is new about it."""
    facts["heartbeat_at"] = timezone.now()
    if not Worker.objects.filter(name=name).update(**facts):
        Worker.objects.update_or_create(name=name, defaults=facts)


def speed_before(name: str, device: str) -> pace.Speed | None:
    """How fast the latest worker on the same device of the same host was: a new process paints no slower."""
    host = name.rpartition(":")[0]
    earlier = Worker.objects.filter(name__startswith=f"{host}:", device=device).exclude(seconds_per_cost=None)
    latest = earlier.exclude(name=name).order_by("-heartbeat_at").first()
    return latest.speed if latest else None


def clear() -> int:
    """Strike out the rows of workers that have been silent for a day; how many."""
    return Worker.objects.old().delete()[0]


def _lease_began() -> datetime:
    return timezone.now() - timedelta(seconds=settings.LEASE_S)
