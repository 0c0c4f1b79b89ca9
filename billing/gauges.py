"""THE DESK: what Prometheus is told: money and canvases that wait too long or need a person. From small indexes."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from billing import production
from billing.models import Payment, Refund


def money() -> Iterator[Metric]:
    ours = Payment.objects.of_this_mode()
    refunds = Refund.objects.unsent().filter(stripe_id=None, payment__in=ours)
    unsent_s = _age_s(refunds.aggregate(oldest=Min("created_at"))["oldest"])
    pending = ours.filter(status=Payment.Status.PENDING)
    overdue_s = _age_s(pending.aggregate(oldest=Min("look_at"))["oldest"])
    yield _gauge("ostagram_payments_in_trouble", "Payments that a person must look at.", ours.in_trouble().count())
    yield _gauge("ostagram_refund_unsent_seconds", "Since the oldest refund not sent yet was asked for.", unsent_s)
    yield _gauge("ostagram_payment_overdue_seconds", "Since Stripe should have been asked of an open one.", overdue_s)


def canvases() -> Iterator[Metric]:
    """Those under way, and how many of them have stayed too long where they are."""
    under_way, late = production.counts()
    each = GaugeMetricFamily("ostagram_canvases", "Canvases that are paid for and not delivered.", labels=["status"])
    for status in production.OPEN:
        each.add_metric([str(status)], under_way.get(status, 0))
    yield each
    yield _gauge("ostagram_canvases_late", "Canvases that somebody should look at.", late)


def _age_s(since: datetime | None) -> float:
    return max(0.0, (timezone.now() - since).total_seconds()) if since else 0.0


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value)
