"""THE BENCH: the line's clock: the highest rank that was ever taken to the kiln. It never goes back.

Jobs may be deleted. If the clock fell with the highest of them, somebody who deletes each picture once it is painted
would join before those who wait, time after time, and they would wait for ever. So Postgres keeps the rank of what
is deleted, by a trigger (migration 0005_clock), whatever deletes it.
"""

from django.db import models
from django.db.models import Max


class Clock(models.Model):
    """One row at most: the highest rank among claimed jobs that are not there any more."""

    rank = models.FloatField(default=0.0)


def of(jobs: "models.QuerySet[models.Model]") -> float:
    """What the clock shows, from these jobs and from those that are gone."""
    claimed = jobs.filter(fence__gt=0).aggregate(highest=Max("rank"))["highest"] or 0.0
    gone = Clock.objects.aggregate(highest=Max("rank"))["highest"] or 0.0
    return float(max(claimed, gone))
