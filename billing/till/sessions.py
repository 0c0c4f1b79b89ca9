"""THE DESK: the life of a checkout session at the practice till: open, then complete or expired, never back."""

from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings

from billing.till import charges, events, trouble
from billing.till.books import Books, Object
from billing.till.refusal import Refusal

ADDRESS: Final = ("line1", "line2", "city", "state", "postal_code", "country")
KIND: Final = "checkout.session"


@dataclass(frozen=True)
class Visitor:
    """What somebody typed in on the pay page."""

    email: str
    name: str = ""
    address: dict[str, str] = field(default_factory=dict)
    phone: str = ""


def open_one(books: Books, asked: Object, items: list[Object]) -> Object:
    """`asked` has been checked, billing/till/orders.py made the items of it."""
    total = sum(item["amount_total"] for item in items)
    email, made_at = asked.get("customer_email"), trouble.clock()
    session = books.new(KIND, {
        "_intent_data": asked.get("payment_intent_data", {}), "_items": items, "adaptive_pricing": {"enabled": False},
        "after_expiration": None, "allow_promotion_codes": None, "amount_subtotal": total, "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": asked.get("billing_address_collection"), "cancel_url": asked.get("cancel_url"),
        "client_reference_id": asked.get("client_reference_id"), "client_secret": None, "collected_information": None,
        "consent": None, "consent_collection": None, "created": made_at, "currency": items[0]["currency"],
        "currency_conversion": None, "custom_fields": [], "custom_text": asked.get("custom_text", {}),
        "customer": None, "customer_creation": "if_required",
        "customer_details": _details(Visitor(email)) if email else None, "customer_email": email, "discounts": [],
        "expires_at": asked.get("expires_at", made_at + 24 * 3600), "invoice": None, "locale": asked.get("locale"),
        "metadata": asked.get("metadata", {}), "mode": "payment", "payment_intent": None, "payment_link": None,
        "payment_method_collection": "if_required", "payment_method_options": {},
        "payment_method_types": asked.get("payment_method_types", ["card"]), "payment_status": "unpaid",
        "phone_number_collection": asked.get("phone_number_collection", {"enabled": False}),
        "recovered_from": None, "setup_intent": None,
        "shipping_address_collection": asked.get("shipping_address_collection"), "shipping_cost": None,
        "shipping_options": [], "status": "open", "submit_type": asked.get("submit_type"), "subscription": None,
        "success_url": asked["success_url"], "ui_mode": "hosted_page", "url": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    })  # fmt: skip
    return books.save(session | {"url": f"{settings.STRIPE_API_URL}/pay/{session['id']}"})


def expire(books: Books, name: str) -> Object:
    session = books.get(KIND, name)
    if session["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session['status']}."
        )
    return _expire(books, session)


def expire_due(books: Books) -> None:
    """End those whose time is over; nobody has to ask for it."""
    due = "json_extract(body, '$.status') = 'open' AND json_extract(body, '$.expires_at') <= ?"
    for session in books.all(KIND, due, trouble.clock()):
        _expire(books, session)


def pay(books: Books, name: str, visitor: Visitor) -> Object:
    session = _open(books, name)
    intent = charges.intent_of(books, session) | {"shipping": _shipping(session, visitor)}
    intent = charges.succeed(books, intent, _details(visitor))
    return _complete(books, session, intent, visitor, "paid")


def decline(books: Books, name: str) -> Object:
    """The card is refused; the session stays open, so that its visitor can try another."""
    session = _open(books, name)
    intent = charges.fail(books, charges.intent_of(books, session))
    return books.save(session | {"payment_intent": intent["id"]})


def pay_later(books: Books, name: str, visitor: Visitor) -> Object:
    """Complete, and not paid yet: as with a transfer that takes days."""
    session = _open(books, name)
    intent = charges.intent_of(books, session) | {"shipping": _shipping(session, visitor)}
    return _complete(books, session, charges.wait(books, intent), visitor, "unpaid")


def arrive(books: Books, name: str) -> Object:
    session, intent = _awaited(books, name)
    charges.succeed(books, intent, session["customer_details"])
    return _told(books, "async_payment_succeeded", session | {"payment_status": "paid"})


def fail(books: Books, name: str) -> Object:
    session, intent = _awaited(books, name)
    charges.fail(books, intent)
    return _told(books, "async_payment_failed", session)


# Within --------------------------------------------------------------------------------------------------------------


def _open(books: Books, name: str) -> Object:
    session = books.get(KIND, name)
    if session["status"] != "open":
        raise Refusal(f"This Checkout Session has a status of {session['status']}.", status=409)
    return session


def _awaited(books: Books, name: str) -> tuple[Object, Object]:
    session = books.get(KIND, name)
    intent = charges.intent_of(books, session)
    if intent["status"] != "processing":
        raise Refusal("No money is on its way for this Checkout Session.", status=409)
    return session, intent


def _complete(books: Books, session: Object, intent: Object, visitor: Visitor, payment_status: str) -> Object:
    shipping = _shipping(session, visitor)
    collected = {"business_name": None, "individual_name": None, "shipping_details": shipping}
    return _told(books, "completed", session | {
        "collected_information": collected, "customer_details": _details(visitor), "payment_intent": intent["id"],
        "payment_status": payment_status, "status": "complete", "url": None,
    })  # fmt: skip


def _expire(books: Books, session: Object) -> Object:
    return _told(books, "expired", session | {"status": "expired", "url": None})


def _told(books: Books, what: str, session: Object) -> Object:
    events.say(books, f"{KIND}.{what}", books.save(session))
    return session


def _details(visitor: Visitor) -> Object:
    return {
        "address": _address(visitor) if visitor.address else None, "business_name": None, "email": visitor.email,
        "individual_name": None, "name": visitor.name or None, "phone": visitor.phone or None,
        "tax_exempt": "none", "tax_ids": [],
    }  # fmt: skip


def _shipping(session: Object, visitor: Visitor) -> Object | None:
    if not session["shipping_address_collection"]:
        return None
    return {"address": _address(visitor), "name": visitor.name}


def _address(visitor: Visitor) -> dict[str, Any]:
    return {part: visitor.address.get(part) or None for part in ADDRESS}
