"""THE DESK: the life of a refund. No other module writes a refund's status, nor how much of a payment is given back.

A refund is written down first and sent afterwards, with a key of its own, until Stripe has answered. The sum of what
is asked for never passes what was paid: a compare-and-set, and a constraint behind it.
"""

import logging
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from billing import payments, stripe_api
from billing.models import Payment, Refund
from people.models import User
from stylize.materials import new_key

log = logging.getLogger(__name__)
Status = Refund.Status

AT_ONCE: Final = 50
RETRY: Final = timedelta(seconds=20)  # between two tries while Stripe is away
ASK_AGAIN: Final = timedelta(minutes=10)  # after a refund that Stripe takes its time over
KEYS_LIVE: Final = timedelta(hours=12)  # Stripe remembers idempotency keys for a day at least
MOVES: Final[dict[str, frozenset[str]]] = {  # to: from; a bank may send money back that was on its way
    Status.DONE: frozenset({Status.REQUESTED}),
    Status.FAILED: frozenset({Status.REQUESTED, Status.DONE}),
}


class TooMuch(Exception):
    """More than is left of the payment, or the payment is not one that can be given back."""


def ask(
    payment: Payment, amount_minor: int, reason: str, *, note: str = "", by: User | None = None, key: str = "",
    **changes: Any,
) -> Refund:  # fmt: skip
    """Write down that so much is to be given back; the next round of the house sends it. Raises TooMuch.

    `changes` of the payment are written with it: see payments._pay, why once.
    """
    with transaction.atomic():
        taken = Payment.objects.filter(
            pk=payment.pk, status=Payment.Status.PAID, refunded_minor__lte=F("amount_minor") - amount_minor
        )
        if amount_minor <= 0 or taken.update(refunded_minor=F("refunded_minor") + amount_minor, **changes) != 1:
            raise TooMuch(payment.key)
        made = Refund.objects.create(
            payment=payment, amount_minor=amount_minor, reason=reason, note=note, by=by, key=key or new_key()
        )
    log.info("payment %s: %d %s are to be given back: %s", payment.key, amount_minor, payment.currency, reason)
    return made


def ask_once(payment: Payment, amount_minor: int, key: str, *, note: str, by: User) -> Refund:
    """`ask` for a form of the staff's that brings the new refund's key: sent twice, it asks once. Raises TooMuch."""
    with transaction.atomic():
        Payment.objects.select_for_update().get(pk=payment.pk)
        asked = payment.refunds.filter(key=key).first()
        return asked or ask(payment, amount_minor, Refund.Reason.STAFF, note=note, by=by, key=key)


def send_due() -> int:
    """Send, or ask after, every refund that is due; how many have ended."""
    due = Refund.objects.unsent().filter(look_at__lte=timezone.now(), payment__in=Payment.objects.of_this_mode())
    return sum(send(refund) for refund in due.select_related("payment").order_by("look_at")[:AT_ONCE])


def send(refund: Refund) -> bool:
    """Send a refund, or ask what became of it; whether it has ended. Of two that send at once, one does.

    Raises stripe_api.Away, and then it is sent again later.
    """
    now = timezone.now()
    taken = Refund.objects.filter(pk=refund.pk, status=Status.REQUESTED, look_at=refund.look_at)
    if taken.update(look_at=now + RETRY) != 1:
        return False
    try:
        told = _told(refund)
    except stripe_api.Refused as refusal:
        mirror_all_of(refund.payment.intent_id)  # mostly because it was given back there by hand
        _fail(refund, f"Stripe: {refusal}")
        return True
    return _note(refund, told)


def mirror(refund_id: str) -> None:
    """Bring the ledger to what Stripe says of a refund, ours or made there by hand. Raises as payments.of_intent."""
    mirror_all_of(stripe_api.refunded(refund_id).intent_id)


def mirror_all_of(intent_id: str | None) -> None:
    """Those that failed come first: they make room in the sum for those that took their place."""
    if intent_id:
        for told in sorted(stripe_api.refunds_of(intent_id), key=lambda told: not told.has_failed):
            apply(told)


def apply(told: stripe_api.Refunded) -> Payment | None:
    """The payment that this refund belongs to; None: not of this site."""
    payment = payments.of_intent(told.intent_id)
    if payment is None:
        return None
    with transaction.atomic():
        locked = Payment.objects.select_for_update().get(pk=payment.pk)
        refund = _known(locked, told) or _written_down(locked, told)
        if refund:
            _note(refund, told)
    return payment


# Within --------------------------------------------------------------------------------------------------------------


def _told(refund: Refund) -> stripe_api.Refunded:
    if refund.stripe_id:
        return stripe_api.refunded(refund.stripe_id)
    assert refund.payment.intent_id, "what was paid has an intent"
    if refund.created_at < timezone.now() - KEYS_LIVE:
        sent = [one for one in stripe_api.refunds_of(refund.payment.intent_id) if one.refund_key == refund.key]
        if sent:
            return sent[0]
    return stripe_api.refund(refund.key, refund.payment.intent_id, refund.amount_minor)


def _note(refund: Refund, told: stripe_api.Refunded) -> bool:
    """Write down what Stripe says; whether the refund has ended."""
    Refund.objects.filter(pk=refund.pk, stripe_id=None).update(stripe_id=told.id)
    if told.has_failed:
        _fail(refund, f"Stripe: {told.failure or told.status}")
        return True
    if told.status == "succeeded":
        if _move(refund, Status.DONE, ended_at=timezone.now()):
            log.info("refund %s: done", refund.key)
        return True
    Refund.objects.filter(pk=refund.pk, status=Status.REQUESTED).update(look_at=timezone.now() + ASK_AGAIN)
    return False


@transaction.atomic
def _fail(refund: Refund, error: str) -> None:
    """It did not go through: the sum is free again, and somebody must look."""
    Payment.objects.select_for_update().get(pk=refund.payment_id)  # before its refund, as everywhere
    if not _move(refund, Status.FAILED, ended_at=timezone.now(), error=error, told_at=None):  # which is news
        return
    Payment.objects.filter(pk=refund.payment_id).update(
        refunded_minor=F("refunded_minor") - refund.amount_minor, trouble=f"Refund {refund.key}: {error}"
    )
    log.error("refund %s: did not go through: %s", refund.key, error)


def _known(payment: Payment, told: stripe_api.Refunded) -> Refund | None:
    by_id = payment.refunds.filter(stripe_id=told.id).first()
    return by_id or payment.refunds.filter(key=told.refund_key, stripe_id=None).first()


def _written_down(payment: Payment, told: stripe_api.Refunded) -> Refund | None:
    """A refund made at Stripe; ours that are not sent yet make room for it, because Stripe would refuse them."""
    if told.has_failed:
        return None
    room, changes = payment.kept_minor - told.amount_minor, {}
    for ours in payment.refunds.filter(status=Status.REQUESTED, stripe_id=None).order_by("-id"):
        if room >= 0:
            break
        error = "it was given back at Stripe meanwhile"
        if _move(ours, Status.FAILED, ended_at=timezone.now(), error=error):
            room, changes = room + ours.amount_minor, {"trouble": f"Refund {ours.key}: {error}"}
            log.error("refund %s: %s", ours.key, error)
    Payment.objects.filter(pk=payment.pk).update(refunded_minor=F("amount_minor") - room, **changes)
    log.warning("payment %s: %d given back at Stripe, written down", payment.key, told.amount_minor)
    return Refund.objects.create(
        payment=payment, amount_minor=told.amount_minor, reason=Refund.Reason.OUTSIDE, stripe_id=told.id
    )


def _move(refund: Refund, to: str, *, source: Collection[str] | None = None, **changes: Any) -> bool:
    """The one place where a status changes. False: somebody else was first."""
    allowed = MOVES[to] if source is None else MOVES[to] & set(source)
    return Refund.objects.filter(pk=refund.pk, status__in=allowed).update(status=to, **changes) == 1
