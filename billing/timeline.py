"""THE DESK: a payment's life for the staff: what happened when, and who wanted it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from billing.models import Payment, Refund
from stylize import wording


@dataclass(frozen=True)
class Moment:
    at: datetime
    what: str
    note: str = ""  # in the words of whoever did it, or of Stripe
    by: str = ""
    is_bad: bool = False


def of(payment: Payment) -> list[Moment]:
    """The oldest first. `payment` has come `with_refunds()`."""
    moments = [*_own(payment)]
    for refund in payment.refunds.all():
        moments += _refund(refund, payment)
    return sorted(moments, key=lambda moment: moment.at)


def _own(payment: Payment) -> list[Moment]:
    moments = [Moment(payment.created_at, _("Opened: the visitor went to the checkout."))]
    if payment.paid_at and payment.is_fulfilled:
        begun = _("Paid: the canvas is begun.") if payment.is_for_canvas else _("Paid: the picture joined the line.")
        moments.append(Moment(payment.paid_at, begun))
    elif payment.paid_at:
        late = _("Paid, but what was bought did not wait for money any more.")
        moments.append(Moment(payment.paid_at, late, is_bad=True))
    if payment.receipt_sent_at:
        moments.append(Moment(payment.receipt_sent_at, _("The receipt was sent."), payment.email))
    if payment.lost_since:
        moments.append(Moment(payment.lost_since, _("The finished picture is missing in the storage."), is_bad=True))
    if payment.settled_at:
        moments.append(Moment(payment.settled_at, _("Settled: nothing more is due by itself.")))
    return moments


def _refund(refund: Refund, payment: Payment) -> list[Moment]:
    sum_ = {"sum": wording.money(refund.amount_minor, payment.currency)}
    reason = refund.get_reason_display()
    by = str(refund.by) if refund.by else ""
    note = f"{reason} {refund.note}".strip()
    moments = [Moment(refund.created_at, _("%(sum)s to be given back.") % sum_, note, by)]
    if refund.status == Refund.Status.DONE and refund.ended_at:
        moments.append(Moment(refund.ended_at, _("%(sum)s given back.") % sum_, refund.stripe_id or ""))
    if refund.status == Refund.Status.FAILED and refund.ended_at:
        moments.append(Moment(refund.ended_at, _("%(sum)s did not go back.") % sum_, refund.error, is_bad=True))
    return moments
