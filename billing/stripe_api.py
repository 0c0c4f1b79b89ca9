"""THE DESK: the only door to Stripe. Nothing here touches the database; no caller holds a transaction open.

What comes back are plain dataclasses; what goes wrong is one of three: nobody answers (Away), Stripe says no
(Refused), or a message is not Stripe's (Forged).
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

import stripe
from django.conf import settings

CALLS: Final = 4  # at once in a process: a Stripe that hangs must not hold all the web server's threads
QUEUE_S: Final = 1.0  # that the next one waits; longer only while Stripe is slow
_calls: Final = threading.BoundedSemaphore(CALLS)
Answer = TypeVar("Answer")


class Away(Exception):
    """No answer, or none that says anything: the same call may be made again."""


class Busy(Away):
    """The same call, with the same key, is just being answered to somebody else."""


class Refused(Exception):
    """Stripe says no, and would again; `code` is Stripe's word for why."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Forged(Exception):
    """Not signed by Stripe, too old, or no event at all."""


@dataclass(frozen=True)
class Address:
    """To whom a parcel goes, as typed in at the checkout."""

    name: str = ""
    phone: str = ""
    parts: dict[str, str] = field(default_factory=dict)  # line1, line2, postal_code, city, state, country


@dataclass(frozen=True)
class Session:
    """A checkout session, and what became of the money."""

    id: str
    status: str  # open, complete, expired
    is_paid: bool
    is_on_its_way: bool  # complete, and the bank has yet to send the money
    amount_minor: int
    currency: str  # upper case, as ours
    is_live: bool
    payment_key: str  # ours, from its metadata; empty: not made by this site
    intent_id: str | None
    email: str
    url: str = ""
    ship_to: Address | None = None  # None: it was not asked for, or not given yet


@dataclass(frozen=True)
class Refunded:
    """A refund as Stripe sees it."""

    id: str
    status: str  # pending, succeeded, failed, canceled, requires_action
    amount_minor: int
    intent_id: str
    refund_key: str  # ours; empty: made at Stripe by hand
    failure: str = ""

    @property
    def has_failed(self) -> bool:
        return self.status in ("failed", "canceled")


@dataclass(frozen=True)
class Dispute:
    id: str
    status: str  # needs_response, under_review, won, lost, prevented, warning_…
    intent_id: str

    @property
    def takes_money(self) -> bool:
        """An inquiry does not, nor does what was settled before it became a dispute."""
        return self.status != "prevented" and not self.status.startswith("warning_")


@dataclass(frozen=True)
class Event:
    id: str
    type: str
    is_live: bool
    object_id: str
    intent_id: str  # of a charge; else empty


@dataclass(frozen=True)
class Purchase:
    """What a session is opened for."""

    payment_key: str
    name: str
    description: str
    amount_minor: int
    currency: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    email: str = ""
    locale: str = "auto"
    ship_to: tuple[str, ...] = ()  # countries, as two letters; none: no address is asked for


def open_session(purchase: Purchase) -> Session:
    """Open a checkout session; the same purchase again gives the same session."""
    product: dict[str, Any] = {"name": purchase.name, "description": purchase.description}
    price = {
        "currency": purchase.currency.lower(), "unit_amount": purchase.amount_minor, "product_data": product,
    }  # fmt: skip
    metadata = {"payment": purchase.payment_key}
    params: dict[str, Any] = {
        "mode": "payment", "line_items": [{"price_data": price, "quantity": 1}], "metadata": metadata,
        "client_reference_id": purchase.payment_key, "payment_intent_data": {"metadata": metadata},
        "success_url": purchase.success_url, "cancel_url": purchase.cancel_url, "locale": purchase.locale,
        "expires_at": int(purchase.expires_at.timestamp()),
    }  # fmt: skip
    if purchase.email:
        params["customer_email"] = purchase.email
    if purchase.ship_to:
        params["shipping_address_collection"] = {"allowed_countries": list(purchase.ship_to)}
        params["phone_number_collection"] = {"enabled": True}  # couriers ring before they come
    options = {"idempotency_key": f"session-{purchase.payment_key}"}
    return _session(_ask(lambda client: client.v1.checkout.sessions.create(params, options)))  # type: ignore[arg-type]


def session(session_id: str) -> Session:
    return _session(_ask(lambda client: client.v1.checkout.sessions.retrieve(session_id)))


def session_of(intent_id: str) -> Session | None:
    """The session whose visitor paid so; None: the money did not come through a session."""
    found = _ask(lambda client: client.v1.checkout.sessions.list({"payment_intent": intent_id, "limit": 1}))
    return _session(found.data[0]) if found.data else None


def close_session(session_id: str) -> Session:
    """Let nobody pay it any more. Raises Refused when somebody has."""
    return _session(_ask(lambda client: client.v1.checkout.sessions.expire(session_id)))


def refund(refund_key: str, intent_id: str, amount_minor: int) -> Refunded:
    """Give money back; the same key again is the same refund."""
    params: dict[str, Any] = {
        "payment_intent": intent_id, "amount": amount_minor, "metadata": {"refund": refund_key},
    }  # fmt: skip
    options = {"idempotency_key": f"refund-{refund_key}"}
    return _refunded(_ask(lambda client: client.v1.refunds.create(params, options)))  # type: ignore[arg-type]


def refunded(refund_id: str) -> Refunded:
    return _refunded(_ask(lambda client: client.v1.refunds.retrieve(refund_id)))


def refunds_of(intent_id: str) -> list[Refunded]:
    listed = _ask(lambda client: client.v1.refunds.list({"payment_intent": intent_id, "limit": 100}))
    return [_refunded(one) for one in listed.data]


def dispute(dispute_id: str) -> Dispute:
    return _dispute(_ask(lambda client: client.v1.disputes.retrieve(dispute_id)))


def sessions_since(since: datetime) -> Iterator[Session]:
    """Every session made since then, the newest first; for the reconciliation."""
    return map(_session, _every(lambda client, page: client.v1.checkout.sessions.list(page), since))


def refunds_since(since: datetime) -> Iterator[Refunded]:
    return map(_refunded, _every(lambda client, page: client.v1.refunds.list(page), since))


def disputes_since(since: datetime) -> Iterator[Dispute]:
    return map(_dispute, _every(lambda client, page: client.v1.disputes.list(page), since))


def event(payload: bytes, signature: str) -> Event:
    """What Stripe tells by webhook. Raises Forged."""
    if not settings.STRIPE_WEBHOOK_SECRET:
        raise Forged("no secret is set")
    try:
        told = stripe.Webhook.construct_event(payload, signature, settings.STRIPE_WEBHOOK_SECRET)
        about = told.data.object.to_dict()
        intent = about.get("payment_intent") if about.get("object") == "charge" else None
        return Event(told.id, told.type, bool(told.livemode), about["id"], _id_of(intent) or "")
    except (ValueError, stripe.StripeError, KeyError, AttributeError, TypeError) as error:
        raise Forged(str(error)) from error


# Within --------------------------------------------------------------------------------------------------------------


def _ask(call: Callable[[stripe.StripeClient], Answer]) -> Answer:
    with _line():
        try:
            return call(_client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_URL, settings.STRIPE_TIMEOUT_S))
        except (stripe.InvalidRequestError, stripe.IdempotencyError) as error:
            raise Refused(error.user_message or str(error), error.code or "") from error
        except stripe.StripeError as error:
            raise (Busy if error.http_status == 409 else Away)(str(error)) from error


@contextmanager
def _line() -> Iterator[None]:
    if not _calls.acquire(timeout=QUEUE_S):
        raise Away("too many calls wait for Stripe already")
    try:
        yield
    finally:
        _calls.release()


@lru_cache(maxsize=2)
def _client(key: str, api_url: str, timeout_s: float) -> stripe.StripeClient:
    http = stripe.RequestsClient(timeout=timeout_s)
    return stripe.StripeClient(
        key, stripe_version=settings.STRIPE_API_VERSION, base_addresses={"api": api_url}, http_client=http,
        max_network_retries=0,  # whoever asked tries again, with the same key
    )  # fmt: skip


def _every(ask: Callable[[stripe.StripeClient, Any], Any], since: datetime) -> Iterator[Any]:
    page: dict[str, Any] = {"created": {"gte": int(since.timestamp())}, "limit": 100}
    while True:
        found = _ask(lambda client: ask(client, page))  # noqa: B023 - called at once
        yield from found.data
        if not found.has_more:
            return
        page = page | {"starting_after": found.data[-1].id}


def _session(told: stripe.StripeObject) -> Session:
    seen = told.to_dict()
    intent_id = _id_of(seen.get("payment_intent"))
    is_paid = seen["payment_status"] == "paid"
    return Session(
        id=seen["id"], status=seen["status"], is_paid=is_paid,
        is_on_its_way=seen["status"] == "complete" and not is_paid and _is_coming(intent_id),
        amount_minor=seen["amount_total"], currency=(seen["currency"] or "").upper(), is_live=seen["livemode"],
        payment_key=(seen.get("metadata") or {}).get("payment", ""), intent_id=intent_id,
        email=(seen.get("customer_details") or {}).get("email") or "", url=seen.get("url") or "",
        ship_to=_address(seen),
    )  # fmt: skip


def _address(seen: dict[str, Any]) -> Address | None:
    given = (seen.get("collected_information") or {}).get("shipping_details")
    if not given:
        return None
    phone = (seen.get("customer_details") or {}).get("phone") or ""
    parts = {name: part for name, part in (given.get("address") or {}).items() if part}
    return Address(given.get("name") or "", phone, parts)


def _is_coming(intent_id: str | None) -> bool:
    """One that has arrived by now counts, too: the next look at its session sees it."""
    if intent_id is None:
        return False
    told = _ask(lambda client: client.v1.payment_intents.retrieve(intent_id))
    return told.status in ("processing", "succeeded")


def _refunded(told: stripe.StripeObject) -> Refunded:
    seen = told.to_dict()
    return Refunded(
        seen["id"], seen["status"], seen["amount"], _id_of(seen.get("payment_intent")) or "",
        (seen.get("metadata") or {}).get("refund", ""), seen.get("failure_reason") or "",
    )  # fmt: skip


def _dispute(told: stripe.StripeObject) -> Dispute:
    seen = told.to_dict()
    return Dispute(seen["id"], seen["status"], _id_of(seen.get("payment_intent")) or "")


def _id_of(named: Any) -> str | None:
    """Of an object that Stripe names by its id, or writes out."""
    return named if named is None or isinstance(named, str) else str(named["id"])
