"""THE DESK: mail about money: the receipt, what was given back, and what could not be. It cannot be switched off.

A mail is marked after it was sent, by whoever holds its lock: two that look at once send one, and whoever is killed in
between loses none, but may send it twice.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import telling
from billing.models import Payment, Refund
from people import claims, languages, letters

log = logging.getLogger(__name__)

AT_ONCE: Final = 50


def send_due() -> int:
    """Write to everybody who was not written to yet; how many mails were sent. Where the mail server is away, the
    next round tries again.
    """
    sent = 0
    try:
        for payment in _without_receipt()[:AT_ONCE]:
            sent += _receipt(payment)
        for refund in _untold()[:AT_ONCE]:
            sent += _refund(refund)
    except letters.AWAY as trouble:
        log.warning("mail about money has to wait, it is tried again: %s", trouble)
    return sent


def _without_receipt() -> QuerySet[Payment]:
    paid = Payment.objects.of_this_mode().filter(status=Payment.Status.PAID, receipt_sent_at=None)
    return paid.with_refunds().order_by("id")


def _untold() -> QuerySet[Refund]:
    """Those that have ended; of one that was done and came to nothing after all, refunds.py takes the mark off."""
    ended = Refund.objects.filter(told_at=None, ended_at__isnull=False, payment__in=Payment.objects.of_this_mode())
    return (
        ended.select_related("payment__owner", "payment__job", "payment__order")
        .prefetch_related("payment__refunds")
        .order_by("id")
    )


def _receipt(payment: Payment) -> bool:
    open_one = Payment.objects.filter(pk=payment.pk, receipt_sent_at=None)
    with _alone(f"receipt:{payment.key}") as nobody_else:
        if not nobody_else or not open_one.exists():
            return False
        sent = _send("receipt", payment, {"told": telling.told(payment), "claim": _claim_url(payment)})
        open_one.update(receipt_sent_at=timezone.now())
    return sent


def _refund(refund: Refund) -> bool:
    same = Refund.objects.filter(pk=refund.pk, status=refund.status, told_at=None)
    with _alone(f"refund:{refund.key}") as nobody_else:
        if not nobody_else or not same.exists():
            return False
        worth_it = not telling.is_moot(refund, refund.payment)
        name = "given_back" if refund.status == Refund.Status.DONE else "not_given_back"
        sent = worth_it and _send(name, refund.payment, {"back": telling.back(refund, refund.payment)})
        same.update(told_at=timezone.now())
    return sent


def _send(name: str, payment: Payment, facts: dict[str, Any]) -> bool:
    """To the address given at the checkout. False: there is none, or it takes no mail; that is for staff."""
    to = payment.email or (payment.owner.email if payment.owner else "")
    if not to:
        log.error("payment %s: nobody to write to", payment.key)
        return False
    with languages.spoken(payment.language):
        mail = _written(name, payment, facts, to)
    try:
        mail.send()
    except letters.REFUSED as refusal:
        log.error("payment %s: the mail %s is not taken: %s", payment.key, name, refusal)
        return False
    return True


def _written(name: str, payment: Payment, facts: dict[str, Any], to: str) -> EmailMultiAlternatives:
    site = settings.SITE_URL
    context = facts | {
        "payment": payment, "url": site + payment.page,
        "receipt": site + reverse("billing:receipt", args=[payment.key]), "operator": settings.OPERATOR_NAME,
        "contact": settings.CONTACT_EMAIL,
    }  # fmt: skip
    subject = {
        "receipt": _("Receipt · Ostagram"),
        "given_back": _("Your money goes back to you · Ostagram"),
        "not_given_back": _("Your money could not be given back · Ostagram"),
    }[name]
    return letters.written(f"billing/mail/{name}", subject, context, to=to)


def _claim_url(payment: Payment) -> str:
    """For a guest, whose pictures hang on a cookie."""
    if payment.owner is None or not payment.owner.is_guest:
        return ""
    return settings.SITE_URL + reverse("claim", args=[claims.token_of(payment.owner)])


@contextmanager
def _alone(mail: str) -> Iterator[bool]:
    """Whether nobody else is about to send this mail. The lock goes with its holder's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [mail])
        (got,) = cursor.fetchone() or (False,)
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [mail])
