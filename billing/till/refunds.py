"""THE DESK: money that the practice till gives back: never more than came in, and never under dispute."""

import secrets
from typing import Final

from billing.till import charges, disputes, events, orders, trouble
from billing.till.books import Books, Object
from billing.till.refusal import Refusal

FIRST_STATUS: Final = {"succeed": "succeeded", "pending": "pending", "fail": "pending"}


def create(books: Books, asked: Object) -> Object:
    if "payment_intent" not in asked:
        raise Refusal("Missing required param: payment_intent.", code="parameter_missing", param="payment_intent")
    orders.check_metadata(asked)
    intent = books.get("payment_intent", asked["payment_intent"], param="payment_intent")
    charge = charges.charge_of(books, intent["id"])
    if charge is None:
        raise Refusal(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
    left = charge["amount"] - charge["amount_refunded"]
    amount = asked.get("amount", left)
    _check(books, charge, amount, left)
    return _give_back(books, charge, amount, asked)


def settle(books: Books, name: str) -> Object:
    """A pending one arrives."""
    refund = books.get("refund", name)
    if refund["status"] != "pending":
        raise Refusal(f"This refund has a status of {refund['status']}.", status=409)
    return _told(books, "refund.updated", refund | {"status": "succeeded"})


def fail(books: Books, name: str) -> Object:
    """The bank sends it back, be it days after it succeeded: the money is ours again."""
    refund = books.get("refund", name)
    if refund["status"] not in ("pending", "succeeded"):
        raise Refusal(f"This refund has a status of {refund['status']}.", status=409)
    charge = books.get("charge", refund["charge"])
    books.save(charge | {"amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False})
    failed = refund | {"status": "failed", "failure_reason": "lost_or_stolen_card"}
    _told(books, "refund.updated", failed)
    return _told(books, "refund.failed", failed)


def _check(books: Books, charge: Object, amount: int, left: int) -> None:
    if disputes.forbid_refunds(books, charge):
        raise Refusal(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        raise Refusal(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount < 1:
        raise Refusal("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise Refusal(message, param="amount")


def _give_back(books: Books, charge: Object, amount: int, asked: Object) -> Object:
    plan = trouble.now().refunds
    refund = books.new("refund", {
        "amount": amount, "balance_transaction": f"txn_{secrets.token_hex(12)}", "charge": charge["id"],
        "currency": charge["currency"], "destination_details": {"type": "card"}, "metadata": asked.get("metadata", {}),
        "payment_intent": charge["payment_intent"], "reason": asked.get("reason"), "receipt_number": None,
        "source_transfer_reversal": None, "status": FIRST_STATUS[plan], "transfer_reversal": None,
    })  # fmt: skip
    total = charge["amount_refunded"] + amount
    charge = books.save(charge | {"amount_refunded": total, "refunded": total == charge["amount"]})
    events.say(books, "refund.created", refund)
    events.say(books, "charge.refunded", charge)
    return fail(books, refund["id"]) if plan == "fail" else refund


def _told(books: Books, name: str, refund: Object) -> Object:
    events.say(books, name, books.save(refund))
    return refund
