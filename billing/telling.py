"""THE DESK: what whoever pays is told of their money, the same on every page and in every mail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import dues
from billing.models import CanvasOrder, Payment, Refund
from stylize import tiers, wording
from stylize.models import Job

Reason = Refund.Reason
CAPTURED: Final = (Payment.Status.PAID, Payment.Status.DISPUTED)


@dataclass(frozen=True)
class Back:
    """Money that goes back: a refund, or what the next round of the house writes down as one."""

    amount_minor: int
    currency: str
    status: str
    reason: str
    note: str = ""
    ended_at: datetime | None = None
    is_for_canvas: bool = False

    @property
    def amount(self) -> str:
        return wording.money(self.amount_minor, self.currency)

    @property
    def why(self) -> str:
        """Where a refund was made is our business alone."""
        of_canvas = {
            Reason.FAILED: _("Your canvas could not be made."),
            Reason.CANCELLED: _("It was cancelled before it was made."),
            Reason.LATE: _("The money came when the order was not waiting for it any more."),
        }
        reason = Reason.STAFF if self.reason == Reason.OUTSIDE else Reason(self.reason)
        return of_canvas[reason] if self.is_for_canvas and reason in of_canvas else str(reason.label)


@dataclass(frozen=True)
class Told:
    """A payment as its owner sees it."""

    payment: Payment
    backs: list[Back]

    @property
    def amount(self) -> str:
        return wording.money(self.payment.amount_minor, self.payment.currency)

    @property
    def rest(self) -> str:
        """What stays paid once all that goes back has gone."""
        backs = sum(back.amount_minor for back in self.backs if back.status != Refund.Status.FAILED)
        return wording.money(self.payment.amount_minor - backs, self.payment.currency)

    @property
    def is_captured(self) -> bool:
        return self.payment.status in CAPTURED

    @property
    def tier(self) -> tiers.Tier:
        """Of a painting."""
        return tiers.named(self.payment.tier)

    @property
    def canvas(self) -> str:
        """What was bought, where it is one."""
        return self.payment.canvas_title if self.payment.is_for_canvas else ""

    @property
    def state(self) -> str:
        """In a few words; what has gone back is told beside it."""
        payment = self.payment
        if payment.status == Payment.Status.PENDING:
            return _("on its way") if payment.is_on_its_way else _("not paid yet")
        if payment.status == Payment.Status.DISPUTED:
            return _("disputed: your bank has taken it back")
        return _("failed, nothing was charged") if payment.status == Payment.Status.FAILED else _("paid")


@dataclass(frozen=True)
class Ending:
    """What would come back of a painting's price if its owner ended it now."""

    now: str
    is_begun: bool  # while it is not, all of the price comes back
    steps: list[tuple[int, str]]  # what would come back from so many iterations on


@dataclass(frozen=True)
class Money:
    """All that a job's page tells of its money."""

    price: str
    paid: list[Told]  # mostly one
    last: Payment | None
    ending: Ending | None  # None: nobody has paid for it, or it has ended
    is_lost: bool  # it was paid for and delivered, and is missing; nothing has come back yet

    @property
    def is_on_its_way(self) -> bool:
        return bool(self.last and self.last.status == Payment.Status.PENDING and self.last.is_on_its_way)

    @property
    def has_failed(self) -> bool:
        return bool(self.last and self.last.status == Payment.Status.FAILED)

    @property
    def has_expired(self) -> bool:
        return bool(self.last and self.last.status == Payment.Status.EXPIRED)


def of_canvas(order: CanvasOrder) -> list[Told]:
    """What was paid for it, and what has gone back; `order` has come `with_story()`."""
    payments = [one for one in order.payments.all() if one.status in CAPTURED and one.is_live == settings.STRIPE_LIVE]
    for payment in payments:
        payment.order = order
    return [told(payment) for payment in payments]


def of_job(job: Job, iteration: int = 0) -> Money:
    """`iteration` is what the kiln told of last."""
    payments = list(job.payments.of_this_mode().prefetch_related("refunds").order_by("id"))
    for payment in payments:
        payment.job = job  # as the page has read it
    paid = [told(payment) for payment in payments if payment.status in CAPTURED]
    bought = next((one.payment for one in paid if one.payment.is_fulfilled), None)
    return Money(
        price=wording.money(job.amount_minor, job.currency), paid=paid, last=payments[-1] if payments else None,
        ending=_ending(bought, job, iteration) if bought and job.is_unfinished else None,
        is_lost=dues.is_lost(job) and any(not one.backs for one in paid),
    )  # fmt: skip


def told(payment: Payment) -> Told:
    """`payment` has come `with_refunds()`."""
    backs = [back(refund, payment) for refund in payment.refunds.all() if not is_moot(refund, payment)]
    coming = _coming(payment)
    return Told(payment, [*backs, coming] if coming else backs)


def back(refund: Refund, payment: Payment) -> Back:
    told = (refund.amount_minor, payment.currency, refund.status)
    return Back(*told, refund.reason, refund.note, refund.ended_at, payment.is_for_canvas)


def is_moot(refund: Refund, payment: Payment) -> bool:
    """It was never sent, because the same money was given back by hand: told, it would only alarm."""
    by_hand = any(other.reason == Refund.Reason.OUTSIDE for other in payment.refunds.all())
    return refund.status == Refund.Status.FAILED and refund.stripe_id is None and by_hand


def _coming(payment: Payment) -> Back | None:
    """What is due and not written down yet: the house looks every few seconds."""
    due = _due_of_canvas(payment) if payment.is_for_canvas else _due_of_job(payment)
    missing = due.amount_minor - payment.refunded_minor if due else 0
    if due is None or missing <= 0:
        return None
    return Back(missing, payment.currency, Refund.Status.REQUESTED, due.reason, is_for_canvas=payment.is_for_canvas)


def _due_of_canvas(payment: Payment) -> dues.Due | None:
    is_open = payment.status == Payment.Status.PAID and payment.settled_at is None
    return dues.due_of_canvas(payment, payment.order) if is_open else None


def _due_of_job(payment: Payment) -> dues.Due | None:
    job = payment.job
    ended_since = job and job.finished_at and payment.settled_at and payment.settled_at < job.finished_at
    is_open = payment.status == Payment.Status.PAID and (payment.settled_at is None or ended_since)
    has_ended = not payment.is_fulfilled or (job is not None and job.status in dues.ENDED)
    return dues.due(payment, job, timezone.now()) if is_open and has_ended else None


def _ending(payment: Payment, job: Job, iteration: int) -> Ending:
    """As `jobs.cancel` reckons it, at every iteration."""
    steps: list[tuple[int, str]] = []
    for done in range(job.begun, job.iterations + 1):
        left = wording.money(dues.left_minor(payment, job, done), payment.currency)
        if not steps or steps[-1][1] != left:
            steps.append((done, left))
    brought_to = max(job.begun + job.checkpoint_at, iteration)
    now = next((left for first, left in reversed(steps) if first <= brought_to), steps[0][1])
    return Ending(now, job.fence > 0, steps)
