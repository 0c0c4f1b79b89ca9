"""THE DESK: whether Stripe and the ledger say the same of one thing; if not, in words. Pure."""

from dataclasses import dataclass
from typing import Final

from billing.models import Payment, Refund
from billing.stripe_api import Dispute, Refunded, Session

CAPTURED: Final = frozenset({Payment.Status.PAID, Payment.Status.DISPUTED})
SENT_AS: Final = {  # Stripe's word for a refund: ours that go with it
    "succeeded": frozenset({Refund.Status.DONE}),
    "failed": frozenset({Refund.Status.FAILED}),
    "canceled": frozenset({Refund.Status.FAILED}),
}
STILL_GOING: Final = frozenset({Refund.Status.REQUESTED})


@dataclass(frozen=True)
class Verdict:
    words: str
    can_be_mended: bool = False  # by following Stripe; else only a person knows what is right


def session(told: Session, ours: Payment | None) -> Verdict | None:
    if ours is None:
        return Verdict(f"Stripe took {_sum(told)} for it, and it is unknown here") if told.is_paid else None
    if (told.amount_minor, told.currency) != (ours.amount_minor, ours.currency):
        return Verdict(f"{_sum(told)} at Stripe, {ours.amount_minor} {ours.currency} minor units here")
    if told.is_live is not ours.is_live:
        return Verdict("real money on one side, practice on the other")
    if ours.session_id not in (None, told.id):
        return Verdict(f"it has another session: {told.id}") if told.is_paid else None
    return _state(told, ours)


def refund(told: Refunded, ours: Refund | None) -> Verdict | None:
    if ours is None:
        return None if told.has_failed else Verdict(f"{told.amount_minor} given back at Stripe, unknown here", True)
    if told.intent_id != ours.payment.intent_id:
        return Verdict(f"it belongs to {told.intent_id} at Stripe, to {ours.payment.intent_id} here")
    if told.amount_minor != ours.amount_minor:
        return Verdict(f"{told.amount_minor} minor units at Stripe, {ours.amount_minor} here")
    if ours.status in SENT_AS.get(told.status, STILL_GOING) and ours.stripe_id:
        return None
    follows = ours.status == Refund.Status.REQUESTED or (ours.status == Refund.Status.DONE and told.has_failed)
    return Verdict(f"{told.status} at Stripe, {ours.status} here", follows)


def dispute(told: Dispute, ours: Payment) -> Verdict | None:
    """Of one that takes money; what is unpaid here is a difference of its session."""
    disputed = ours.status == Payment.Status.DISPUTED
    if told.status == "won" and disputed:
        return Verdict("the dispute is won at Stripe, open here", True)
    if told.status != "won" and ours.status == Payment.Status.PAID:
        return Verdict(f"disputed at Stripe ({told.status}), not here", True)
    return None


def _state(told: Session, ours: Payment) -> Verdict | None:
    if told.is_paid and ours.status not in CAPTURED:
        return Verdict(f"paid at Stripe, {ours.status} here", True)
    if told.is_paid:
        wrong = ours.intent_id != told.intent_id
        return Verdict(f"paid by {told.intent_id} at Stripe, by {ours.intent_id} here") if wrong else None
    if ours.status in CAPTURED:
        return Verdict(f"{ours.status} here, and not paid at Stripe: its session is {told.status}")
    if told.status == "open":
        is_over = ours.status != Payment.Status.PENDING
        return Verdict(f"can still be paid at Stripe, {ours.status} here", True) if is_over else None
    if ours.status != Payment.Status.PENDING:
        return None
    if told.is_on_its_way:
        return None if ours.is_on_its_way else Verdict("the money is on its way, which is unknown here", True)
    return Verdict(f"{told.status} without money at Stripe, still waited for here", True)


def _sum(told: Session) -> str:
    return f"{told.amount_minor} {told.currency} minor units"
