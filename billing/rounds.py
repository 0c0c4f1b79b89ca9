"""THE DESK: what the house does for the desk every few seconds, whatever webhooks say or do not say.

One round at a time in all: while Stripe hangs, one of the house's hands waits, and the others go on.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from billing import dues, notices, payments, refunds, stripe_api
from billing.models import CanvasOrder, Payment
from stylize.models import Job

log = logging.getLogger(__name__)

AT_ONCE: Final = 100
SOONEST: Final = timedelta(minutes=1)  # after which an open session is looked at again
LATEST: Final = timedelta(minutes=8)  # a paid one is fulfilled within ten, though every webhook is lost
LOCK: Final = 0x7111  # of Postgres' advisory locks, the round's own


def go_round() -> dict[str, int]:
    """Everything that is due, by its name; what needs Stripe waits for the next round when Stripe is away."""
    done = {"settled": dues.settle_all()}
    steps: dict[str, Callable[[], int]] = {
        "closed": close_needless, "refunded": refunds.send_due, "looked at": look_due,
    }  # fmt: skip
    for name, step in steps.items():
        try:
            done[name] = step()
        except stripe_api.Away as trouble:
            log.warning("Stripe is away, the next round tries again: %s", trouble)
            break
    done["mailed"] = notices.send_due()
    return done


def look_due() -> int:
    """Ask Stripe about every open session whose turn it is; how many were ended."""
    now = timezone.now()
    pending = Payment.objects.of_this_mode().filter(status=Payment.Status.PENDING, look_at__lte=now)
    return _each(pending.order_by("look_at")[:AT_ONCE], _look)


def close_needless() -> int:
    """Close the checkout sessions of what does not wait for money any more; how many."""
    pending = Payment.objects.of_this_mode().filter(status=Payment.Status.PENDING, is_on_its_way=False)
    waits = Q(job__status=Job.Status.UNPAID) | Q(order__status=CanvasOrder.Status.PLACED)
    needless = pending.filter(look_at__lte=timezone.now()).exclude(waits)
    return _each(needless.order_by("look_at")[:AT_ONCE], payments.close)


@contextmanager
def alone(lock: int = LOCK) -> Iterator[bool]:
    """Whether this is the only round of its kind that goes on now, anywhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        (got,) = cursor.fetchone() or (False,)
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])


def next_look(payment: Payment, now: datetime) -> datetime:
    """Soon at first, then more seldom: most sessions that are left open are never paid."""
    return now + min(LATEST, max(SOONEST, (now - payment.created_at) / 2))


def _look(payment: Payment) -> Payment:
    if payment.session_id is None and payment.created_at < timezone.now() - payments.UNANSWERED:
        return payments.close(payment)
    return payments.fulfil(payment)


def _each(due: Iterable[Payment], step: Callable[[Payment], Any]) -> int:
    """Of those that no other round has taken; how many have ended. One that Stripe knows nothing of stops no other."""
    ended = 0
    for payment in due:
        now = timezone.now()
        taken = Payment.objects.filter(pk=payment.pk, look_at=payment.look_at)
        if taken.update(look_at=next_look(payment, now)) != 1:
            continue
        try:
            ended += step(payment).status != Payment.Status.PENDING
        except payments.Mismatch:
            continue  # which has told staff
        except stripe_api.Refused as refusal:
            log.error("payment %s: Stripe will not tell of it: %s", payment.key, refusal)
    return ended
