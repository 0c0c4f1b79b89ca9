"""THE DESK: somebody's bank takes a payment of the practice till back, and a quarrel decides."""

from typing import Final

from billing.till import charges, events, trouble
from billing.till.books import Books, Object
from billing.till.refusal import Refusal

ANSWER_S: Final = 7 * 24 * 3600


def begin(books: Books, intent_id: str) -> Object:
    charge = charges.charge_of(books, books.get("payment_intent", intent_id)["id"])
    if charge is None or charge["disputed"]:
        raise Refusal("Only a payment whose money came in can be disputed, and only once.", status=409)
    dispute = books.new("dispute", {
        "amount": charge["amount"], "balance_transactions": [], "charge": charge["id"], "currency": charge["currency"],
        "evidence": {}, "evidence_details": {
            "due_by": trouble.clock() + ANSWER_S, "has_evidence": False, "past_due": False, "submission_count": 0,
        },
        "is_charge_refundable": False, "metadata": {}, "payment_intent": intent_id, "reason": "fraudulent",
        "status": "needs_response",
    })  # fmt: skip
    books.save(charge | {"disputed": True})
    for what in ("created", "funds_withdrawn"):
        events.say(books, f"charge.dispute.{what}", dispute)
    return dispute


def end(books: Books, intent_id: str, status: str) -> Object:
    """won: the money is ours again; lost: it is gone."""
    dispute = books.save(_running(books, intent_id) | {"status": status})
    events.say(books, "charge.dispute.closed", dispute)
    if status == "won":
        events.say(books, "charge.dispute.funds_reinstated", dispute)
    return dispute


def forbid_refunds(books: Books, charge: Object) -> bool:
    return any(dispute["status"] != "won" for dispute in books.of_intent("dispute", charge["payment_intent"]))


def _running(books: Books, intent_id: str) -> Object:
    for dispute in books.of_intent("dispute", intent_id):
        if dispute["status"] == "needs_response":
            return dispute
    raise Refusal("No dispute about this payment is open.", status=409)
