"""THE DESK: mail about canvases: one for each move. Receipts and refunds have their own.

As billing/notices.py: marked after it was sent, by whoever holds its lock.
"""

import logging
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import telling
from billing.models import CanvasEvent, CanvasOrder
from people import languages, letters, outbox

log = logging.getLogger(__name__)
Status = CanvasOrder.Status

AT_ONCE: Final = 50


@dataclass(frozen=True)
class Words:
    subject: str
    heading: str
    paragraphs: list[str]
    label: str = ""  # of a button
    url: str = ""


def send_due() -> int:
    """Write to everybody who was not written to yet; how many mails were sent."""
    sent = 0
    try:
        for event in _untold()[:AT_ONCE]:
            sent += _tell(event)
    except letters.AWAY as trouble:
        log.warning("mail about canvases has to wait, it is tried again: %s", trouble)
    return sent


def words(event: CanvasEvent) -> Words | None:
    """What is written about a move, in the language in force; None: nothing, because nothing was paid."""
    order = event.order
    page = settings.SITE_URL + reverse("billing:canvas", args=[order.key])
    bought = [told for told in telling.of_canvas(order) if told.payment.is_fulfilled]
    back = next((back.amount for told in bought for back in told.backs), "")
    told = {
        Status.READY: _ready, Status.PRODUCTION: _production, Status.SHIPPED: _shipped, Status.DELIVERED: _delivered,
        Status.CANCELLED: _cancelled, Status.FAILED: _failed,
    }[Status(event.status)](order, back)  # fmt: skip
    if told is None:
        return None
    subject, *paragraphs = told
    notes = [event.note] if event.note else []
    is_tracked = event.status == Status.SHIPPED and order.tracking_url
    label, url = (_("Where it is now"), order.tracking_url) if is_tracked else (_("Look at your order"), page)
    return Words(f"{subject} · Ostagram", subject, [*paragraphs, *notes], label, url)


Told = tuple[str, ...] | None  # the subject, and paragraphs


def _ready(order: CanvasOrder, back: str) -> Told:
    return (
        _("Your canvas is painted"),
        _("Your picture is painted at print size, %(size)s, and its file has stood every check.")
        % {"size": order.title},
        _("Next it is printed and stretched. Until that begins you can still cancel, free of charge."),
    )


def _production(order: CanvasOrder, back: str) -> Told:
    return (
        _("Your canvas is being made"),
        _("It is printed, dried and stretched now. From here on it cannot be cancelled any more."),
        _("Another mail tells you when it is on its way."),
    )


def _shipped(order: CanvasOrder, back: str) -> Told:
    tracking = _("Its tracking number is %(number)s.") % {"number": order.tracking}
    goes_to = _("It goes to: %(address)s.") % {"address": ", ".join([order.ship_name, *order.ship_lines])}
    return (_("Your canvas is on its way"), goes_to, *([tracking] if order.tracking else []))


def _delivered(order: CanvasOrder, back: str) -> Told:
    return (
        _("Your canvas has arrived"),
        _("We hope that it looks well on your wall. Is anything wrong with it? Write to us, and we make it good."),
    )


def _cancelled(order: CanvasOrder, back: str) -> Told:
    if not back:
        return None
    return (
        _("Your canvas is cancelled"),
        _("It is not made. All that you have paid, %(amount)s, goes back to you by itself.") % {"amount": back},
    )


def _failed(order: CanvasOrder, back: str) -> Told:
    money = _("All that you have paid, %(amount)s, goes back to you by itself.") % {"amount": back} if back else ""
    return (
        _("Your canvas could not be made"),
        _("We are sorry: something went wrong on our side, and this canvas will not be made."),
        *([money] if money else []),
    )


# Within ---------------------------------------------------------------------------------------------------------------


def _untold() -> QuerySet[CanvasEvent]:
    untold = CanvasEvent.objects.filter(told_at=None).select_related("order__owner", "order__picture")
    return untold.prefetch_related("order__payments__refunds").order_by("id")


def _tell(event: CanvasEvent) -> bool:
    same = CanvasEvent.objects.filter(pk=event.pk, told_at=None)
    with outbox.alone(f"canvas:{event.pk}") as nobody_else:
        if not nobody_else or not same.exists():
            return False
        sent = _send(event)
        same.update(told_at=timezone.now())
    return sent


def _send(event: CanvasEvent) -> bool:
    """To the address given at the checkout. False: there is none, it takes no mail, or there is nothing to tell."""
    order = event.order
    to = order.email or (order.owner.email if order.owner else "")
    with languages.spoken(order.language):
        said = words(event)
        mail = _written(event, said, to) if said and to else None
    if mail is None:
        return False
    try:
        mail.send()
    except letters.REFUSED as refusal:
        log.error("canvas %s: the mail %s is not taken: %s", order.key, event.status, refusal)
        return False
    return True


def _written(event: CanvasEvent, said: Words, to: str) -> EmailMultiAlternatives:
    return letters.written("billing/mail/canvas", said.subject, {"said": said, "order": event.order}, to=to)
