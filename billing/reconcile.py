"""THE DESK: our ledger beside Stripe's: every difference in words, and what can be mended by following Stripe.

Comparing changes nothing. What differs is looked at twice, because the site goes on selling meanwhile: a difference of
a moment ago may have been news on its way.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, TypeVar

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from billing import judging, payments, refunds, stripe_api
from billing.judging import CAPTURED, Verdict
from billing.models import Payment, Refund

AT_ONCE: Final = 500  # rows asked for by their keys
UNSENT: Final = timedelta(minutes=10)  # after which a refund that Stripe has not heard of is worth a word
Told = TypeVar("Told")


@dataclass(frozen=True)
class Difference:
    about: str
    words: str
    mend: Callable[[], object] | None = None  # None: only a person can

    def __str__(self) -> str:
        return f"{self.about}: {self.words}"


@dataclass
class Sums:
    """In minor units of one currency; without what was not sent to Stripe yet."""

    taken_here: int = 0
    taken_there: int = 0
    back_here: int = 0
    back_there: int = 0

    @property
    def agree(self) -> bool:
        return (self.taken_here, self.back_here) == (self.taken_there, self.back_there)


@dataclass
class Report:
    differences: list[Difference] = field(default_factory=list)
    sums: dict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))
    looked_at: int = 0

    @property
    def agrees(self) -> bool:
        return not self.differences and all(sums.agree for sums in self.sums.values())

    def add(self, about: str, verdict: Verdict | None, mend: Callable[[], object] | None = None) -> None:
        if verdict:
            self.differences.append(Difference(about, verdict.words, mend if verdict.can_be_mended else None))


def compare(since: datetime) -> Report:
    """Everything that was opened, given back or disputed since then. Raises stripe_api.Away and stripe_api.Refused."""
    report = Report()
    _sessions(report, since)
    _refunds(report, since)
    _disputes(report, since)
    _own_sums(report, since)
    return report


def mend(report: Report) -> list[str]:
    """Follow Stripe wherever that is right; what was tried, and how it went. Raises stripe_api.Away."""
    done = []
    for difference in report.differences:
        if difference.mend:
            try:
                difference.mend()
                done.append(f"mended: {difference}")
            except (stripe_api.Refused, payments.Mismatch) as trouble:
                done.append(f"not mended: {difference}: {trouble}")
    return done


# Sessions ------------------------------------------------------------------------------------------------------------


def _sessions(report: Report, since: datetime) -> None:
    seen = set()
    told_ones = (told for told in stripe_api.sessions_since(since - payments.SESSION_LIVES) if told.payment_key)
    for some in _bunches(told_ones):
        keys = [told.payment_key for told in some]
        known = {payment.key: payment for payment in Payment.objects.filter(key__in=keys)}
        for told in some:
            seen.add(told.payment_key)
            _session(report, told, known.get(told.payment_key))
    for payment in Payment.objects.of_this_mode().filter(created_at__gte=since).order_by("id").iterator():
        if payment.key not in seen:
            _untold(report, payment)


def _session(report: Report, told: stripe_api.Session, ours: Payment | None) -> None:
    verdict = judging.session(told, ours)
    if verdict and ours:
        ours.refresh_from_db()
        told = stripe_api.session(told.id)
        verdict = judging.session(told, ours)
    sums = report.sums[told.currency]
    sums.taken_there += told.amount_minor * told.is_paid
    _count_own(report, ours)
    report.add(f"payment {told.payment_key}", verdict, lambda: _follow(told.id))


def _untold(report: Report, ours: Payment) -> None:
    """Stripe's list does not have it: it is older, or made by another clock, or not there at all."""
    if not ours.session_id:
        _count_own(report, ours)
        report.add(f"payment {ours.key}", Verdict("paid here without a session") if ours.status in CAPTURED else None)
        return
    try:
        told = stripe_api.session(ours.session_id)
    except stripe_api.Refused as refusal:
        _count_own(report, ours)
        is_open = ours.status == Payment.Status.PENDING
        report.add(f"payment {ours.key}", Verdict(f"{ours.status} here; Stripe: {refusal}", is_open),
                   lambda: payments.fulfil(ours))  # fmt: skip
    else:
        _session(report, told, ours)


def _count_own(report: Report, ours: Payment | None) -> None:
    report.looked_at += 1
    if ours and ours.status in CAPTURED:
        report.sums[ours.currency].taken_here += ours.amount_minor


def _follow(session_id: str) -> None:
    """To Stripe's truth; and what has ended here can be paid there no longer."""
    payment = payments.of_session(session_id)
    if payment and payment.status in (Payment.Status.EXPIRED, Payment.Status.FAILED):
        payments.close(payment)


# Refunds -------------------------------------------------------------------------------------------------------------


def _refunds(report: Report, since: datetime) -> None:
    seen = set()
    for some in _bunches(stripe_api.refunds_since(since)):
        ids, keys = [told.id for told in some], [told.refund_key for told in some if told.refund_key]
        found = list(Refund.objects.filter(Q(stripe_id__in=ids) | Q(key__in=keys)).select_related("payment"))
        by_id = {refund.stripe_id: refund for refund in found if refund.stripe_id}
        by_key = {refund.key: refund for refund in found if not refund.stripe_id}
        for told in some:
            ours = by_id.get(told.id) or by_key.get(told.refund_key)
            seen.add(ours.pk if ours else None)
            _refund(report, told, ours)
    mine = Refund.objects.filter(created_at__gte=since, payment__in=Payment.objects.of_this_mode())
    for refund in mine.select_related("payment").order_by("id").iterator():
        if refund.pk not in seen:
            _unsent(report, refund)


def _refund(report: Report, told: stripe_api.Refunded, ours: Refund | None) -> None:
    payment = ours.payment if ours else _payment_of(told.intent_id)
    if payment is None:
        return  # of something else that uses the same account, or of a session that is told of as unknown
    verdict = judging.refund(told, ours)
    if verdict:
        same = Q(stripe_id=told.id) | Q(stripe_id=None, key=told.refund_key)
        ours = Refund.objects.filter(same).select_related("payment").first()
        told = stripe_api.refunded(told.id)
        verdict = judging.refund(told, ours)
    sums = report.sums[payment.currency]
    sums.back_there += told.amount_minor * (not told.has_failed)
    sums.back_here += ours.amount_minor * (ours.status != Refund.Status.FAILED) if ours else 0
    report.looked_at += 1
    report.add(f"refund {told.id} of payment {payment.key}", verdict, lambda: refunds.apply(told))


def _unsent(report: Report, ours: Refund) -> None:
    about = f"refund {ours.key} of payment {ours.payment.key}"
    if ours.stripe_id:
        try:
            _refund(report, stripe_api.refunded(ours.stripe_id), ours)
        except stripe_api.Refused as refusal:
            report.sums[ours.payment.currency].back_here += ours.amount_minor * (ours.status != Refund.Status.FAILED)
            report.add(about, Verdict(f"{ours.status} here; Stripe: {refusal}"))
    elif ours.status == Refund.Status.DONE:
        report.sums[ours.payment.currency].back_here += ours.amount_minor
        report.add(about, Verdict("done here, and Stripe was never asked"))
    elif ours.status == Refund.Status.REQUESTED and ours.created_at < timezone.now() - UNSENT:
        report.add(about, Verdict("asked for, and not sent to Stripe yet", True), lambda: refunds.send(ours))


# Disputes, and the ledger by itself ----------------------------------------------------------------------------------


def _disputes(report: Report, since: datetime) -> None:
    seen = set()
    for told in stripe_api.disputes_since(since):
        ours = _payment_of(told.intent_id) if told.takes_money else None
        if ours:
            seen.add(ours.pk)
            report.looked_at += 1
            report.add(f"payment {ours.key}", judging.dispute(told, ours), _following(told.id))
    disputed = Payment.objects.of_this_mode().filter(status=Payment.Status.DISPUTED, paid_at__gte=since)
    for payment in disputed.exclude(pk__in=seen):
        report.add(f"payment {payment.key}", Verdict("disputed here, and Stripe knows of no dispute"))


def _following(dispute_id: str) -> Callable[[], None]:
    return lambda: payments.mirror_dispute(dispute_id)


def _own_sums(report: Report, since: datetime) -> None:
    """What a payment says is given back of it, and what its refunds make together."""
    made = Coalesce(Sum("refunds__amount_minor", filter=~Q(refunds__status=Refund.Status.FAILED)), 0)
    mine = Payment.objects.of_this_mode().filter(paid_at__gte=since).annotate(made=made)
    for key, counted, total in mine.exclude(made=F("refunded_minor")).values_list("key", "refunded_minor", "made"):
        words = f"{counted} minor units given back by its own count, {total} by its refunds"
        report.add(f"payment {key}", Verdict(words))


def _payment_of(intent_id: str) -> Payment | None:
    """As payments.of_intent, and nothing is changed. None: not of this site."""
    known = Payment.objects.of_this_mode().filter(intent_id=intent_id).first() if intent_id else None
    told = stripe_api.session_of(intent_id) if intent_id and known is None else None
    return known or (Payment.objects.filter(key=told.payment_key).first() if told and told.payment_key else None)


def _bunches(some: Iterable[Told]) -> Iterator[list[Told]]:
    rest = iter(some)
    while bunch := list(islice(rest, AT_ONCE)):
        yield bunch
