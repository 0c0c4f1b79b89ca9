"""THE DESK: what was sold and painted lately, day by day and tier by tier, as takings.py reckons with it.

A payment counts on the day it was made, what goes back on the day it was asked for, a picture on the day it was ended.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count as Number
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import TruncDay
from django.utils import timezone

from billing import payments
from billing.models import Payment, Refund
from billing.takings import Balance, Count, Rates, total
from stylize import census, tiers

Cells = dict[tuple[datetime, str], Count]


@dataclass(frozen=True)
class Sales:
    """Every day, the oldest first; and what is in them, by day and by kind: a tier, or "sample"."""

    days: list[datetime]
    cells: Cells
    rates: Rates

    @property
    def kinds(self) -> list[str]:
        """Those that there was anything of: what is sold last."""
        seen = {kind for _day, kind in self.cells}
        return sorted(seen, key=lambda kind: (is_sold(kind), kind))

    def of(self, kind: str) -> Count:
        return total(count for (_day, one), count in self.cells.items() if one == kind)

    def balance(self, day: datetime | None = None) -> Balance:
        """Of one day, or of all. What proofs and samples take is paid for with the free pictures, but they are none."""
        chosen = [(kind, count) for (begins, kind), count in self.cells.items() if day in (None, begins)]
        sold = total(count for kind, count in chosen if is_sold(kind))
        free = total(_gratis(kind, count) for kind, count in chosen if not is_sold(kind))
        return Balance(free, sold, self.rates)


def rates() -> Rates:
    return Rates(settings.GPU_HOUR_COST_MINOR, settings.STRIPE_FEE_PERCENT, settings.STRIPE_FEE_FIXED_MINOR)


def is_sold(kind: str) -> bool:
    tier = tiers.TIERS.get(kind)
    return kind == payments.CANVAS or (tier is not None and tier.is_paid)


def _gratis(kind: str, count: Count) -> Count:
    return count if kind == tiers.FREE.name else replace(count, done=0)


def last_days(number: int) -> Sales:
    """The last so many days, today at the end; in the currency that is set now."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    every = [today - timedelta(days=back) for back in reversed(range(number))]
    cells: Cells = defaultdict(Count)
    for part in (_painted(every[0]), _paid(every[0]), _given_back(every[0])):
        for place, count in part.items():
            cells[place] += count
    return Sales(every, dict(cells), rates())


def _painted(since: datetime) -> Cells:
    return {(row.begins, row.kind): Count(done=row.done, device_s=row.device_s) for row in census.days(since)}


def _paid(since: datetime) -> Cells:
    """What went back of a disputed payment before counts as given back, and the rest as disputed."""
    kept = Sum(F("amount_minor") - F("refunded_minor"), filter=Q(status=Payment.Status.DISPUTED), default=0)
    rows = _by_day(_ours().filter(paid_at__gte=since), "paid_at", "tier").annotate(
        payments=Number("id"), taken_minor=Sum("amount_minor"), disputed_minor=kept
    )
    return _cells(rows, "tier")


def _given_back(since: datetime) -> Cells:
    found = Refund.objects.exclude(status=Refund.Status.FAILED).filter(created_at__gte=since, payment__in=_ours())
    rows = _by_day(found, "created_at", "payment__tier").annotate(back_minor=Sum("amount_minor"))
    return _cells(rows, "payment__tier")


def _ours() -> QuerySet[Payment]:
    return Payment.objects.of_this_mode().captured().filter(currency=settings.CURRENCY)


def _by_day(found: QuerySet[Any], time: str, tier: str) -> Any:
    return found.order_by().annotate(day=TruncDay(time)).values("day", tier)


def _cells(rows: Any, tier: str) -> Cells:
    return {(row.pop("day"), row.pop(tier)): Count(**row) for row in rows}
