"""THE DESK: the life of a payment. No other module writes a payment's status.

Whatever tells us that something happened — webhook, landing page, sweep — only makes us look: `fulfil` asks Stripe for
the truth and applies it. It may be called any number of times, at once and in any order. Where rows are locked, the
order is owner, job or canvas, payment, refund.
"""

import logging
import time
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from billing import orders, purchases, stripe_api
from billing.models import CanvasOrder, Payment
from people import languages
from people.models import User
from stylize import dispatch, jobs, trail
from stylize.models import Job

log = logging.getLogger(__name__)
Status = Payment.Status

SESSION_LIVES: Final = timedelta(hours=23)  # Stripe lets none live longer than a day
UNANSWERED: Final = timedelta(minutes=10)  # after which a session that Stripe gave no answer about is given up
CANVAS: Final = "canvas"  # what stands in the place of a tier
BUSY_TRIES: Final = 10
BUSY_S: Final = 0.3  # between two, while Stripe answers somebody who asks for the same session
MOVES: Final[dict[str, frozenset[str]]] = {  # to: from
    Status.PAID: frozenset({Status.PENDING, Status.EXPIRED, Status.FAILED, Status.DISPUTED}),
    Status.EXPIRED: frozenset({Status.PENDING}),
    Status.FAILED: frozenset({Status.PENDING}),
    Status.DISPUTED: frozenset({Status.PAID}),
}
UNPAID: Final = frozenset({Status.PENDING, Status.EXPIRED, Status.FAILED})


class NothingToPay(Exception):
    """The job, or the canvas, does not wait for money: it is paid, cancelled, or its money is on its way."""


class Mismatch(Exception):
    """Stripe tells of another sum, currency or payment than ours. Nothing is done with it; staff are told."""


def begin(job: Job, *, return_to: str) -> Payment:
    """A payment whose checkout session is open; the one that was opened before, as long as it is.

    Raises NothingToPay, stripe_api.Away and stripe_api.Refused.
    """
    return _begin(partial(_open_for_job, job, return_to))


def begin_for(order: CanvasOrder, *, return_to: str) -> Payment:
    """The same for a canvas; its session asks for the address, too. Raises as `begin`."""
    return _begin(partial(_open_for_canvas, order, return_to))


def fulfil(payment: Payment) -> Payment:
    """Bring a payment to what Stripe says of it. Raises Mismatch, stripe_api.Away and stripe_api.Refused."""
    if not payment.session_id:
        return payment
    try:
        return _apply(payment, stripe_api.session(payment.session_id))
    except stripe_api.Refused as refusal:
        if refusal.code != "resource_missing":
            raise
        log.error("payment %s: Stripe does not know its session any more: %s", payment.key, refusal)
        return _expire(payment, trouble=f"Stripe: {refusal}")


def close(payment: Payment) -> Payment:
    """Let nobody pay it any more; where somebody has, that counts. Raises what `fulfil` does."""
    if not payment.session_id:
        return _expire(payment)
    try:
        return _apply(payment, stripe_api.close_session(payment.session_id))
    except stripe_api.Refused:  # it has ended before
        return fulfil(payment)


def of_session(session_id: str) -> Payment | None:
    """The payment that a session of Stripe's is for, at its true state; None: not of this site. Raises as `fulfil`."""
    return _of(stripe_api.session(session_id))


def of_intent(intent_id: str) -> Payment | None:
    """The same for a payment intent, as refunds and disputes name it."""
    known = Payment.objects.of_this_mode().filter(intent_id=intent_id).first()
    if known and known.status in UNPAID:  # the news of its being paid comes later, or not at all
        return fulfil(known)
    if known or not intent_id:
        return known
    told = stripe_api.session_of(intent_id)
    return _of(told) if told else None


def mirror_dispute(dispute_id: str) -> None:
    """A customer's bank takes the money back, or has lost its case. Raises what `of_intent` does."""
    told = stripe_api.dispute(dispute_id)
    payment = of_intent(told.intent_id)
    if payment is None or not told.takes_money:
        return
    with transaction.atomic():
        if told.status == "won":  # what was due meanwhile is due again: Stripe refunds nothing that is disputed
            _move(payment, Status.PAID, source={Status.DISPUTED}, trouble="", settled_at=None)
        elif _move(payment, Status.DISPUTED, trouble=f"Dispute {dispute_id}: {told.status}"):
            log.error("payment %s: disputed, %s", payment.key, dispute_id)
        elif told.status == "lost":
            Payment.objects.filter(pk=payment.pk).update(trouble=f"Dispute {dispute_id}: {told.status}")


# Within --------------------------------------------------------------------------------------------------------------


def _begin(pending: Callable[[], Payment]) -> Payment:
    payment = pending()
    if payment.session_id:
        payment = fulfil(payment)
        if payment.status in (Status.EXPIRED, Status.FAILED):
            payment = pending()
    if payment.status != Status.PENDING or payment.is_on_its_way:
        raise NothingToPay(payment.job_key or payment.order_key)
    return payment if payment.session_id else _with_session(payment)


@transaction.atomic
def _open_for_job(job: Job, return_to: str) -> Payment:
    """The job's pending payment; a new one where there is none. One after the other for each job."""
    locked = _locked(job)
    if locked is None:
        raise NothingToPay(job.key)
    return _pending(
        return_to, owner=locked.owner, job=locked, job_key=locked.key, tier=locked.tier, iterations=locked.iterations,
        amount_minor=locked.amount_minor, currency=locked.currency,
    )  # fmt: skip


@transaction.atomic
def _open_for_canvas(order: CanvasOrder, return_to: str) -> Payment:
    """The same for a canvas."""
    locked = _locked_canvas(order)
    if locked is None or locked.owner is None:
        raise NothingToPay(order.key)
    return _pending(
        return_to, owner=locked.owner, order=locked, order_key=locked.key, tier=CANVAS, size=locked.size,
        amount_minor=locked.amount_minor, currency=locked.currency,
    )  # fmt: skip


def _pending(return_to: str, *, owner: User, **bought: Any) -> Payment:
    """The open payment for what is `bought`, which is locked."""
    now = timezone.now()
    thing = {name: bought[name] for name in ("job", "order") if name in bought}
    pending = Payment.objects.filter(**thing, status=Status.PENDING)
    unanswered = Q(session_id=None, created_at__lt=now - UNANSWERED)  # whose address nobody knows
    for stale in pending.filter(unanswered | ~Q(is_live=settings.STRIPE_LIVE)):
        _move(stale, Status.EXPIRED)
    found = pending.first()
    if found:
        return found
    return Payment.objects.create(
        owner=owner, **bought, is_live=settings.STRIPE_LIVE, expires_at=now + SESSION_LIVES,
        look_at=now + timedelta(minutes=1), return_to=return_to, email=owner.email or "", language=languages.current(),
    )  # fmt: skip


def _locked(job: Job) -> Job | None:
    """The job, if it waits for money. A guest who signs in just now is waited for, and then it has another owner."""
    owner_id = Job.objects.filter(pk=job.pk).values_list("owner", flat=True).first()
    if owner_id is None:
        return None
    User.objects.select_for_update(no_key=True).filter(pk=owner_id).first()
    waiting = Job.objects.select_for_update().filter(pk=job.pk, owner=owner_id, status=Job.Status.UNPAID)
    return waiting.first()


def _locked_canvas(order: CanvasOrder) -> CanvasOrder | None:
    owner_id = CanvasOrder.objects.filter(pk=order.pk).values_list("owner", flat=True).first()
    if owner_id is None:
        return None
    User.objects.select_for_update(no_key=True).filter(pk=owner_id).first()
    placed = CanvasOrder.objects.filter(pk=order.pk, owner=owner_id, status=CanvasOrder.Status.PLACED)
    return placed.select_for_update().first()


def _with_session(payment: Payment) -> Payment:
    """Ask Stripe for the session outside of any transaction; two who ask at once are given the same."""
    try:
        told = _opened(purchases.of(payment))
    except stripe_api.Refused as refusal:
        log.error("payment %s: Stripe opens no session: %s", payment.key, refusal)
        _move(payment, Status.FAILED, trouble=f"Stripe: {refusal}")
        raise
    known = {"session_id": told.id, "session_url": told.url, "intent_id": told.intent_id}
    Payment.objects.filter(pk=payment.pk, session_id=None).update(**known)
    payment.refresh_from_db()
    return payment


def _opened(purchase: stripe_api.Purchase) -> stripe_api.Session:
    for _try in range(BUSY_TRIES):
        try:
            return stripe_api.open_session(purchase)
        except stripe_api.Busy:
            time.sleep(BUSY_S)
    return stripe_api.open_session(purchase)


def _of(told: stripe_api.Session) -> Payment | None:
    """A session's payment by our own key, whether or not the answer that named the session ever reached us."""
    payment = Payment.objects.filter(key=told.payment_key).first() if told.payment_key else None
    if payment is None:
        return None
    Payment.objects.filter(pk=payment.pk, session_id=None).update(session_id=told.id, session_url=told.url)
    return _apply(payment, told)


def _apply(payment: Payment, told: stripe_api.Session) -> Payment:
    trail.bind(payment.job_key)
    _compare(payment, told)
    if told.is_paid:
        _pay(payment, told)
    elif told.is_on_its_way:
        Payment.objects.filter(pk=payment.pk).update(is_on_its_way=True, email=told.email or payment.email)
    elif told.status == "expired":
        _move(payment, Status.EXPIRED)
    elif told.status == "complete":
        _move(payment, Status.FAILED, is_on_its_way=False)
    payment.refresh_from_db()
    return payment


def _compare(payment: Payment, told: stripe_api.Session) -> None:
    ours = (payment.key, payment.amount_minor, payment.currency, payment.is_live)
    theirs = (told.payment_key, told.amount_minor, told.currency, told.is_live)
    if ours == theirs:
        return
    trouble = f"Stripe's session {told.id} is for {theirs}, ours for {ours}"
    Payment.objects.filter(pk=payment.pk).update(trouble=trouble)
    log.critical("payment %s: %s; nothing is done with it", payment.key, trouble)
    raise Mismatch(trouble)


@transaction.atomic
def _pay(payment: Payment, told: stripe_api.Session) -> None:
    """Of any number of calls at once, one begins what was bought; what does not wait for money is not touched.

    The payment is written once: a row that is written twice in a transaction makes Postgres look whether its owner is
    still there, and wait for a guest who is just signing in, and who waits for the job.
    """
    bought = _locked_thing(payment)
    if not Payment.objects.select_for_update().filter(pk=payment.pk, status__in=UNPAID):
        return
    if isinstance(bought, CanvasOrder):
        begun = orders.paid(bought, told.ship_to, told.email or payment.email)
    else:
        begun = bought is not None and jobs.release(bought)
    _move(
        payment, Status.PAID, source=UNPAID, paid_at=timezone.now(), intent_id=told.intent_id,
        email=told.email or payment.email, is_on_its_way=False, is_fulfilled=begun,
    )  # fmt: skip
    if not begun:
        log.warning("payment %s: paid, but %s does not wait for it: refunded", payment.key, payment.bought)
        return
    log.info("payment %s: paid, %s is begun", payment.key, payment.bought)
    if payment.job_key:
        transaction.on_commit(dispatch.wake)


def _locked_thing(payment: Payment) -> Job | CanvasOrder | None:
    """What it is for; None: it was deleted."""
    if payment.order_id:
        return CanvasOrder.objects.select_for_update().filter(pk=payment.order_id).first()
    return Job.objects.select_for_update().filter(pk=payment.job_id).first() if payment.job_id else None


def _expire(payment: Payment, **changes: Any) -> Payment:
    _move(payment, Status.EXPIRED, **changes)
    payment.refresh_from_db()
    return payment


def _move(payment: Payment, to: str, *, source: Collection[str] | None = None, **changes: Any) -> bool:
    """The one place where a status changes. False: somebody else was first, or it would go backwards."""
    allowed = MOVES[to] if source is None else MOVES[to] & set(source)
    return Payment.objects.filter(pk=payment.pk, status__in=allowed).update(status=to, **changes) == 1
