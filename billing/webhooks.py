"""THE DESK: Stripe's door. Nothing that an event says is believed: each only makes us look at the object it names.

200: done, or nothing for us. 400: not Stripe's. 503: Stripe must send it again, and does.
"""

import logging
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing import payments, refunds, stripe_api

log = logging.getLogger(__name__)

MOST_BYTES: Final = 256 * 1024  # an event has a few thousand


def _session(event: stripe_api.Event) -> None:
    payments.of_session(event.object_id)


def _refund(event: stripe_api.Event) -> None:
    refunds.mirror(event.object_id)


def _charge(event: stripe_api.Event) -> None:
    refunds.mirror_all_of(event.intent_id)


def _dispute(event: stripe_api.Event) -> None:
    payments.mirror_dispute(event.object_id)


HANDLERS: Final[dict[str, Callable[[stripe_api.Event], None]]] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "checkout.session.async_payment_failed": _session,
    "checkout.session.expired": _session,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.refunded": _charge,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.funds_reinstated": _dispute,
}
"""What docs/operations.md tells to switch on at Stripe."""


@csrf_exempt  # the signature is the proof
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    event = _signed(request)
    if event is None:
        return HttpResponse("This is no event of ours.", status=400, content_type="text/plain")
    handle = HANDLERS.get(event.type)
    if handle is None:
        return HttpResponse("Nothing to do.", content_type="text/plain")
    try:
        handle(event)
    except payments.Mismatch:
        log.error("event %s: not followed, because the sums differ", event.id)  # sent again it would differ again
    except stripe_api.Refused as refusal:
        log.error("event %s: Stripe does not know its object: %s", event.id, refusal)
    except stripe_api.Away as trouble:
        log.warning("event %s: Stripe cannot be asked just now: %s", event.id, trouble)
        return HttpResponse("Please send it again.", status=503, content_type="text/plain")
    return HttpResponse("Done.", content_type="text/plain")


def _signed(request: HttpRequest) -> stripe_api.Event | None:
    """The event, where it is Stripe's, and of the mode that our key is for."""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return None
    try:
        event = stripe_api.event(request.body, request.headers.get("Stripe-Signature", ""))
    except stripe_api.Forged as forgery:
        log.warning("a webhook that is not Stripe's: %s", forgery)
        return None
    if event.is_live is not settings.STRIPE_LIVE:
        log.error("event %s: of the other mode; look at the webhook's keys", event.id)
        return None
    return event
