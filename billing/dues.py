"""THE DESK: what is to be given back without asking. `due` decides purely; the rest finds whom it concerns and acts.

Nothing tells billing that a job or a canvas has failed or was cancelled: a round of the house looks, and locks it
before its payment, so that a retry, a finish or a deletion comes before or after, never in between.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from billing import refunds
from billing.models import CanvasOrder, Payment, Refund
from stylize import tiers
from stylize.models import Job

Reason = Refund.Reason

AT_ONCE: Final = 100
LOST_PATIENCE: Final = timedelta(days=3)  # in which a lost picture may come back from a backup
ENDED: Final = (Job.Status.DONE, Job.Status.FAILED, Job.Status.CANCELLED)
CANVAS_ENDED: Final = CanvasOrder.Status.ended()
GONE: Final = Q(job__status=Job.Status.FAILED, job__failure=Job.Failure.GONE)


@dataclass(frozen=True)
class Due:
    """All that is to be given back of a payment; what was given back before is part of it."""

    amount_minor: int
    reason: str


def due(payment: Payment, job: Job | None, now: datetime, *, for_good: bool = False) -> Due | None:
    """None: nothing. `job` is what was bought; None where it was deleted; `for_good` while it is being deleted."""
    if not payment.is_fulfilled:
        return Due(payment.amount_minor, Reason.LATE)
    if job is None:
        return None
    if is_lost(job):
        is_given_up = for_good or (payment.lost_since and payment.lost_since < now - LOST_PATIENCE)
        return Due(payment.amount_minor, Reason.LOST) if is_given_up else None
    if job.status == Job.Status.FAILED:
        return Due(payment.amount_minor, Reason.FAILED)
    if job.status not in ENDED or (job.status == Job.Status.CANCELLED and job.iterations_done is None):
        return Due(payment.amount_minor, Reason.CANCELLED)
    if job.status == Job.Status.CANCELLED:
        return _rest(payment, job, Reason.STOPPED)
    if job.status == Job.Status.DONE and job.iterations_done is not None and job.iterations_done < job.iterations:
        return _rest(payment, job, Reason.EARLY)
    return None


def due_of_canvas(payment: Payment, order: CanvasOrder | None) -> Due | None:
    """All of it, or nothing: a canvas that can still be cancelled has cost its customer nothing."""
    if not payment.is_fulfilled:
        return Due(payment.amount_minor, Reason.LATE)
    if order is None or order.status not in (CanvasOrder.Status.FAILED, CanvasOrder.Status.CANCELLED):
        return None
    failed = order.status == CanvasOrder.Status.FAILED
    return Due(payment.amount_minor, Reason.FAILED if failed else Reason.CANCELLED)


def is_lost(job: Job) -> bool:
    """It was delivered, and is missing in the storage; it may come back."""
    return job.status == Job.Status.FAILED and job.failure == Job.Failure.GONE


def left_minor(payment: Payment, job: Job, done: int) -> int:
    """The price bought less the price of what was done: after `done` iterations in all, those before it with them."""
    tier = tiers.named(payment.tier)
    worth = tier.worth_minor(done, payment.currency) - tier.worth_minor(job.begun, payment.currency)
    return min(payment.amount_minor, max(0, payment.amount_minor - max(0, worth)))


def settle_all() -> int:
    """Write down every refund that is due; how many payments were settled."""
    open_ones = Payment.objects.of_this_mode().filter(status=Payment.Status.PAID, settled_at=None).exclude(GONE)
    job_ended, canvas_ended = Q(job__status__in=ENDED) | Q(job=None), Q(order__status__in=CANVAS_ENDED) | Q(order=None)
    ended = open_ones.filter(Q(is_fulfilled=False) | (Q(order_key="") & job_ended) | (~Q(order_key="") & canvas_ended))
    return sum(settle(payment) for payment in ended.order_by("id")[:AT_ONCE])


@transaction.atomic
def settle(payment: Payment) -> bool:
    """Give back what is due of a payment whose job or canvas has ended; once. False: it has not ended after all."""
    if payment.is_for_canvas:
        return _settle_canvas(payment)
    job = _locked_job(payment)
    locked = Payment.objects.select_for_update().filter(pk=payment.pk, status=Payment.Status.PAID, settled_at=None)
    found = locked.first()
    if found is None or (found.job_id and job is None) or (found.is_fulfilled and job and job.status not in ENDED):
        return False
    if job and is_lost(job):
        return False  # give_up_lost
    _give_back(found, job)
    return True


def look_again() -> int:
    """Jobs that were tried once more have ended once more since they were settled; how many."""
    settled = Payment.objects.of_this_mode().filter(status=Payment.Status.PAID, is_fulfilled=True)
    return settled.filter(job__status__in=ENDED, settled_at__lt=F("job__finished_at")).update(settled_at=None)


def farewell(job: Job) -> None:
    """Before a job's row goes: what is due for it is written down. Called with the row locked."""
    for payment in Payment.objects.select_for_update().filter(job=job, status=Payment.Status.PAID):
        if payment.settled_at is None or (is_lost(job) and not _is_given_up(payment)):
            _give_back(payment, job, for_good=True, job_id=None)  # now already: see payments._pay, why once


def give_up_lost() -> int:
    """Refund finished pictures that were lost in our storage and did not come back; how many. Each once: a refund
    that does not go through is for staff.
    """
    paid = Payment.objects.of_this_mode().filter(status=Payment.Status.PAID, is_fulfilled=True)
    paid.exclude(lost_since=None).exclude(GONE).update(lost_since=None)
    now = timezone.now()
    paid.filter(GONE, lost_since=None).update(lost_since=now)
    waited_for = paid.filter(GONE, lost_since__lt=now - LOST_PATIENCE, refunded_minor__lt=F("amount_minor"))
    return sum(_give_up(payment) for payment in waited_for)


def _rest(payment: Payment, job: Job, reason: str) -> Due | None:
    assert job.iterations_done is not None
    left = left_minor(payment, job, job.iterations_done)
    return Due(left, reason) if left else None


def _settle_canvas(payment: Payment) -> bool:
    order = CanvasOrder.objects.select_for_update().filter(pk=payment.order_id).first() if payment.order_id else None
    locked = Payment.objects.select_for_update().filter(pk=payment.pk, status=Payment.Status.PAID, settled_at=None)
    found = locked.first()
    if found is None or (found.is_fulfilled and order and order.status not in CANVAS_ENDED):
        return False
    _write_down(found, due_of_canvas(found, order), settled_at=timezone.now())
    return True


def _locked_job(payment: Payment) -> Job | None:
    return Job.objects.select_for_update().filter(pk=payment.job_id).first() if payment.job_id else None


def _is_given_up(payment: Payment) -> bool:
    return payment.refunds.filter(reason=Reason.LOST).exists()


def _give_back(payment: Payment, job: Job | None, *, for_good: bool = False, **changes: Any) -> None:
    """`payment` is locked; `changes` are written with it."""
    now = timezone.now()
    ended_at = (job.finished_at if job else None) or now  # by the kiln's clock, which may be ahead of ours
    _write_down(payment, due(payment, job, now, for_good=for_good), settled_at=max(now, ended_at), **changes)


def _write_down(payment: Payment, found: Due | None, **changes: Any) -> None:
    missing = found.amount_minor - payment.refunded_minor if found else 0
    if found and missing > 0:
        refunds.ask(payment, missing, found.reason, **changes)
    else:
        Payment.objects.filter(pk=payment.pk).update(**changes)


@transaction.atomic
def _give_up(payment: Payment) -> bool:
    job = _locked_job(payment)
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    if job is None or not is_lost(job) or locked.status != Payment.Status.PAID or _is_given_up(locked):
        return False
    _give_back(locked, job)
    return True
