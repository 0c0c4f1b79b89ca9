"""THE DESK: what is to be given back without asking. `due` decides purely; the rest finds whom it concerns and acts.

Nothing tells billing that a job has failed or was cancelled: a round of the house looks, and locks the job before its
payment, so that a retry, a finish or a deletion comes before or after, never in between.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from billing import refunds
from billing.models import Payment, Refund
from stylize import tiers
from stylize.models import Job

Reason = Refund.Reason

AT_ONCE: Final = 100
LOST_PATIENCE: Final = timedelta(days=3)  # in which a lost picture may come back from a backup
ENDED: Final = (Job.Status.DONE, Job.Status.FAILED, Job.Status.CANCELLED)


@dataclass(frozen=True)
class Due:
    """All that is to be given back of a payment; what was given back before is part of it."""

    amount_minor: int
    reason: str


def due(payment: Payment, job: Job | None, now: datetime) -> Due | None:
    """None: nothing. `job` is what was bought; None where it was deleted."""
    if not payment.is_fulfilled:
        return Due(payment.amount_minor, Reason.LATE)
    if job is None:
        return None
    if job.status == Job.Status.FAILED:
        return _of_failed(payment, job, now)
    if job.status == Job.Status.CANCELLED and job.iterations_done is None:
        return Due(payment.amount_minor, Reason.CANCELLED)
    if job.status == Job.Status.CANCELLED:
        return _rest(payment, job, Reason.STOPPED)
    if job.status == Job.Status.DONE and job.iterations_done is not None and job.iterations_done < job.iterations:
        return _rest(payment, job, Reason.EARLY)
    return None


def left_minor(payment: Payment, job: Job, done: int) -> int:
    """The price bought less the price of what was done: after `done` iterations in all, those before it with them."""
    tier = tiers.named(payment.tier)
    worth = tier.worth_minor(done, payment.currency) - tier.worth_minor(job.begun, payment.currency)
    return min(payment.amount_minor, max(0, payment.amount_minor - max(0, worth)))


def settle_all() -> int:
    """Write down every refund that is due; how many payments were settled."""
    open_ones = Payment.objects.of_this_mode().filter(status=Payment.Status.PAID, settled_at=None)
    ended = open_ones.filter(Q(is_fulfilled=False) | Q(job__status__in=ENDED) | Q(job=None))
    return sum(settle(payment) for payment in ended.order_by("id")[:AT_ONCE])


@transaction.atomic
def settle(payment: Payment) -> bool:
    """Give back what is due of a payment whose job has ended; once. False: it has not ended after all."""
    job = _locked_job(payment)
    locked = Payment.objects.select_for_update().filter(pk=payment.pk, status=Payment.Status.PAID, settled_at=None)
    found = locked.first()
    if found is None or (found.job_id and job is None) or (found.is_fulfilled and job and job.status not in ENDED):
        return False
    if job and job.failure == Job.Failure.GONE and job.status == Job.Status.FAILED:
        return False  # it may come back: give_up_lost
    _give_back(found, job)
    return True


def farewell(job: Job) -> None:
    """Before a job's row goes: what is due for it is written down. Called with the row locked."""
    for payment in Payment.objects.select_for_update().filter(job=job, status=Payment.Status.PAID, settled_at=None):
        _give_back(payment, job)


def give_up_lost() -> int:
    """Refund finished pictures that were lost in our storage and did not come back; how many."""
    paid = Payment.objects.of_this_mode().filter(status=Payment.Status.PAID, is_fulfilled=True)
    gone = Q(job__status=Job.Status.FAILED, job__failure=Job.Failure.GONE)
    paid.exclude(lost_since=None).exclude(gone).update(lost_since=None)
    now = timezone.now()
    for payment in paid.filter(gone, lost_since=None):
        Payment.objects.filter(pk=payment.pk, lost_since=None).update(lost_since=now)
    return sum(_give_up(payment) for payment in paid.filter(gone, lost_since__lt=now - LOST_PATIENCE))


def _of_failed(payment: Payment, job: Job, now: datetime) -> Due | None:
    if job.failure != Job.Failure.GONE:
        return Due(payment.amount_minor, Reason.FAILED)
    if payment.lost_since and payment.lost_since < now - LOST_PATIENCE:
        return Due(payment.amount_minor, Reason.LOST)
    return None


def _rest(payment: Payment, job: Job, reason: str) -> Due | None:
    assert job.iterations_done is not None
    left = left_minor(payment, job, job.iterations_done)
    return Due(left, reason) if left else None


def _locked_job(payment: Payment) -> Job | None:
    return Job.objects.select_for_update().filter(pk=payment.job_id).first() if payment.job_id else None


def _give_back(payment: Payment, job: Job | None) -> None:
    """`payment` is locked."""
    found = due(payment, job, timezone.now())
    missing = found.amount_minor - payment.refunded_minor if found else 0
    if found and missing > 0:
        refunds.ask(payment, missing, found.reason)
    Payment.objects.filter(pk=payment.pk).update(settled_at=timezone.now())


@transaction.atomic
def _give_up(payment: Payment) -> bool:
    job = _locked_job(payment)
    locked = Payment.objects.select_for_update().get(pk=payment.pk)
    if job is None or locked.status != Payment.Status.PAID or locked.refunded_minor == locked.amount_minor:
        return False
    _give_back(locked, job)
    return True
