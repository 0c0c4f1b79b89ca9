"""THE DESK: the money at the practice till: payment intents, and the charges that bring it in."""

import secrets
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from billing.till import events
from billing.till.books import Books, Object

CARD: Final = {
    "brand": "visa", "country": "US", "exp_month": 12, "exp_year": 2040, "funding": "credit", "last4": "4242",
}  # fmt: skip
OUTCOME: Final = {"network_status": "approved_by_network", "risk_level": "normal", "seller_message": "Practice.",
                  "type": "authorized"}  # fmt: skip


def intent_of(books: Books, session: Object) -> Object:
    """The session's payment intent, made when its visitor tries to pay for the first time."""
    if session["payment_intent"]:
        return books.get("payment_intent", session["payment_intent"])
    data = session["_intent_data"]
    return books.new("payment_intent", {
        "amount": session["amount_total"], "amount_capturable": 0, "amount_received": 0, "canceled_at": None,
        "cancellation_reason": None, "capture_method": "automatic_async", "client_secret": secrets.token_hex(16),
        "confirmation_method": "automatic", "currency": session["currency"], "customer": None,
        "description": data.get("description"), "last_payment_error": None, "latest_charge": None,
        "metadata": data.get("metadata", {}), "next_action": None, "payment_method": None,
        "payment_method_types": session["payment_method_types"], "processing": None,
        "receipt_email": data.get("receipt_email"), "setup_future_usage": None, "shipping": None,
        "status": "requires_payment_method",
    })  # fmt: skip


def wait(books: Books, intent: Object) -> Object:
    """The bank has been asked, and takes its time."""
    waiting = books.save(intent | {"status": "processing", "payment_method": _method()})
    events.say(books, "payment_intent.processing", waiting)
    return waiting


def succeed(books: Books, intent: Object, details: Object) -> Object:
    """The money is here. `details`: whose it was."""
    charge = books.new("charge", {
        "amount": intent["amount"], "amount_captured": intent["amount"], "amount_refunded": 0,
        "balance_transaction": f"txn_{secrets.token_hex(12)}",
        "billing_details": {name: details.get(name) for name in ("address", "email", "name", "phone")},
        "captured": True, "currency": intent["currency"], "customer": None, "description": intent["description"],
        "disputed": False, "failure_code": None, "failure_message": None, "metadata": intent["metadata"],
        "outcome": OUTCOME, "paid": True, "payment_intent": intent["id"], "payment_method": _method(),
        "payment_method_details": {"card": CARD, "type": "card"}, "receipt_email": intent["receipt_email"],
        "receipt_number": None, "receipt_url": None, "refunded": False, "shipping": intent["shipping"],
        "status": "succeeded",
    })  # fmt: skip
    paid = books.save(intent | {
        "amount_received": intent["amount"], "last_payment_error": None, "latest_charge": charge["id"],
        "payment_method": charge["payment_method"], "status": "succeeded",
    })  # fmt: skip
    events.say(books, "charge.succeeded", charge)
    events.say(books, "payment_intent.succeeded", paid)
    return paid


def fail(books: Books, intent: Object) -> Object:
    with translation.override("en"):
        message = declined()
    error: dict[str, Any] = {"code": "card_declined", "decline_code": "generic_decline", "type": "card_error"}
    failed = books.save(intent | {
        "last_payment_error": error | {"message": message}, "status": "requires_payment_method",
    })  # fmt: skip
    events.say(books, "payment_intent.payment_failed", failed)
    return failed


def declined() -> str:
    return _("Your card was declined.")


def charge_of(books: Books, intent_id: str) -> Object | None:
    """The one that brought the money of this intent in."""
    found = books.of_intent("charge", intent_id)
    return found[0] if found else None


def _method() -> str:
    return f"pm_{secrets.token_hex(12)}"
